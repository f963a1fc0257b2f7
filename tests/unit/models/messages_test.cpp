#include "vmsystem/models/type_ids.hpp"
#include "vmsystem/tests/unit/models/message_walk.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using block = caf::id_block::vmsystem;

template <class T>
struct type_tag {
  using type = T;
};

template <class Function, std::size_t... Is>
void for_each_type(Function function, std::index_sequence<Is...>) {
  (function(type_tag<typename caf::type_by_id<block::begin + Is>::type>{}),
   ...);
}

/// Calls `function` with a tag of every type that may be in a message, as the
/// id block lists them.
template <class Function>
void for_each_message_type(Function function) {
  for_each_type(function,
                std::make_index_sequence<block::end - block::begin>{});
}

template <class T>
std::vector<char> sent(T& message) {
  std::vector<char> bytes;
  caf::binary_serializer sink{nullptr, bytes};
  BOOST_TEST(!sink(message));
  return bytes;
}

struct nested_double {
  std::vector<execution_metrics> metrics;
  double ratio = 0;
};

struct outer_double {
  std::vector<nested_double> inner;
};

struct forgetful {
  uint32_t kept = 0;
  std::string forgotten;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, nested_double& x) {
  return f(x.metrics, x.ratio);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, outer_double& x) {
  return f(x.inner);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, forgetful& x) {
  return f(x.kept);
}

} // namespace

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(the_walker_finds_floating_numbers_and_hidden_members) {
  const std::vector<std::string> two_doubles{"double", "double"};
  BOOST_TEST(floating_leaves_of<outer_double>() == two_doubles);
  BOOST_TEST(types_with_hidden_members<forgetful>().size() == 1u);
  BOOST_TEST(types_with_hidden_members<outer_double>().empty());
  static_assert(member_count<forgetful>() == 2);
  static_assert(member_count<raw_id>() == 1);
  static_assert(member_count<execution>() == 18);
}

BOOST_AUTO_TEST_CASE(no_message_has_a_floating_number_in_it) {
  std::size_t types = 0;
  for_each_message_type([&](auto tag) {
    using type = typename decltype(tag)::type;
    ++types;
    BOOST_TEST_CONTEXT(caf::type_name<type>::value) {
      BOOST_TEST(floating_leaves_of<type>() == std::vector<std::string>{});
    }
  });
  BOOST_TEST(types == 42u);
}

BOOST_AUTO_TEST_CASE(no_member_of_a_message_stays_behind) {
  for_each_message_type([](auto tag) {
    using type = typename decltype(tag)::type;
    BOOST_TEST(types_with_hidden_members<type>() == std::vector<std::string>{});
  });
}

BOOST_AUTO_TEST_CASE(every_message_arrives_as_it_was_sent) {
  for_each_message_type([](auto tag) {
    using type = typename decltype(tag)::type;
    BOOST_TEST_CONTEXT(caf::type_name<type>::value) {
      auto message = filled<type>();
      type empty{};
      const auto before = leaves_of(message);
      BOOST_TEST(!before.empty());
      BOOST_TEST((before != leaves_of(empty)));
      const auto bytes = sent(message);
      type arrived{};
      caf::binary_deserializer source{nullptr, bytes};
      BOOST_TEST(!source(arrived));
      BOOST_TEST(source.remaining() == 0u);
      BOOST_TEST(leaves_of(arrived) == before,
                 boost::test_tools::per_element());
    }
  });
}

BOOST_AUTO_TEST_CASE(default_messages_arrive_as_they_were_sent) {
  for_each_message_type([](auto tag) {
    using type = typename decltype(tag)::type;
    BOOST_TEST_CONTEXT(caf::type_name<type>::value) {
      type message{};
      const auto bytes = sent(message);
      auto arrived = filled<type>();
      caf::binary_deserializer source{nullptr, bytes};
      BOOST_TEST(!source(arrived));
      BOOST_TEST(leaves_of(arrived) == leaves_of(message),
                 boost::test_tools::per_element());
    }
  });
}

BOOST_AUTO_TEST_CASE(a_message_that_was_cut_short_is_an_error) {
  for_each_message_type([](auto tag) {
    using type = typename decltype(tag)::type;
    BOOST_TEST_CONTEXT(caf::type_name<type>::value) {
      auto message = filled<type>();
      const auto bytes = sent(message);
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        type arrived{};
        caf::binary_deserializer source{nullptr, bytes.data(), size};
        BOOST_TEST_REQUIRE(static_cast<bool>(source(arrived)));
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(texts_in_messages_may_hold_any_bytes) {
  std::string all;
  for (int c = 0; c < 256; ++c)
    all += static_cast<char>(c);
  execution_request message;
  message.input = all;
  message.args.text = std::string(100000, '\0');
  const auto bytes = sent(message);
  execution_request arrived;
  caf::binary_deserializer source{nullptr, bytes};
  BOOST_TEST(!source(arrived));
  BOOST_TEST(arrived.input == all);
  BOOST_TEST((arrived.args == message.args));
}

BOOST_AUTO_TEST_SUITE_END()
