// Sends events at a fixed rate, whatever the server does, and says how long each request took from
// the moment it was planned (so that a server that stalls cannot hide it).
//
//   live_load PORT SECONDS RATE [--events N|mix] [--connections N] [--people N] [--warm SECONDS]
//
// RATE   requests a second; 0: each connection sends the next as soon as it is answered
// mix    1, 3, 5 or 10 events a request at 10, 20, 30 and 40 %, as rudder-load sends them
// What is answered after WARM counts. Half of the events are of a tenth of the people. Bodies are
// shaped as @segment/analytics-node sends them, 300 bytes an event, with ids of their own. A
// connection has one request at a time, as an SDK.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "live/histogram.hpp"

namespace guanxi::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  double seconds = 0;
  double rate = 0;
  double warm_seconds = 1;
  unsigned events = 20;  ///< 0: the mix
  unsigned connections = 64;
  std::uint64_t people = 100'000;
};

/// Where in a body the ids of one event stand.
struct Blanks {
  std::size_t message = 0;
  std::size_t user = 0;
};

/// A request with the ids left blank, to be filled in at each sending.
struct Template {
  std::string bytes;
  std::vector<Blanks> blanks;
};

constexpr std::size_t kMessageDigits = 12;
constexpr std::size_t kUserDigits = 9;

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts)};
}

/// Puts digits over the blanks.
void fill(std::string& bytes, std::size_t at, std::size_t digits, std::uint64_t value) {
  for (std::size_t i = digits; i > 0; --i) {
    bytes[at + i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

std::string event_text(unsigned i) {
  const std::string end = R"(,"context":{"library":{"name":"@segment/analytics-node",)"
                          R"("version":"3.1.0"}},"timestamp":")" +
                          now_text() +
                          R"(","userId":"u-@@@@@@@@@","messageId":"bench-############"})";
  if (i % 10 == 9) {
    return R"({"type":"identify","traits":{"name":"Li Na","city":"Shanghai","plan":"gold"})" + end;
  }
  return R"({"type":"track","event":"Product Viewed","properties":{"product_id":"p-1001","name":)"
         R"("Longjing tea 250g","price":120,"category":"tea"})" +
         end;
}

Template make_template(unsigned events) {
  std::string body = R"({"batch":[)";
  for (unsigned i = 0; i < events; ++i) {
    body += (i == 0 ? "" : ",") + event_text(i);
  }
  body += R"(],"sentAt":")" + now_text() + "\"}";
  Template made;
  made.bytes =
      "POST /v1/batch HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\n"
      "content-type: application/json\r\nuser-agent: analytics-node-next/latest\r\n"
      "authorization: Basic YmVuY2g6\r\naccept: */*\r\naccept-language: *\r\n"
      "sec-fetch-mode: cors\r\naccept-encoding: gzip, deflate\r\ncontent-length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  std::size_t at = 0;
  while ((at = made.bytes.find("u-@", at)) != std::string::npos) {
    const std::size_t message = made.bytes.find("bench-#", at);
    made.blanks.push_back({message + 6, at + 2});
    at = message;
  }
  return made;
}

/// Writes requests with fresh ids.
class Writer {
 public:
  explicit Writer(const Options& options)
      : options_(options),
        random_(static_cast<std::uint64_t>(Clock::now().time_since_epoch().count())),
        next_message_(random_.below(1'000'000) * 1'000'000) {
    for (const unsigned events : {1U, 3U, 5U, 10U}) {
      mix_.push_back(make_template(events));
    }
    plain_ = make_template(options.events == 0 ? 1 : options.events);
  }

  /// The request, and how many events are in it. Valid until the next call.
  std::pair<std::string_view, unsigned> next() {
    Template& chosen = options_.events == 0 ? mix_[mix_index()] : plain_;
    for (const Blanks& blanks : chosen.blanks) {
      const std::uint64_t among =
          random_.below(2) == 0 ? options_.people / 10 + 1 : options_.people;
      fill(chosen.bytes, blanks.message, kMessageDigits, next_message_++);
      fill(chosen.bytes, blanks.user, kUserDigits, random_.below(among));
    }
    return {chosen.bytes, static_cast<unsigned>(chosen.blanks.size())};
  }

 private:
  std::size_t mix_index() {
    const std::uint64_t share = random_.below(10);
    return share < 1 ? 0 : share < 3 ? 1 : share < 6 ? 2 : 3;
  }

  Options options_;
  Random random_;
  std::uint64_t next_message_;
  Template plain_;
  std::vector<Template> mix_;
};

/// One keep-alive connection with one request under way.
struct Connection {
  int socket = -1;
  bool busy = false;
  Clock::time_point planned;
  Clock::time_point sent;
  unsigned events = 0;
  std::string unsent;
  std::string received;
};

/// What came of it all.
struct Outcome {
  Histogram latency;     ///< of what was taken, from when it was planned
  Histogram since_sent;  ///< the same, without what waited in the generator
  std::map<int, std::uint64_t> statuses;
  std::uint64_t events = 0;
  std::uint64_t lost_connections = 0;
  std::uint64_t unanswered = 0;  ///< due, and not answered at the end
};

/// The generator: plans requests in time and hands each to a free connection.
///
/// Place       main().
/// Threads     One.
class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), writer_(options), poll_(epoll_create1(0)) {
    connections_.resize(options.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      open(i);
      free_.push_back(i);
    }
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { ::close(poll_); }

  Outcome run() {
    begin_ = Clock::now();
    const auto span = [](double seconds) {
      return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    };
    count_from_ = begin_ + span(options_.warm_seconds);
    const Clock::time_point end = count_from_ + span(options_.seconds);
    while (Clock::now() < end) {
      plan();
      move();
    }
    outcome_.unanswered = planned_.size() + connections_.size() - free_.size();
    return std::move(outcome_);
  }

 private:
  void open(std::size_t i) {
    Connection& connection = connections_[i];
    connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      std::perror("connect");
      std::exit(1);
    }
    const int yes = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  /// Everything that is due by now, in its turn.
  void plan() {
    const Clock::time_point now = Clock::now();
    if (options_.rate > 0) {
      const double elapsed = std::chrono::duration<double>(now - begin_).count();
      const auto due = static_cast<std::uint64_t>(elapsed * options_.rate);
      for (; next_ < due; ++next_) {
        const std::chrono::duration<double> at(static_cast<double>(next_) / options_.rate);
        planned_.push_back(begin_ + std::chrono::duration_cast<Clock::duration>(at));
      }
    }
    while (!free_.empty() && (options_.rate == 0 || !planned_.empty())) {
      const std::size_t i = free_.front();
      free_.pop_front();
      connections_[i].planned = options_.rate == 0 ? now : planned_.front();
      if (options_.rate > 0) {
        planned_.pop_front();
      }
      send(i);
    }
  }

  void send(std::size_t i) {
    Connection& connection = connections_[i];
    const auto [bytes, events] = writer_.next();
    connection.events = events;
    connection.busy = true;
    connection.sent = Clock::now();
    const ssize_t sent =
        ::send(connection.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    const std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (done < bytes.size()) {
      connection.unsent = bytes.substr(done);
      watch(i, EPOLLIN | EPOLLOUT);
    }
  }

  void watch(std::size_t i, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = i;
    ::epoll_ctl(poll_, EPOLL_CTL_MOD, connections_[i].socket, &event);
  }

  void move() {
    std::array<epoll_event, 256> events{};
    const int wait_ms = options_.rate > 0 && !free_.empty() ? 0 : 1;
    const int count = ::epoll_wait(poll_, events.data(), 256, wait_ms);
    for (int k = 0; k < count; ++k) {
      const epoll_event& event = events[static_cast<std::size_t>(k)];
      const std::size_t i = event.data.u64;
      if ((event.events & EPOLLOUT) != 0) {
        flush(i);
      }
      if ((event.events & ~EPOLLOUT) != 0) {
        receive(i);
      }
    }
  }

  void flush(std::size_t i) {
    std::string& unsent = connections_[i].unsent;
    const ssize_t sent =
        ::send(connections_[i].socket, unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    unsent.erase(0, sent < 0 ? 0 : static_cast<std::size_t>(sent));
    if (unsent.empty()) {
      watch(i, EPOLLIN);
    }
  }

  void receive(std::size_t i) {
    Connection& connection = connections_[i];
    std::array<char, 16384> piece{};
    const ssize_t count = ::recv(connection.socket, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count <= 0) {
      ++outcome_.lost_connections;
      ::close(connection.socket);
      const bool was_busy = connection.busy;
      connection = Connection();
      open(i);
      if (was_busy) {
        free_.push_back(i);
      }
      return;
    }
    connection.received.append(piece.data(), static_cast<std::size_t>(count));
    const std::size_t head = connection.received.find("\r\n\r\n");
    if (head == std::string::npos) {
      return;
    }
    const std::size_t at = connection.received.find("Content-Length: ");
    const std::size_t length = std::strtoull(connection.received.c_str() + at + 16, nullptr, 10);
    if (connection.received.size() >= head + 4 + length) {
      answered(connection, std::atoi(connection.received.c_str() + 9));
      connection.received.clear();
      connection.busy = false;
      free_.push_back(i);
    }
  }

  void answered(const Connection& connection, int status) {
    const Clock::time_point now = Clock::now();
    if (now < count_from_) {
      return;
    }
    ++outcome_.statuses[status];
    if (status == 200) {
      const auto took =
          std::chrono::duration_cast<std::chrono::microseconds>(now - connection.planned);
      const auto there =
          std::chrono::duration_cast<std::chrono::microseconds>(now - connection.sent);
      outcome_.latency.add(static_cast<std::uint64_t>(took.count()));
      outcome_.since_sent.add(static_cast<std::uint64_t>(there.count()));
      outcome_.events += connection.events;
    }
  }

  Options options_;
  Writer writer_;
  int poll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> free_;
  std::deque<Clock::time_point> planned_;
  std::uint64_t next_ = 0;
  Clock::time_point begin_;
  Clock::time_point count_from_;
  Outcome outcome_;
};

void print(const Outcome& outcome, const Options& options) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                     static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const Histogram& latency = outcome.latency;
  const auto ms = [](std::uint64_t micros) { return static_cast<double>(micros) / 1e3; };
  std::printf(
      "%.0f events/s, %.0f requests/s answered 200; ms p50 %.2f p99 %.2f p99.9 %.2f most "
      "%.2f, p99 since sent %.2f;",
      static_cast<double>(outcome.events) / options.seconds,
      static_cast<double>(latency.total()) / options.seconds, ms(latency.quantile(0.5)),
      ms(latency.quantile(0.99)), ms(latency.quantile(0.999)), ms(latency.most()),
      ms(outcome.since_sent.quantile(0.99)));
  for (const auto& [status, count] : outcome.statuses) {
    std::printf(" %d: %llu", status, static_cast<unsigned long long>(count));
  }
  std::printf("; unanswered %llu, lost connections %llu; generator cpu %.2f s\n",
              static_cast<unsigned long long>(outcome.unanswered),
              static_cast<unsigned long long>(outcome.lost_connections), cpu);
}

bool parse(int count, char** arguments, Options& options) {
  if (count < 4 || count % 2 != 0) {
    return false;
  }
  options.port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  options.seconds = std::atof(arguments[2]);
  options.rate = std::atof(arguments[3]);
  for (int i = 4; i < count; i += 2) {
    const std::string name = arguments[i];
    const std::string value = arguments[i + 1];
    if (name == "--events") {
      options.events = value == "mix" ? 0U : static_cast<unsigned>(std::stoul(value));
    } else if (name == "--connections") {
      options.connections = static_cast<unsigned>(std::stoul(value));
    } else if (name == "--people") {
      options.people = std::stoull(value);
    } else if (name == "--warm") {
      options.warm_seconds = std::stod(value);
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace guanxi::bench

int main(int count, char** arguments) {
  guanxi::bench::Options options;
  if (!guanxi::bench::parse(count, arguments, options)) {
    std::fprintf(stderr,
                 "live_load PORT SECONDS RATE [--events N|mix] [--connections N] "
                 "[--people N] [--warm SECONDS]\n");
    return 2;
  }
  guanxi::bench::Load load(options);
  guanxi::bench::print(load.run(), options);
  return 0;
}
