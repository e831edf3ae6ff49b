#include "app/retention.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "platform/clock.hpp"
#include "platform/log.hpp"

namespace guanxi::app {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;
constexpr auto kRound = std::chrono::hours(1);

Instant days_before(Instant now, std::uint64_t days) {
  return Instant{now.seconds - static_cast<std::int64_t>(days) * kSecondsOfDay};
}

void one_round(const operations::Settings& settings, Engine& engine, access::AccessStore& store) {
  const auto gone = forget_old(settings, engine, store, system_clock().now());
  if (!gone) {
    log_line(LogLevel::warning, "retention_failed", {{"why", gone.error().message}});
  } else if (gone->letters + gone->audit_entries > 0) {
    log_line(LogLevel::info, "retention",
             {{"dead_letters", gone->letters}, {"audit_entries", gone->audit_entries}});
  }
}

}  // namespace

Result<Forgotten> forget_old(const operations::Settings& settings, Engine& engine,
                             access::AccessStore& store, Instant now) {
  Forgotten gone;
  if (settings.retention_dead_letter_days > 0) {
    GUANXI_TRY(letters,
               engine.forget_letters(days_before(now, settings.retention_dead_letter_days)));
    gone.letters = letters;
  }
  if (settings.retention_audit_days > 0) {
    GUANXI_TRY(entries, store.audit().cut(days_before(now, settings.retention_audit_days)));
    gone.audit_entries = entries;
  }
  return gone;
}

RetentionKeeper::RetentionKeeper(operations::Settings settings, std::shared_ptr<Engine> engine,
                                 std::shared_ptr<access::AccessStore> store) {
  if (settings.retention_dead_letter_days == 0 && settings.retention_audit_days == 0) {
    return;
  }
  thread_ = std::jthread([settings = std::move(settings), engine = std::move(engine),
                          store = std::move(store)](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      one_round(settings, *engine, *store);
      wake.wait_for(lock, stop, kRound, [] { return false; });
    }
  });
}

}  // namespace guanxi::app
