#include "access/attempt_limits.hpp"

#include <algorithm>

namespace guanxi::access {

std::int64_t AttemptLimits::wait_of(Tries& tries, std::int64_t now_seconds) const {
  while (!tries.at.empty() && tries.at.front() + window_seconds_ <= now_seconds) {
    tries.at.pop_front();
  }
  return tries.at.size() < tries_most_ ? 0 : tries.at.front() + window_seconds_ - now_seconds;
}

AttemptLimits::Verdict AttemptLimits::begin(const std::vector<std::string>& keys,
                                            std::int64_t now_seconds) {
  const std::lock_guard lock(mutex_);
  Verdict verdict;
  for (const std::string& key : keys) {
    Tries& tries = tries_[key];
    const std::int64_t wait = wait_of(tries, now_seconds);
    verdict.wait_seconds = std::max(verdict.wait_seconds, wait);
    if (wait > 0 && !tries.refused) {
      verdict.first_refusal = true;
      tries.refused = true;
    }
  }
  if (!verdict.allowed()) {
    return verdict;
  }
  for (const std::string& key : keys) {
    tries_[key].at.push_back(now_seconds);
    tries_[key].refused = false;
  }
  make_room(now_seconds);
  return verdict;
}

void AttemptLimits::succeed(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : keys) {
    const auto found = tries_.find(key);
    if (found != tries_.end() && !found->second.at.empty()) {
      found->second.at.pop_back();
    }
  }
}

bool AttemptLimits::would_allow(const std::string& key, std::int64_t now_seconds) {
  const std::lock_guard lock(mutex_);
  const auto found = tries_.find(key);
  return found == tries_.end() || wait_of(found->second, now_seconds) == 0;
}

void AttemptLimits::forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  tries_.erase(key);
}

void AttemptLimits::make_room(std::int64_t now_seconds) {
  if (tries_.size() <= kKeysMost) {
    return;
  }
  for (auto it = tries_.begin(); it != tries_.end();) {
    static_cast<void>(wait_of(it->second, now_seconds));
    it = it->second.at.empty() ? tries_.erase(it) : std::next(it);
  }
  while (tries_.size() > kKeysMost) {
    tries_.erase(std::min_element(tries_.begin(), tries_.end(), [](const auto& a, const auto& b) {
      return a.second.at.back() < b.second.at.back();
    }));
  }
}

}  // namespace guanxi::access
