#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "access/store.hpp"
#include "engine/engine.hpp"
#include "operations/settings.hpp"

namespace guanxi::app {

/// What one round removed.
struct Forgotten {
  std::uint64_t letters = 0;
  std::uint64_t audit_entries = 0;
};
/// Removes what is older than settings.retention_* say, as of `now`.
[[nodiscard]] Result<Forgotten> forget_old(const operations::Settings& settings, Engine& engine,
                                           access::AccessStore& store, Instant now);

/// Does so each hour while a server runs; what went and what failed stand in the log lines.
///
/// Place       The worker makes it once the log has been read; nothing is made when nothing ages.
/// Threads     Its own; ends with it.
class RetentionKeeper {
 public:
  RetentionKeeper(operations::Settings settings, std::shared_ptr<Engine> engine,
                  std::shared_ptr<access::AccessStore> store);

 private:
  std::jthread thread_;
};

}  // namespace guanxi::app
