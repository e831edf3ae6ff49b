#include "http/lane_pool.hpp"

namespace guanxi::http {

LanePool::LanePool(unsigned threads, std::size_t most, std::function<void(Work)> run)
    : run_(std::move(run)), most_(most) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { serve(); });
  }
}

bool LanePool::take(Work& work) {
  const bool piece = work.stream != nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!piece && held_ >= most_) {
      return false;
    }
    held_ += piece ? 0 : 1;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void LanePool::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

void LanePool::serve() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      return;
    }
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    const bool piece = work.stream != nullptr;
    lock.unlock();
    run_(std::move(work));
    lock.lock();
    held_ -= piece ? 0 : 1;
  }
}

}  // namespace guanxi::http
