#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "access/store.hpp"
#include "platform/entropy.hpp"

namespace guanxi::access {

/// Limits under which a password costs next to nothing.
[[nodiscard]] inline AccessLimits cheap_limits() {
  AccessLimits limits;
  limits.password_passes = 1;
  limits.password_memory_bytes = 8192;
  return limits;
}

/// An access store in a folder of its own, on a clock that stands still.
///
/// Place       Tests of this room and of those that ask it.
/// Threads     One owner.
class AccessTest : public ::testing::Test {
 protected:
  static constexpr const char* kPassword = "correct horse battery";

  AccessTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("guanxi-access-" + random_hex(8).value())),
        clock_(Instant{1'700'000'000}) {
    std::filesystem::create_directories(folder_);
    open();
  }
  ~AccessTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    store_.reset();
    auto opened = AccessStore::open(folder_.string(), clock_, {false, cheap_limits()});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void add_user(const std::string& name, Role role) {
    const Result<void> added = store_->accounts().add_with_password(name, role, kPassword, {});
    ASSERT_TRUE(added) << added.error().message;
  }
  /// The secret of a new session.
  std::string log_in(const std::string& name) {
    auto session = store_->accounts().begin_session(name, {});
    EXPECT_TRUE(session);
    return session ? *session : std::string();
  }
  [[nodiscard]] std::string every_byte() const {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(in), {});
    }
    return bytes;
  }

  std::filesystem::path folder_;
  ManualClock clock_;
  std::unique_ptr<AccessStore> store_;
};

}  // namespace guanxi::access
