#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace guanxi {

/// Hands work from one thread to the next, a few pieces at a time.
///
/// Place       Between the stages of an import.
/// Invariants  First in, first out. At most `most` pieces wait, so memory is bounded.
/// Threads     Any.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t most) : most_(most) {}

  /// False when the queue was closed meanwhile: the piece is dropped.
  bool push(T piece) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return pieces_.size() < most_ || closed_; });
    if (closed_) {
      return false;
    }
    pieces_.push_back(std::move(piece));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// Nothing when the queue is finished and empty, or closed.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !pieces_.empty() || finished_ || closed_; });
    if (closed_ || pieces_.empty()) {
      return std::nullopt;
    }
    std::optional<T> piece(std::move(pieces_.front()));
    pieces_.pop_front();
    lock.unlock();
    room_.notify_one();
    return piece;
  }

  /// Nothing more will be pushed; what waits is still handed out.
  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    filled_.notify_all();
  }

  /// Something failed: everyone lets go at once.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    pieces_.clear();
    filled_.notify_all();
    room_.notify_all();
  }

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable room_;
  std::deque<T> pieces_;
  bool finished_ = false;
  bool closed_ = false;
};

/// Used pieces, kept for the next: their memory need not be asked for again.
///
/// Place       Beside a BoundedQueue of std::unique_ptr<T>.
/// Threads     Any.
template <typename T>
class Spares {
 public:
  /// A used one, or a new one. What it holds is the caller's to clear.
  std::unique_ptr<T> take() {
    const std::lock_guard lock(mutex_);
    if (spares_.empty()) {
      return std::make_unique<T>();
    }
    std::unique_ptr<T> spare = std::move(spares_.back());
    spares_.pop_back();
    return spare;
  }
  void give(std::unique_ptr<T> used) {
    const std::lock_guard lock(mutex_);
    spares_.push_back(std::move(used));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> spares_;
};

}  // namespace guanxi
