#include "engine/work_board.hpp"

#include <utility>

namespace guanxi {

void WorkBoard::refresh_rates(Work& work) const {
  const std::int64_t spent_ns = clock_.monotonic_ns() - phase_began_ns_;
  work.per_second = 0;
  work.seconds_left.reset();
  if (spent_ns > 0 && work.done > 0) {
    const double per_second = static_cast<double>(work.done) * 1e9 / static_cast<double>(spent_ns);
    work.per_second = static_cast<std::uint64_t>(per_second);
    if (work.total >= work.done && work.total > 0) {
      work.seconds_left =
          static_cast<std::uint64_t>(static_cast<double>(work.total - work.done) / per_second);
    }
  }
}

std::optional<Work> WorkBoard::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::optional<Work> WorkBoard::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void WorkBoard::listen(std::function<void(const Work&)> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void WorkBoard::begin(std::string name, std::string detail) {
  const std::lock_guard lock(mutex_);
  current_ = Work{};
  current_->name = std::move(name);
  current_->detail = std::move(detail);
  current_->started_at = clock_.now();
  cancel_.store(false);
  phase_began_ns_ = clock_.monotonic_ns();
}

void WorkBoard::phase(std::string phase, std::string unit, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  if (!current_) {
    return;
  }
  current_->phase = std::move(phase);
  current_->unit = std::move(unit);
  current_->done = 0;
  current_->total = total;
  phase_began_ns_ = clock_.monotonic_ns();
  refresh_rates(*current_);
  if (listener_) {
    listener_(*current_);
  }
}

void WorkBoard::update(std::uint64_t done, std::uint64_t total, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  if (!current_) {
    return;
  }
  current_->done = done;
  current_->total = total;
  if (!detail.empty()) {
    current_->detail = detail;
  }
  refresh_rates(*current_);
  if (listener_) {
    listener_(*current_);
  }
}

void WorkBoard::end(bool ok, std::string message) {
  const std::lock_guard lock(mutex_);
  if (!current_) {
    return;
  }
  current_->ok = ok;
  current_->message = std::move(message);
  current_->finished_at = clock_.now();
  current_->seconds_left.reset();
  last_ = std::move(current_);
  current_.reset();
  if (listener_) {
    listener_(*last_);
  }
}

}  // namespace guanxi
