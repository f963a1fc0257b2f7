#pragma once

#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/batch.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace vmsystem {

/// One request that makes a batch. Moves its input to the runtime piece by
/// piece, each one when the one before is stored. Answers with the batch when
/// all of it is stored; or, for an attached batch, with its results as they
/// come, while the client reads them and may still send jobs.
///
/// A client that leaves before all of its input came takes the batch with it;
/// one that leaves later leaves an attached batch behind.
class batch_intake final : public http_stream,
                           public std::enable_shared_from_this<batch_intake> {
public:
  /// Makes the batch whose jobs come in the pieces of the body of `x`.
  static void from_body(gateway_state& gateway, const http_exchange& x,
                        const batch_spec& spec);

  /// Makes a batch of these jobs: whole lines.
  static void from_text(gateway_state& gateway, const http_exchange& x,
                        const batch_spec& spec, std::string lines);

  batch_intake(gateway_state& gateway, const http_exchange& x,
               const batch_spec& spec);

  void on_piece(std::string piece, bool last) override;
  void on_broken_body(const http::read_failure& reason) override;
  void on_room() override;
  void on_failure(const failure& reason) override;
  void on_gone() override;

private:
  void create(const batch_spec& spec);
  void create(batch_spec spec, const token_grant& granted);
  void created(const batch& x);

  // -- in ---------------------------------------------------------------------

  void want_input();
  void add(std::string text, bool last);
  void added(const batch& x, bool last);
  void not_added(const failure& reason);

  // -- out --------------------------------------------------------------------

  void accept(const batch& x);
  void accept(const json_text& document);
  void take_results();
  void took(const batch_results& x);
  void begin();
  void send_summary();
  void fail_with(const http::read_failure& reason);
  /// Leaves the batch to itself when its input is there, and cancels it
  /// otherwise.
  void leave_batch();
  [[nodiscard]] std::string location() const;

  gateway_state& gateway_;
  http_call call_;
  bool attached_;
  batch_id id_;
  token_account_ptr account_;
  /// Until there is a batch that has it.
  token_share_ptr share_;

  /// The jobs, when they did not come as a body in pieces.
  std::string text_;
  std::size_t next_ = 0;
  bool has_text_ = false;

  /// Whether all of the input came, and none of it was lost since.
  bool input_ended_ = false;
  /// Whether results were asked for and have not come yet.
  bool asked_ = false;
  bool begun_ = false;
  /// Whether the request needs nothing more.
  bool over_ = false;
  /// Whether the batch goes on without the client.
  bool released_ = false;
};

} // namespace vmsystem
