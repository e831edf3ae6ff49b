#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/reply_box.hpp"
#include "http/routes.hpp"

namespace guanxi::http {

/// A request for a blocking handler, one for a deferred handler that has much to read, or the next
/// piece of a stream.
struct Work {
  Ticket ticket;
  Request request;
  RouteTable::Match match;
  std::shared_ptr<BodyStream> stream{};  ///< when set, only a piece of it is wanted
  Reply reply{};                         ///< of a deferred handler
};

/// The threads of one Lane.
///
/// Place       Three in the server.
/// Invariants  At most `most` requests are held, those being answered included; pieces of streams
///             always find room, since each stream wants one at a time.
/// Threads     take() from the server's thread, stop() from the owner's.
class LanePool {
 public:
  LanePool(unsigned threads, std::size_t most, std::function<void(Work)> run);
  LanePool(const LanePool&) = delete;
  LanePool& operator=(const LanePool&) = delete;
  ~LanePool() { stop(); }

  /// False when it is full; `work` is then as it was.
  [[nodiscard]] bool take(Work& work);
  /// Finishes what it holds, then ends the threads. Again: does nothing.
  void stop();

 private:
  void serve();

  std::function<void(Work)> run_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::size_t held_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace guanxi::http
