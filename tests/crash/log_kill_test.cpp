#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/random.hpp"
#include "eventlog/event_log.hpp"

namespace guanxi {
namespace {

std::string payload_of(std::uint64_t seq) {
  std::string text;
  for (std::uint64_t word = 0; word < 20 + seq % 500; ++word) {
    append_u64(text, mix64(seq * 1000 + word));
  }
  return text;
}

// Appends and commits until it is killed; each confirmed seq is written to `confirm`.
[[noreturn]] void write_for_ever(const std::string& folder, int confirm) {
  auto log = EventLog::open({.folder = folder});
  if (!log) {
    _exit(2);
  }
  for (;;) {
    const std::uint64_t next = (*log)->last_seq() + 1;
    auto packed = pack_batch(BatchKind::columns, payload_of(next), next);
    const auto seq = (*log)->append(*packed);
    if (!seq || !(*log)->commit() || ::write(confirm, &*seq, sizeof(*seq)) != sizeof(*seq)) {
      _exit(3);
    }
  }
}

std::uint64_t last_confirmed_of_a_killed_writer(const std::string& folder, unsigned after_us) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_for_ever(folder, ends[1]);
  }
  ::close(ends[1]);
  ::usleep(after_us);
  ::kill(child, SIGKILL);
  std::uint64_t last = 0;
  std::uint64_t seq = 0;
  while (::read(ends[0], &seq, sizeof(seq)) == sizeof(seq)) {
    last = seq;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer stopped by itself: " << WEXITSTATUS(status);
  return last;
}

// Goal: kill -9 at any moment loses nothing that was confirmed. Method: a real process, 25 rounds
// on one log, killed after up to 60 ms, each time checked byte by byte.
TEST(LogKill, LosesNothingThatWasConfirmed) {
  const std::string folder = ::testing::TempDir() + "guanxi_log_kill";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::uint64_t confirmed = 0;
  Random random(20261122);
  for (int round = 0; round < 25; ++round) {
    const auto after_us = static_cast<unsigned>(random.below(60'000));
    confirmed = std::max(confirmed, last_confirmed_of_a_killed_writer(folder, after_us));
    auto log = EventLog::open({.folder = folder});
    ASSERT_TRUE(log) << "round " << round << ": " << log.error().message;
    ASSERT_GE((*log)->last_seq(), confirmed) << "round " << round;
    auto reader = *(*log)->reader();
    std::uint64_t seq = 0;
    ASSERT_TRUE(reader.for_each([&](const BatchInfo&, std::string_view payload) -> Result<void> {
      EXPECT_EQ(payload, payload_of(++seq));
      return {};
    })) << "round "
        << round;
    ASSERT_EQ(seq, (*log)->last_seq());
  }
  EXPECT_GT(confirmed, 25U) << "the writers did too little to mean anything";
}

}  // namespace
}  // namespace guanxi
