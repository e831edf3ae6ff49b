#include "eventlog/wal_space.hpp"

#include <algorithm>
#include <optional>

namespace guanxi {
namespace {

constexpr std::int64_t kStepBytes = 4 << 20;

}  // namespace

Result<void> WalSpace::extend(Disk& disk, const std::string& wal, std::int64_t until,
                              const std::stop_token& stop) {
  GUANXI_TRY(file, disk.open(wal, OpenMode::read_write));
  const std::string zeros(static_cast<std::size_t>(kStepBytes), '\0');
  std::optional<std::uint64_t> cuts;
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(mutex_);
      const std::int64_t at = ready_.load();
      if (at >= until || cuts.value_or(cuts_) != cuts_) {
        return {};
      }
      cuts = cuts_;
      const std::int64_t bytes = std::min(kStepBytes, until - at);
      GUANXI_TRY_VOID(
          file->write_at(static_cast<std::uint64_t>(at),
                         std::string_view(zeros).substr(0, static_cast<std::size_t>(bytes))));
      ready_ = at + bytes;
    }
    GUANXI_TRY_VOID(file->sync());
  }
  return {};
}

}  // namespace guanxi
