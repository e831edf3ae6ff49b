#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "events/event.hpp"
#include "relationship/fold.hpp"

namespace guanxi {

/// What became of the events of one admission.
struct Admitted {
  std::uint64_t added = 0;
  std::uint64_t repeated = 0;  ///< known by their message id: nothing to do
  std::uint64_t conflicting =
      0;  ///< same message id, other content: the first stays, this is a dead letter
  std::uint64_t erased = 0;   ///< of people who were erased or restricted from this
  std::uint64_t refused = 0;  ///< kept as dead letters
};

/// What a door hands to the engine: the events of one request, all or none of them.
///
/// Place       Made by doors/, taken by Engine::submit().
/// Threads     One owner.
struct Admission {
  EventBatch batch;
  std::vector<Refusal> refused;
  std::string door;  ///< "segment:shop", as the live debugger and dead letters name it
  /// Settings of the log written in the same transaction: positions of a queue.
  std::vector<std::pair<std::string, std::string>> settings;
  /// Called once: after everything above is on the disk, or why it is not (unavailable,
  /// overloaded). On the engine's thread: must be quick and must not call the engine.
  std::function<void(const Result<Admitted>&)> done;
};

/// One event as it came, what it was understood as and what it changed.
struct LiveNote {
  enum class Outcome : std::uint8_t { added, repeated, conflicting, erased, refused };
  std::uint64_t number = 0;  ///< 1, 2, ... in the order they came; gaps were sampled away
  Outcome outcome = Outcome::added;
  std::string door;
  EventKind kind = EventKind::unknown;
  std::string name;  ///< as the source called it
  std::string message_id;
  std::string person;  ///< "user:u-1", or empty
  std::string subject;
  std::string order_id;
  std::int64_t amount_minor = 0;
  Currency currency;
  Instant occurred_at;
  Instant received_at;
  std::uint32_t ordinal = 0;  ///< of the event in the log, when added
  bool moved = false;         ///< the two readings below are known
  Reading before;
  Reading after;
  std::string field;   ///< of a refusal
  std::string reason;  ///< of a refusal
};

/// Hands what happens to whoever watches. Never waits for them.
///
/// Place       In the engine, which publishes; the live debugger watches.
/// Invariants  Each watcher holds at most `capacity` notes: the oldest go first and are counted.
///             Without watchers nothing is kept but the last kRecent notes.
/// Threads     Any.
class LiveFeed {
 public:
  static constexpr std::size_t kRecent = 200;
  class Watcher {
   public:
    explicit Watcher(std::size_t capacity) : capacity_(capacity) {}
    /// Takes what is there; waits up to `wait_ms` for something. `missed` counts what was dropped.
    [[nodiscard]] std::vector<std::shared_ptr<const LiveNote>> take(int wait_ms,
                                                                    std::uint64_t& missed);

   private:
    friend class LiveFeed;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<const LiveNote>> notes_;
    std::size_t capacity_;
    std::uint64_t missed_ = 0;
  };

  /// Ends with the last copy of the pointer. `with_recent`: begins with what came lately.
  [[nodiscard]] std::shared_ptr<Watcher> watch(std::size_t capacity, bool with_recent);
  /// Whether anybody would see a note now, so that its making can be spared.
  [[nodiscard]] bool watched() const;
  void publish(LiveNote note);
  /// Drops the notes that are kept for whoever watches next.
  void forget();
  /// Counts notes that were not made.
  void skip(std::uint64_t notes);

 private:
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<Watcher>> watchers_;
  std::deque<std::shared_ptr<const LiveNote>> recent_;
  std::uint64_t published_ = 0;
};

}  // namespace guanxi
