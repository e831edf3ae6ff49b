#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "http/routes.hpp"

namespace guanxi::http {

/// Names a request among all that this server ever reads.
struct Ticket {
  std::uint64_t connection = 0;
  std::uint32_t request = 0;  ///< 0, 1, ... on its connection
};

/// An answer, or a piece of a streamed one, on its way to its connection.
struct Completed {
  Ticket ticket;
  Response response;  ///< of a piece: its bytes are the body
  std::optional<BodyStream::State> piece;
};

/// The next piece of a stream; one that throws has ended.
[[nodiscard]] BodyStream::State next_piece(BodyStream& stream, std::string& out);

/// Where other threads leave answers, and the server's thread finds them.
///
/// Place       Made by the server; held by whoever still owes an answer, so it outlives the server.
/// Invariants  Wakes the server once for all that is there, and not when it is awake already.
/// Threads     Any.
class ReplyBox {
 public:
  ReplyBox();
  ReplyBox(const ReplyBox&) = delete;
  ReplyBox& operator=(const ReplyBox&) = delete;
  ~ReplyBox();

  /// Readable when there is something, or wake() was called.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// The thread that takes: what it leaves itself wakes nobody.
  void owned_by_this_thread() { owner_ = std::this_thread::get_id(); }
  void put(Completed completed);
  void wake() const;
  /// Nobody takes any more: what comes is dropped.
  void close();
  /// Everything that is there, into `out`, which is empty.
  void take(std::vector<Completed>& out);

  /// For a deferred handler: gives the answer of `ticket` once, and a failure when every copy of it
  /// is gone and none was given.
  [[nodiscard]] static Reply reply_to(const std::shared_ptr<ReplyBox>& box, Ticket ticket);

 private:
  int descriptor_;
  std::atomic<std::thread::id> owner_;
  std::mutex mutex_;
  std::vector<Completed> waiting_;
  bool closed_ = false;
};

}  // namespace guanxi::http
