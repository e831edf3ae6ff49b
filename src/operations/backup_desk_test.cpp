#include "operations/backup_desk.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "eventlog/event_log.hpp"

namespace guanxi::operations {
namespace {

class BackupDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() /
               ("guanxi_backup_desk_" + std::to_string(getpid())))
                  .string();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ASSERT_TRUE(EventLog::open({.folder = folder_}));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static BackupRun finished(const BackupDesk& desk) {
    for (int round = 0; round < 1000; ++round) {
      const auto run = desk.last();
      if (run && run->state != BackupRun::State::running) {
        return *run;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
  }

  std::string folder_;
  ManualClock clock_{Instant{1'777'000'000}};
};

TEST_F(BackupDeskTest, ABackupIsNamedAfterItsMomentAndListed) {
  BackupDesk desk(LogPaths(folder_).database, folder_ + "/backups", clock_);
  EXPECT_FALSE(desk.last());
  EXPECT_TRUE(desk.files().empty());
  auto run = desk.start();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->file, "guanxi-2026-04-24T030640Z.backup");
  EXPECT_EQ(finished(desk).state, BackupRun::State::done) << finished(desk).message;
  ASSERT_EQ(desk.files().size(), 1U);
  EXPECT_GT(desk.files().front().bytes, 0U);
  EXPECT_TRUE(restore_log(folder_ + "/backups/" + run->file, folder_ + "/again"));
}

TEST_F(BackupDeskTest, WhatCannotBeWrittenFailsAndSaysWhy) {
  BackupDesk desk(LogPaths(folder_).database, folder_ + "/backups", clock_);
  ASSERT_TRUE(desk.start());
  ASSERT_EQ(finished(desk).state, BackupRun::State::done);
  ASSERT_TRUE(desk.start());  // in the same second: the file is there already
  EXPECT_EQ(finished(desk).state, BackupRun::State::failed);
  EXPECT_NE(finished(desk).message.find("exists"), std::string::npos);
  BackupDesk nowhere(LogPaths(folder_).database, "/proc/nowhere", clock_);
  EXPECT_EQ(nowhere.start().error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace guanxi::operations
