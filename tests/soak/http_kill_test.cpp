#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "soak/http_client.hpp"
#include "soak/server_process.hpp"
#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

constexpr std::uint64_t kRoundsAFolder = 25;
constexpr unsigned kConnections = 48;

struct Totals {
  std::uint64_t events = 0;
  std::uint64_t workers = 0;
  std::uint64_t supervisors = 0;
  std::uint64_t while_opening = 0;
  std::uint64_t repeated = 0;
  std::uint64_t broken = 0;
  std::uint64_t refused = 0;
};

/// A folder, its server, its client, and what the client was promised.
class Shop {
 public:
  Shop(const std::string& folder, std::uint64_t seed)
      : folder_(folder), server_(folder), random_(seed) {
    const std::string key = field_of(server_.ask("--json keys add shop"), "write_key");
    client_ = std::make_unique<RetryingClient>("Basic " + base64(key + ":"), kConnections, seed);
    client_->call(server_.start());
  }

  /// Lets it work for a while, kills it, waits for the next, and looks for what was promised.
  /// Empty when all is there; else what is wrong.
  std::string round(bool supervisor, Totals& totals) {
    const pid_t worker = server_.worker_after(last_worker_, true);
    if (worker == 0) {
      return "no worker came";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random_.below(200)));
    const bool opening = random_.below(8) == 0;
    if (!supervisor || opening) {
      ::kill(worker, SIGKILL);
      last_worker_ = worker;
      ++totals.workers;
    }
    if (opening) {  // and its successor, on its way
      static_cast<void>(server_.worker_after(worker, false));
      std::this_thread::sleep_for(std::chrono::milliseconds(random_.below(60)));
      ++totals.while_opening;
      supervisor = true;
    }
    if (supervisor) {
      server_.kill_supervisor();
      last_worker_ = 0;
      ++totals.supervisors;
    }
    const std::vector<Numbers> promised = client_->acknowledged();
    if (supervisor) {
      client_->call(server_.start());
    }
    if (server_.worker_after(last_worker_, true) == 0) {
      return "no worker came after the kill";
    }
    return what_is_wrong(promised, totals);
  }

  /// Stops it, and compares the log with the image and with all that was promised.
  std::string close(Totals& totals) {
    totals.repeated += client_->repeated();
    totals.broken += client_->broken();
    totals.refused += client_->refused();
    const std::string strange = client_->strange();
    const std::vector<Numbers> promised = client_->acknowledged();
    client_.reset();
    if (!strange.empty()) {
      return strange;
    }
    if (!nothing_waits()) {
      return "events wait, and nobody admits them";
    }
    if (const int code = server_.stop(); code != 0) {
      // Slow to end, and killed by its supervisor: what it acknowledged must be there all the same.
      std::printf("a server told to stop ended with %d\n", code);
    }
    if (std::string wrong = what_is_wrong(promised, totals); !wrong.empty()) {
      return wrong;
    }
    const std::string check = server_.ask("--json check");
    if (field_of(check, "good") != "true" ||
        field_of(check, "events") != std::to_string(numbers_.size())) {
      return "check says " + check + " and the log holds " + std::to_string(numbers_.size());
    }
    return "";
  }

 private:
  // Events put aside move into the log's batches while it is read: what is missing is looked for
  // again.
  std::string what_is_wrong(const std::vector<Numbers>& promised, Totals& totals) {
    std::string wrong;
    for (int tries = 0; tries < 200; ++tries) {
      auto reader = LogReader::open(LogPaths(folder_).database);
      if (!reader) {
        return reader.error().message;
      }
      if (const auto read = numbers_.read(*reader); !read) {
        return read.error().message;
      }
      if (numbers_.doubled() > 0) {
        return std::to_string(numbers_.doubled()) + " events stand in the log twice";
      }
      wrong = first_missing(promised);
      if (wrong.empty()) {
        for (const Numbers& request : promised) {
          totals.events += request.count;
        }
        return "";
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return wrong;
  }
  // What came while the log was being read is admitted when it has been.
  [[nodiscard]] bool nothing_waits() const {
    for (int tries = 0; tries < 3'000; ++tries) {
      auto reader = LogReader::open(LogPaths(folder_).database);
      if (const auto rows = reader ? reader->waiting_rows() : Result<std::uint64_t>(1U);
          rows && *rows == 0) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }
  [[nodiscard]] std::string first_missing(const std::vector<Numbers>& promised) const {
    for (const Numbers& request : promised) {
      for (std::uint64_t n = request.first; n < request.first + request.count; ++n) {
        if (!numbers_.holds(n)) {
          return "event " + std::to_string(n) + " was acknowledged and is lost";
        }
      }
    }
    return "";
  }

  std::string folder_;
  ServerProcess server_;
  Random random_;
  std::unique_ptr<RetryingClient> client_;
  LoggedNumbers numbers_;
  pid_t last_worker_ = 0;
};

void tell(std::uint64_t rounds, const Totals& totals) {
  const auto n = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
  std::printf(
      "%llu rounds over HTTP: %llu events acknowledged, 0 lost, 0 doubled; killed: %llu workers, "
      "%llu supervisors, %llu of them while opening; sent again: %llu requests whose answer never "
      "came, %llu told to come again, %llu that were acknowledged\n",
      n(rounds), n(totals.events), n(totals.workers), n(totals.supervisors),
      n(totals.while_opening), n(totals.broken), n(totals.refused), n(totals.repeated));
  std::fflush(stdout);
}

// Goal: kill -9 loses nothing acknowledged and doubles nothing, as a client of the door sees it.
// Method: the real program, killed (its worker; every third time its supervisor) at random moments
// while a client sends batches over connections that it keeps, and again with the same message ids
// what was not answered. After each round every acknowledged event is looked for in the log, and
// none may stand there twice; every 25th the log is compared with the image.
TEST(SoakHttpKill, LosesAndDoublesNothing) {
  const std::uint64_t rounds = setting("SOAK_ROUNDS", 5);
  const std::uint64_t seed = setting("SOAK_SEED", 20261122);
  const std::string folder =
      ::testing::TempDir() + "guanxi_soak_http_kill_" + std::to_string(getpid());
  Totals totals;
  for (std::uint64_t done = 0; done < rounds;) {
    std::filesystem::remove_all(folder);
    std::filesystem::remove(folder + ".log");
    Shop shop(folder, seed + done);
    const std::uint64_t here = std::min(kRoundsAFolder, rounds - done);
    for (std::uint64_t i = 0; i < here; ++i, ++done) {
      ASSERT_EQ(shop.round(i % 3 == 2, totals), "") << "round " << done << ", folder " << folder;
    }
    ASSERT_EQ(shop.close(totals), "") << "round " << done << ", folder " << folder;
    if (done % 100 == 0 || done == rounds) {
      tell(done, totals);
    }
  }
  EXPECT_GT(totals.events, rounds * 100) << "the servers did too little to mean anything";
  std::filesystem::remove_all(folder);
  std::filesystem::remove(folder + ".log");
}

}  // namespace
}  // namespace guanxi::soak
