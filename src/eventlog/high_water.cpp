#include "eventlog/high_water.hpp"

#include <array>

#include "eventlog/batch.hpp"

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

Result<HighWaterFile> HighWaterFile::open(Disk& disk, const std::string& path, bool create) {
  GUANXI_TRY(file, disk.open(path, create ? OpenMode::create : OpenMode::read_write));
  HighWaterFile high_water(std::move(file));
  bool written = false;
  for (unsigned i = 0; i < 2; ++i) {
    std::array<char, kSlotBytes> slot{};
    GUANXI_TRY(got, high_water.file_->read_at(i * kSlotApartBytes, slot));
    written = written || got > 0;
    const auto mark = decode(std::string_view(slot.data(), got));
    if (mark && (!high_water.mark_ || high_water.mark_->commits <= mark->commits)) {
      high_water.mark_ = mark;
      high_water.next_slot_ = 1 - i;
    }
  }
  high_water.damaged_ = written && !high_water.mark_;
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
