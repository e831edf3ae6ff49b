#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "soak/http_client.hpp"
#include "soak/server_process.hpp"
#include "soak/soak.hpp"

namespace guanxi::soak {
namespace {

using std::chrono::steady_clock;

/// What came of one load.
struct Outcome {
  std::uint64_t taken = 0;               ///< requests answered 200
  std::uint64_t told_to_come_again = 0;  ///< 429 or 503, with Retry-After
  std::uint64_t wrong = 0;               ///< anything else
  double seconds = 0;
  std::vector<double> took_ms{};  ///< of those taken, from their sending

  [[nodiscard]] double p99() {
    std::sort(took_ms.begin(), took_ms.end());
    return took_ms.empty() ? 0 : took_ms[took_ms.size() * 99 / 100];
  }
};

/// Offers requests at a rate (0: as many as it can), never the same twice, and never waits because
/// it was refused.
///
/// Place       Here.
/// Threads     Its caller's.
class Offering {
 public:
  Offering(int port, std::string authorization, unsigned connections, std::uint64_t first)
      : port_(port), authorization_(std::move(authorization)), lines_(connections), next_(first) {}
  ~Offering() {
    for (const Line& line : lines_) {
      ::close(line.socket);
    }
  }
  Offering(const Offering&) = delete;
  Offering& operator=(const Offering&) = delete;

  Outcome run(double per_second, double seconds) {
    outcome_ = {};
    const auto began = steady_clock::now();
    std::uint64_t sent = 0;
    for (double passed = 0; passed < seconds || open_ > 0;
         passed = std::chrono::duration<double>(steady_clock::now() - began).count()) {
      bool idle = true;
      for (Line& line : lines_) {
        const bool due = per_second == 0 || static_cast<double>(sent) < passed * per_second;
        if (!line.open && due && passed < seconds) {
          send(line);
          ++sent;
          idle = false;
        }
        idle = !go_on(line) && idle;
      }
      if (idle) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    }
    outcome_.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    return std::move(outcome_);
  }

 private:
  struct Line {
    int socket = -1;
    bool open = false;
    std::string out;
    std::size_t sent = 0;
    std::string in;
    steady_clock::time_point sent_at{};
  };

  void send(Line& line) {
    if (line.socket < 0) {
      line.socket = connect_to(port_);
    }
    line.out = batch_request(authorization_, {next_, 20});
    next_ += 20;
    line.sent = 0;
    line.open = true;
    line.sent_at = steady_clock::now();
    ++open_;
  }

  // Whether something moved.
  bool go_on(Line& line) {
    if (!line.open) {
      return false;
    }
    if (line.sent < line.out.size()) {
      const ssize_t sent = ::send(line.socket, line.out.data() + line.sent,
                                  line.out.size() - line.sent, MSG_NOSIGNAL);
      line.sent += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    char buffer[4096];
    const ssize_t got = ::recv(line.socket, buffer, sizeof(buffer), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      ++outcome_.wrong;
      ::close(line.socket);
      line.socket = -1;
      line.in.clear();
      close(line);
      return true;
    }
    if (got < 0) {
      return false;
    }
    line.in.append(buffer, static_cast<std::size_t>(got));
    const bool asks = line.in.find("Retry-After: ") != std::string::npos ||
                      line.in.find("retry-after: ") != std::string::npos;
    const int status = whole_answer(line.in);
    if (status == 0) {
      return true;
    }
    if (status == 200) {
      ++outcome_.taken;
      outcome_.took_ms.push_back(
          std::chrono::duration<double, std::milli>(steady_clock::now() - line.sent_at).count());
    } else {
      ++(asks && (status == 429 || status == 503) ? outcome_.told_to_come_again : outcome_.wrong);
    }
    close(line);
    return true;
  }
  void close(Line& line) {
    line.open = false;
    --open_;
  }

  int port_;
  std::string authorization_;
  std::vector<Line> lines_;
  std::uint64_t next_;
  std::uint64_t open_ = 0;
  Outcome outcome_;
};

/// A server on a fresh folder, with two sources.
struct Shop {
  explicit Shop(const std::string& name)
      : folder(::testing::TempDir() + "guanxi_soak_http_load_" + name + std::to_string(getpid())),
        server(folder) {
    std::filesystem::remove_all(folder);
    for (std::string* authorization : {&one, &other}) {
      const std::string added =
          server.ask(authorization == &one ? "--json keys add one" : "--json keys add other");
      *authorization = "Basic " + base64(field_of(added, "write_key") + ":");
    }
    port = server.start();
    worker = server.worker_after(0, true);
  }
  ~Shop() {
    std::filesystem::remove_all(folder);
    std::filesystem::remove(folder + ".log");
  }
  [[nodiscard]] double memory_mb() const {
    std::ifstream statm("/proc/" + std::to_string(worker) + "/statm");
    double all = 0;
    double resident = 0;
    statm >> all >> resident;
    return resident * 4096 / 1e6;
  }

  std::string folder;
  ServerProcess server;
  std::string one, other;
  int port = 0;
  pid_t worker = 0;
};

double seconds_of_load() {
  return static_cast<double>(setting("SOAK_SECONDS", setting("SOAK_ROUNDS", 0) >= 1'000 ? 600 : 2));
}

void tell(const char* when, Outcome& outcome, double memory_mb) {
  std::printf(
      "%-16s %6.0f requests/s offered, %6.0f taken, %6.0f told to come again, %llu wrong; p99 of "
      "those taken %.1f ms; worker %.0f MB\n",
      when, static_cast<double>(outcome.taken + outcome.told_to_come_again) / outcome.seconds,
      static_cast<double>(outcome.taken) / outcome.seconds,
      static_cast<double>(outcome.told_to_come_again) / outcome.seconds,
      static_cast<unsigned long long>(outcome.wrong), outcome.p99(), memory_mb);
  std::fflush(stdout);
}

// C1, as clients meet it: far more than the server takes. The rest is told to come again; what was
// taken is in the log; when it is over all is as before.
TEST(SoakHttpLoad, OverloadRefusesTheRestAndPasses) {
  Shop shop("overload");
  ASSERT_NE(shop.worker, 0);
  std::uint64_t taken = 0;
  const auto offer = [&](const char* when, unsigned connections, double rate, double seconds,
                         std::uint64_t first) {
    Outcome outcome = Offering(shop.port, shop.one, connections, first).run(rate, seconds);
    tell(when, outcome, shop.memory_mb());
    taken += outcome.taken;
    EXPECT_EQ(outcome.wrong, 0U) << when;
    return outcome;
  };
  const double seconds = seconds_of_load();
  offer("before", 16, 50, std::min(seconds, 10.0), 1'000'000'000);
  for (int part = 0; part < 10; ++part) {
    offer("under overload", 1'000, 0, seconds / 10,
          10'000'000'000 * (static_cast<std::uint64_t>(part) + 1));
  }
  const Outcome after = offer("after", 16, 50, std::min(seconds, 10.0), 2'000'000'000);
  EXPECT_EQ(after.told_to_come_again, 0U);
  EXPECT_EQ(shop.server.stop(), 0);
  const std::string check = shop.server.ask("--json check");
  EXPECT_EQ(field_of(check, "good"), "true") << check;
  EXPECT_EQ(field_of(check, "events"), std::to_string(20 * taken)) << check;
}

// C2: one source sends all it can, another a little: the little gets through as without the noise.
TEST(SoakHttpLoad, ANoisySourceTakesNothingFromAQuietOne) {
  Shop shop("noise");
  ASSERT_NE(shop.worker, 0);
  const double seconds = std::min(seconds_of_load(), 60.0);
  Outcome alone = Offering(shop.port, shop.other, 32, 0).run(50, seconds);
  tell("quiet, alone", alone, shop.memory_mb());
  Outcome noise;
  std::jthread beside(
      [&] { noise = Offering(shop.port, shop.one, 400, 10'000'000'000).run(0, seconds + 1); });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  Outcome quiet = Offering(shop.port, shop.other, 32, 1'000'000'000).run(50, seconds);
  beside.join();
  tell("quiet, beside", quiet, shop.memory_mb());
  tell("the noise", noise, shop.memory_mb());
  EXPECT_EQ(quiet.told_to_come_again, 0U);
  EXPECT_EQ(quiet.wrong, 0U);
  EXPECT_EQ(shop.server.stop(), 0);
}

}  // namespace
}  // namespace guanxi::soak
