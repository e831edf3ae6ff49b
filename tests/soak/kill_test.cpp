#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

constexpr std::uint64_t kRoundsAFolder = 25;
constexpr std::uint64_t kRoundNumbers = 10'000'000;
constexpr int kUnansweredMost = 64;

struct Acknowledged {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

Engine::Options options_of(const std::string& folder) {
  return {.folder = folder, .default_model_toml = model_toml(), .threads = 1};
}

/// Sends requests, some of them twice, until the process is killed.
///
/// Place       The child.
/// Threads     One for each sender.
class Sender {
 public:
  Sender(Engine& engine, int answers, std::uint64_t first, std::uint64_t seed)
      : engine_(engine), answers_(answers), next_(first), random_(seed) {}

  [[noreturn]] void run() {
    for (;;) {
      while (unanswered_ >= kUnansweredMost) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      Acknowledged request{next_, 1 + random_.below(20)};
      if (random_.below(10) == 0 && last_.count > 0) {
        request = last_;  // a client that did not hear the answer
      } else {
        next_ += request.count;
        last_ = request;
      }
      send(request);
    }
  }

 private:
  void send(const Acknowledged& request) {
    Admission admission = numbered_request(request.first, request.count);
    ++unanswered_;
    admission.done = [this, request](const Result<Admitted>& admitted) {
      --unanswered_;
      if (!admitted || ::write(answers_, &request, sizeof(request)) != sizeof(request)) {
        _exit(4);
      }
    };
    if (!engine_.submit(std::move(admission))) {
      --unanswered_;
    }
  }

  Engine& engine_;
  int answers_;
  std::uint64_t next_;
  Acknowledged last_;
  Random random_;
  std::atomic<int> unanswered_{0};
};

[[noreturn]] void serve_until_killed(const std::string& folder, int answers, std::uint64_t round) {
  auto engine = Engine::open_live(options_of(folder));
  if (!engine) {
    std::fprintf(stderr, "cannot open: %s\n", engine.error().message.c_str());
    _exit(3);
  }
  const Acknowledged open{};
  if (::write(answers, &open, sizeof(open)) != sizeof(open)) {
    _exit(3);
  }
  Sender one(**engine, answers, round * kRoundNumbers, round);
  Sender two(**engine, answers, round * kRoundNumbers + kRoundNumbers / 2, round + 1);
  std::jthread beside([&] { two.run(); });
  one.run();
}

/// Reads answers until `until`, or until the other end is closed.
void collect(int answers, std::chrono::steady_clock::time_point until, bool& open,
             std::vector<Acknowledged>& acknowledged) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ready{answers, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0) {
      return;
    }
    Acknowledged answer;
    if (::read(answers, &answer, sizeof(answer)) != sizeof(answer)) {
      return;
    }
    open = true;
    if (answer.count > 0) {
      acknowledged.push_back(answer);
    }
  }
}

/// One life of a server, ended by kill -9; what it had acknowledged.
std::vector<Acknowledged> killed_server(const std::string& folder, std::uint64_t round,
                                        Random& random) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    serve_until_killed(folder, ends[1], round);
  }
  ::close(ends[1]);
  std::vector<Acknowledged> acknowledged;
  bool open = false;
  const auto now = std::chrono::steady_clock::now();
  if (random.below(8) == 0) {
    // Killed while it opens.
    collect(ends[0], now + std::chrono::milliseconds(random.below(40)), open, acknowledged);
  } else {
    const auto latest = now + std::chrono::seconds(60);
    while (!open && std::chrono::steady_clock::now() < latest) {
      collect(ends[0], std::chrono::steady_clock::now() + std::chrono::milliseconds(5), open,
              acknowledged);
    }
    collect(ends[0],
            std::chrono::steady_clock::now() + std::chrono::milliseconds(20 + random.below(400)),
            open, acknowledged);
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the server ended by itself: " << WEXITSTATUS(status);
  collect(ends[0], std::chrono::steady_clock::now() + std::chrono::seconds(5), open, acknowledged);
  ::close(ends[0]);
  return acknowledged;
}

/// Opens the folder in a process of its own, so that this one never has threads when it forks.
bool opens_whole(const std::string& folder, std::uint64_t events) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto engine = Engine::open(options_of(folder));
    if (!engine) {
      std::fprintf(stderr, "cannot open: %s\n", engine.error().message.c_str());
      _exit(1);
    }
    (*engine)->wait_applied();
    const auto checked = (*engine)->check();
    const std::uint64_t there = (*engine)->read().image().events();
    const bool good = checked && checked->good() && there == events;
    if (!good) {
      std::fprintf(stderr, "%llu events in the image, %llu in the log\n",
                   static_cast<unsigned long long>(there), static_cast<unsigned long long>(events));
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string fresh_folder() {
  const std::string folder = ::testing::TempDir() + "guanxi_soak_kill_" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  return folder;
}

// Goal: kill -9 at any moment loses nothing acknowledged and doubles nothing. Method: a server in a
// process of its own under load with retries, killed at random moments, also while it opens; after
// each round every acknowledged event is looked for in the log.
TEST(SoakKill, LosesAndDoublesNothing) {
  const std::uint64_t rounds = setting("SOAK_ROUNDS", 6);
  Random random(setting("SOAK_SEED", 20261122));
  std::string folder;
  LoggedNumbers numbers;
  std::uint64_t events = 0;
  std::uint64_t lost = 0;
  std::uint64_t rounds_with_waiting = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    if (round % kRoundsAFolder == 0) {
      folder = fresh_folder();
      numbers = LoggedNumbers();
    }
    const auto acknowledged = killed_server(folder, round % kRoundsAFolder + 1, random);
    auto reader = LogReader::open(LogPaths(folder).database);
    if (!reader || !reader->waiting_rows()) {
      ASSERT_TRUE(acknowledged.empty()) << "round " << round << ": the log is gone";
      continue;
    }
    const auto read = numbers.read(*reader);
    ASSERT_TRUE(read) << "round " << round << ": " << read.error().message;
    for (const Acknowledged& request : acknowledged) {
      for (std::uint64_t n = request.first; n < request.first + request.count; ++n) {
        ++events;
        lost += numbers.holds(n) ? 0U : 1U;
      }
    }
    rounds_with_waiting += numbers.waiting() > 0 ? 1U : 0U;
    ASSERT_EQ(lost, 0U) << "round " << round;
    ASSERT_EQ(numbers.doubled(), 0U) << "round " << round;
    if (numbers.waiting() == 0 && round % kRoundsAFolder == kRoundsAFolder - 1) {
      ASSERT_TRUE(opens_whole(folder, numbers.size())) << "round " << round;
    }
    if (round % 100 == 99) {
      std::printf("round %llu: %llu events acknowledged, %llu lost, 0 doubled\n",
                  static_cast<unsigned long long>(round + 1),
                  static_cast<unsigned long long>(events), static_cast<unsigned long long>(lost));
      std::fflush(stdout);
    }
  }
  std::printf(
      "%llu rounds: %llu events acknowledged, 0 lost, 0 doubled; killed with events put "
      "aside in %llu rounds\n",
      static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(events),
      static_cast<unsigned long long>(rounds_with_waiting));
  EXPECT_GT(events, rounds * 100) << "the servers did too little to mean anything";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace guanxi::soak
