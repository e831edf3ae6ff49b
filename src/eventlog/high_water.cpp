#include "eventlog/high_water.hpp"

#include "eventlog/batch.hpp"
#include "eventlog/mark_bytes.hpp"
#include "platform/log.hpp"

namespace guanxi {
namespace {

constexpr std::string_view kMagic = "GXMARK01";
constexpr std::size_t kSlotBytes = 64;
constexpr std::uint64_t kSlotApartBytes = 4096;  // each slot in a disk block of its own

std::string encode(const Mark& mark) {
  std::string slot(kMagic);
  for (const std::uint64_t field :
       {mark.commits, mark.epoch, mark.last_seq, mark.chain.low, mark.chain.high}) {
    append_u64(slot, field);
  }
  append_u64(slot, crc32_of(slot));
  slot.resize(kSlotBytes, '\0');
  return slot;
}

std::optional<Mark> decode(std::string_view slot) {
  if (slot.size() < kSlotBytes || slot.substr(0, 8) != kMagic ||
      u64_at(slot, 48) != crc32_of(slot.substr(0, 48))) {
    return std::nullopt;
  }
  return Mark{u64_at(slot, 8), u64_at(slot, 16), u64_at(slot, 24),
              Hash128{u64_at(slot, 32), u64_at(slot, 40)}};
}

}  // namespace

// HighWaterFile writes the second slot first, so that a file is never shorter.
bool is_mark_as_written(std::string_view bytes) {
  if (bytes.empty()) {
    return true;
  }
  std::string expected(kSlotApartBytes + kSlotBytes, '\0');
  for (const std::uint64_t at : {std::uint64_t{0}, kSlotApartBytes}) {
    const auto mark = at < bytes.size() ? decode(bytes.substr(at)) : std::nullopt;
    if (mark) {
      expected.replace(at, kSlotBytes, encode(*mark));
    }
  }
  return bytes == expected;
}

Result<bool> mend_mark(Disk& disk, const std::string& path) {
  if (!disk.exists(path)) {
    return false;
  }
  GUANXI_TRY(bytes, read_file(disk, path));
  if (is_mark_as_written(bytes)) {
    return false;
  }
  log_line(LogLevel::warning, "mark_damaged", {{"file", path}});
  GUANXI_TRY(file, disk.open(path, OpenMode::read_write));
  GUANXI_TRY_VOID(file->write_at(kSlotBytes, std::string(kSlotApartBytes - kSlotBytes, '\0')));
  GUANXI_TRY_VOID(file->truncate(kSlotApartBytes + kSlotBytes));
  return true;
}

std::optional<Mark> latest_mark(std::string_view bytes) {
  std::optional<Mark> latest;
  for (const std::uint64_t at : {std::uint64_t{0}, kSlotApartBytes}) {
    const auto mark = at < bytes.size() ? decode(bytes.substr(at)) : std::nullopt;
    if (mark && (!latest || latest->commits <= mark->commits)) {
      latest = mark;
    }
  }
  return latest;
}

Result<HighWaterFile> HighWaterFile::open(Disk& disk, const std::string& path, bool create) {
  GUANXI_TRY(file, disk.open(path, create ? OpenMode::create : OpenMode::read_write));
  HighWaterFile high_water(std::move(file));
  std::string bytes(kSlotApartBytes + kSlotBytes, '\0');
  GUANXI_TRY(got, high_water.file_->read_at(0, bytes));
  bytes.resize(got);
  high_water.mark_ = latest_mark(bytes);
  // The older slot, or a broken one, is the next to be written.
  const auto second = bytes.size() > kSlotApartBytes
                          ? decode(std::string_view(bytes).substr(kSlotApartBytes))
                          : std::nullopt;
  high_water.next_slot_ = second && *second == *high_water.mark_ ? 0 : 1;
  return high_water;
}

Result<void> HighWaterFile::write(const Mark& mark) {
  GUANXI_TRY_VOID(file_->write_at(next_slot_ * kSlotApartBytes, encode(mark)));
  next_slot_ = 1 - next_slot_;
  mark_ = mark;
  return {};
}

Result<void> HighWaterFile::sync() { return file_->sync(); }

}  // namespace guanxi
