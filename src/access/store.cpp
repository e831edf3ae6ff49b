#include "access/store.hpp"

#include <chrono>

namespace guanxi::access {

Result<std::unique_ptr<AccessStore>> AccessStore::open(const std::string& folder, Clock& clock,
                                                       AccessOptions options) {
  GUANXI_TRY(file, AccessFile::open(folder, clock));
  std::unique_ptr<AccessStore> store(new AccessStore(std::move(file), options.limits));
  GUANXI_TRY_VOID(store->load());
  if (options.ticks) {
    store->ticker_ = std::thread([raw = store.get()] { raw->keep_ticking(); });
  }
  return store;
}

AccessStore::AccessStore(std::unique_ptr<AccessFile> file, const AccessLimits& limits)
    : file_(std::move(file)),
      audit_(*file_),
      sources_(*file_),
      accounts_(*file_, limits),
      desk_(*file_, accounts_, audit_) {}

AccessStore::~AccessStore() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  const bool ticked = ticker_.joinable();
  if (ticked) {
    ticker_.join();
  }
  [[maybe_unused]] const Result<void> noted = audit_.flush();
  [[maybe_unused]] const Result<void> used = sources_.keep_use();
  // A command does not know the limits of the server beside it, so it ends nobody's login.
  [[maybe_unused]] const Result<void> seen = ticked ? accounts_.keep_use() : Result<void>();
}

Result<void> AccessStore::load() {
  GUANXI_TRY(version, file_->foreign_version());
  seen_version_ = version;
  GUANXI_TRY_VOID(sources_.load());
  return accounts_.load();
}

Result<void> AccessStore::tick() {
  GUANXI_TRY(version, file_->foreign_version());
  if (version != seen_version_) {
    GUANXI_TRY_VOID(load());
  }
  GUANXI_TRY_VOID(audit_.flush());
  GUANXI_TRY_VOID(sources_.keep_use());
  return accounts_.keep_use();
}

void AccessStore::keep_ticking() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_asked_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
    lock.unlock();
    // A disk that fails now is met again by the next change, which says so to whoever asked.
    [[maybe_unused]] const Result<void> ticked = tick();
    lock.lock();
  }
}

}  // namespace guanxi::access
