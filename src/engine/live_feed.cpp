#include <chrono>

#include "engine/live.hpp"

namespace guanxi {

std::vector<std::shared_ptr<const LiveNote>> LiveFeed::Watcher::take(int wait_ms,
                                                                     std::uint64_t& missed) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return !notes_.empty(); });
  std::vector<std::shared_ptr<const LiveNote>> taken(notes_.begin(), notes_.end());
  notes_.clear();
  missed = missed_;
  return taken;
}

std::shared_ptr<LiveFeed::Watcher> LiveFeed::watch(std::size_t capacity, bool with_recent) {
  auto watcher = std::make_shared<Watcher>(capacity);
  const std::lock_guard lock(mutex_);
  if (with_recent) {
    watcher->notes_ = recent_;
  }
  watchers_.push_back(watcher);
  return watcher;
}

bool LiveFeed::watched() const {
  const std::lock_guard lock(mutex_);
  for (const std::weak_ptr<Watcher>& watcher : watchers_) {
    if (!watcher.expired()) {
      return true;
    }
  }
  return false;
}

void LiveFeed::forget() {
  const std::lock_guard lock(mutex_);
  recent_.clear();
}

void LiveFeed::skip(std::uint64_t notes) {
  const std::lock_guard lock(mutex_);
  published_ += notes;
}

void LiveFeed::publish(LiveNote note) {
  const std::lock_guard lock(mutex_);
  note.number = ++published_;
  const auto shared = std::make_shared<const LiveNote>(std::move(note));
  recent_.push_back(shared);
  if (recent_.size() > kRecent) {
    recent_.pop_front();
  }
  std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
  for (const std::weak_ptr<Watcher>& weak : watchers_) {
    const std::shared_ptr<Watcher> watcher = weak.lock();
    if (watcher == nullptr) {
      continue;
    }
    const std::lock_guard watcher_lock(watcher->mutex_);
    watcher->notes_.push_back(shared);
    if (watcher->notes_.size() > watcher->capacity_) {
      watcher->notes_.pop_front();
      ++watcher->missed_;
    }
    watcher->changed_.notify_one();
  }
}

}  // namespace guanxi
