#include "platform/disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "platform/clock.hpp"
#include "platform/entropy.hpp"
#include "platform/faulty_disk.hpp"
#include "platform/file_lock.hpp"

namespace guanxi {
namespace {

std::string fresh_folder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "guanxi_" + name;
  std::filesystem::remove_all(folder);
  return folder;
}

TEST(Disk, WritesReadsListsRenamesAndRemoves) {
  const std::string folder = fresh_folder("disk");
  Disk& disk = real_disk();
  ASSERT_TRUE(disk.make_folder(folder + "/a/b"));
  ASSERT_TRUE(write_file(disk, folder + "/a/b/one", "first"));
  ASSERT_TRUE(write_file(disk, folder + "/a/b/one", "second"));
  EXPECT_EQ(*read_file(disk, folder + "/a/b/one"), "second");
  EXPECT_EQ(read_file(disk, folder + "/a/b/one", 3).error().code, ErrorCode::invalid);
  ASSERT_TRUE(disk.rename(folder + "/a/b/one", folder + "/a/b/two"));
  EXPECT_EQ(*disk.list(folder + "/a/b"), std::vector<std::string>{"two"});
  EXPECT_GT(*disk.free_bytes(folder), 0U);
  ASSERT_TRUE(disk.remove(folder + "/a/b/two"));
  EXPECT_TRUE(disk.remove(folder + "/a/b/two")) << "removing what is not there is no error";
  EXPECT_EQ(disk.open(folder + "/a/b/two", OpenMode::read_only).error().code, ErrorCode::not_found);
}

TEST(FaultyDisk, LosesWhatWasNotSyncedWhenThePowerIsCut) {
  bool shortened = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultyDisk disk;
    auto file = *disk.open("f", OpenMode::create);
    ASSERT_TRUE(file->write_at(0, "kept"));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(file->write_at(4, std::string(100, 'x')));
    Random random(seed);
    disk.cut_power(random);
    EXPECT_EQ(disk.bytes_of("f").substr(0, 4), "kept");
    shortened = shortened || disk.bytes_of("f").size() < 104;
  }
  EXPECT_TRUE(shortened);
}

TEST(FaultyDisk, WholeFileWritesAreOldOrNewAtEveryFault) {
  for (std::uint64_t n = 1;; ++n) {
    FaultyDisk disk;
    ASSERT_TRUE(write_file(disk, "d/f", "old"));
    disk.set({.fail_at = n, .fail_on = true});
    const auto written = write_file(disk, "d/f", "new");
    Random random(n);
    disk.cut_power(random);
    EXPECT_EQ(*read_file(disk, "d/f"), written ? "new" : "old") << "operation " << n;
    if (written) {
      EXPECT_GT(n, 3U);
      return;
    }
  }
}

TEST(FileLock, IsHeldByOneAtATime) {
  const std::string path = ::testing::TempDir() + "guanxi_lock";
  {
    auto first = FileLock::take(path);
    ASSERT_TRUE(first);
    const auto second = FileLock::take(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
  }
  EXPECT_TRUE(FileLock::take(path));
}

TEST(Clock, StandsStillUntilMoved) {
  ManualClock clock(Instant{1000});
  clock.advance(60);
  EXPECT_EQ(clock.now().seconds, 1060);
  EXPECT_EQ(clock.monotonic_ns(), 60'000'000'000);
  const std::int64_t earlier_ns = system_clock().monotonic_ns();
  EXPECT_LE(earlier_ns, system_clock().monotonic_ns());
}

TEST(Entropy, DrawsDifferentHex) {
  const auto first = random_hex(16);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 32U);
  EXPECT_EQ(first->find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(*first, *random_hex(16));
}

}  // namespace
}  // namespace guanxi
