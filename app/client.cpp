#include "vmsystem/app/client.hpp"

#include "vmsystem/actors/http/unix_socket.hpp"

#include <httplib.h>

#include <chrono>
#include <utility>

#include <sys/socket.h>

namespace vmsystem {

namespace {

/// Longer than the longest execution and the longest wait for a session.
constexpr std::chrono::hours answer_timeout{3};
constexpr std::chrono::seconds connect_timeout{10};

/// Where the path of an URL begins; its end when it has none.
std::size_t path_begin(const std::string& url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string::npos ? 0 : scheme + 3;
  return std::min(url.find('/', host), url.size());
}

std::string base_path(const std::string& url) {
  auto path = url.substr(path_begin(url));
  while (!path.empty() && path.back() == '/')
    path.pop_back();
  return path;
}

request_error unexpected(const httplib::Response& response) {
  return {"UNEXPECTED_ANSWER",
          "status " + std::to_string(response.status)
            + " without a JSON document; is this a vm-system server?",
          {}};
}

bool is_success(const httplib::Response& response) {
  return response.status >= 200 && response.status < 300;
}

/// The error that a response has in its body.
request_error refusal_in(const httplib::Response& response) {
  const auto body = json_value::parse(response.body);
  const auto error = body ? body->field("error") : json_value{};
  if (!error.present())
    return unexpected(response);
  return {error.field("code").text(), error.field("message").text(),
          error.field("details")};
}

} // namespace

failure as_failure(const request_error& why) {
  return fail(error_code_of(why.code), why.message);
}

request_error as_request_error(const failure& why) {
  return {std::string{to_string_view(why.code)}, why.message, {}};
}

struct client::impl {
  explicit impl(const server_address& server)
    : url{server.url}, root{base_path(server.url)} {
    connect();
    if (!http)
      return;
    http->set_connection_timeout(connect_timeout);
    http->set_read_timeout(answer_timeout);
    // A server takes a long body no faster than it can use it.
    http->set_write_timeout(answer_timeout);
    http->set_keep_alive(true);
    http->set_tcp_nodelay(true);
    http->set_url_encode(false);
    if (!server.token.empty())
      http->set_bearer_token_auth(server.token);
  }

  void connect() {
    if (url.rfind(http::unix_prefix, 0) == 0)
      connect_to_socket(url.substr(http::unix_prefix.size()));
    else if (url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0)
      http = std::make_unique<httplib::Client>(url.substr(0, path_begin(url)));
  }

  void connect_to_socket(const std::string& path) {
    if (!http::check_socket_path(path))
      return;
    http = std::make_unique<httplib::Client>(path, 80);
    http->set_address_family(AF_UNIX);
    // Otherwise it is the path, which is no name of a host.
    http->set_default_headers({{"Host", "localhost"}});
    root.clear();
  }

  /// Sends a request with `send` and judges what comes back.
  template <class Send>
  answer<json_value> exchange(Send send, bool any_status = false) {
    if (!usable())
      return no_address();
    return take(send(*http), any_status);
  }

  [[nodiscard]] bool usable() const {
    return http && http->is_valid();
  }

  [[nodiscard]] request_error no_address() const {
    return {"UNREACHABLE",
            '"' + url + "\" is neither an http:// address nor unix:PATH",
            {}};
  }

  [[nodiscard]] answer<std::string> text_of(const std::string& path) const {
    if (!usable())
      return no_address();
    auto result = http->Get(root + path);
    if (!result)
      return unreachable(result.error());
    if (!is_success(*result))
      return refusal_in(*result);
    return std::move(result->body);
  }

  [[nodiscard]] std::string path_of(const std::string& path) const {
    return root + "/api/v1" + path;
  }

  answer<json_value> take(const httplib::Result& result, bool any_status) {
    if (!result)
      return unreachable(result.error());
    auto body = json_value::parse(result->body);
    if (!body)
      return unexpected(*result);
    if (any_status || is_success(*result))
      return *std::move(body);
    return refusal_in(*result);
  }

  request_error unreachable(httplib::Error error) const {
    if (error == httplib::Error::Connection)
      return {"UNREACHABLE",
              "no server answers at " + url
                + "; `vm-system serve` starts one, --server-url names another",
              {}};
    return {"UNREACHABLE",
            "the request to " + url + " failed: " + httplib::to_string(error),
            {}};
  }

  std::string url;
  /// The path of the server's root.
  std::string root;
  /// Null when the URL is not one of HTTP.
  std::unique_ptr<httplib::Client> http;
};

client::client(const server_address& server)
  : impl_{std::make_unique<impl>(server)} {}

client::~client() = default;

client::client(client&&) noexcept = default;

client& client::operator=(client&&) noexcept = default;

answer<json_value> client::get(const std::string& path) {
  return impl_->exchange(
    [&](auto& http) { return http.Get(impl_->path_of(path)); });
}

answer<json_value> client::post(const std::string& path,
                                const std::string& body) {
  return impl_->exchange([&](auto& http) {
    return http.Post(impl_->path_of(path), body, "application/json");
  });
}

answer<json_value>
client::upload(const std::string& path,
               const std::function<std::optional<std::string>()>& next) {
  const auto provide = [&](std::size_t, httplib::DataSink& sink) {
    const auto piece = next();
    if (!piece)
      return false;
    if (piece->empty())
      sink.done();
    else
      sink.write(piece->data(), piece->size());
    return true;
  };
  return impl_->exchange([&](auto& http) {
    return http.Post(impl_->path_of(path), httplib::Headers{}, provide,
                     "application/x-ndjson");
  });
}

answer<json_value> client::put(const std::string& path,
                               const std::string& body) {
  return impl_->exchange([&](auto& http) {
    return http.Put(impl_->path_of(path), body, "application/json");
  });
}

answer<json_value> client::remove(const std::string& path) {
  return impl_->exchange(
    [&](auto& http) { return http.Delete(impl_->path_of(path)); });
}

answer<json_value> client::get_any(const std::string& path) {
  return impl_->exchange(
    [&](auto& http) { return http.Get(impl_->path_of(path)); }, true);
}

answer<std::string> client::get_text(const std::string& path) {
  return impl_->text_of(path);
}

void client::set_patience(std::chrono::milliseconds longest) {
  if (!impl_->http)
    return;
  impl_->http->set_connection_timeout(longest);
  impl_->http->set_read_timeout(longest);
}

std::optional<std::string> stopped_execution(const request_error& error) {
  const auto id = error.details.field("execution_id");
  if (error.code != to_string_view(ec::output_limit_exceeded) || !id.present())
    return std::nullopt;
  return id.text();
}

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = (byte >= '0' && byte <= '9')
                       || (byte >= 'A' && byte <= 'Z')
                       || (byte >= 'a' && byte <= 'z') || byte == '-'
                       || byte == '.' || byte == '_' || byte == '~';
    if (plain) {
      result += character;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

} // namespace vmsystem
