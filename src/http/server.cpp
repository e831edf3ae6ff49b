#include "http/server.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/check.hpp"
#include "http/connection.hpp"
#include "http/lane_pool.hpp"
#include "http/problem.hpp"
#include "http/reply_box.hpp"
#include "http/response_head.hpp"

namespace guanxi::http {
namespace {

using Clock = ConnectionHost::Clock;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kSweep{100};
constexpr std::chrono::milliseconds kStreamPause{50};
constexpr std::chrono::seconds kLookAtFiles{5};
constexpr std::size_t kReadBytes = 64U << 10U;
constexpr int kEventsAtOnce = 512;
constexpr std::chrono::milliseconds kTakenInARound{3};
constexpr int kAcceptsInARow = 64;
constexpr std::size_t kRoomShare = 128;      // of the connections, closed when there are too many
constexpr std::size_t kFilesOfOthers = 128;  // left to the log, the database, pipes
constexpr std::uint64_t kListener = 0;
constexpr std::uint64_t kBox = 1;
constexpr std::uint64_t kFirstConnection = 2;

/// Asks for as many open files as the system lets this process have, and says how many connections
/// that leaves room for.
std::size_t connections_possible() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return kFilesOfOthers;
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    limit.rlim_cur = ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
  }
  return limit.rlim_cur > 2 * kFilesOfOthers ? limit.rlim_cur - kFilesOfOthers : kFilesOfOthers;
}

}  // namespace

/// The running server: listener, connections and pools. Everything but blocking handlers happens on
/// `thread_`, so little of this needs a lock.
class Server::Impl final : public ConnectionHost {
 public:
  Impl(std::shared_ptr<const Site> site, const ServerOptions& options)
      : site_(std::move(site)),
        options_(options),
        box_(std::make_shared<ReplyBox>()),
        scratch_(kReadBytes, '\0'),
        poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    GUANXI_CHECK(poll_ >= 0, "a server has a file descriptor to wait with");
    const auto run = [this](Work work) { answer(std::move(work)); };
    const std::size_t quick = options_.quick_waiting_most;
    lanes_[0] = std::make_unique<LanePool>(options_.instant_threads, quick, run);
    lanes_[1] = std::make_unique<LanePool>(options_.quick_threads, quick, run);
    lanes_[2] = std::make_unique<LanePool>(options_.slow_threads, options_.slow_waiting_most, run);
  }
  ~Impl() override {
    stop();
    ::close(poll_);
  }

  Result<void> listen() {
    GUANXI_TRY(proxies, TrustedProxies::parse(options_.trusted_proxies));
    proxies_ = std::move(proxies);
    if (!options_.certificate_file.empty()) {
      GUANXI_TRY_VOID(reload_certificate());
    }
    options_.connections_most = std::min(options_.connections_most, connections_possible());
    GUANXI_TRY(listener, options_.inherited_socket >= 0
                             ? listen_on_inherited(options_.inherited_socket)
                             : listen_on(options_.address, options_.port));
    listener_ = listener;
    port_ = port_of(listener_);
    watch(listener_, kListener, EPOLLIN, EPOLL_CTL_ADD);
    watch(box_->descriptor(), kBox, EPOLLIN, EPOLL_CTL_ADD);
    tell_time();
    for (const int socket : options_.inherited_connections) {
      take_over(socket);
    }
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void stop() {
    if (thread_.joinable()) {
      stop_asked_ = true;
      box_->wake();
      thread_.join();
    }
    for (const auto& lane : lanes_) {
      lane->stop();
    }
    box_->close();
  }

  std::vector<int> hand_over() {
    hands_over_ = true;
    stop();
    return std::move(given_away_);
  }

  Result<void> reload_certificate() {
    const fs::file_time_type changed = changed_at();
    GUANXI_TRY(certificate, Certificate::load(options_.certificate_file, options_.key_file));
    const std::lock_guard<std::mutex> lock(certificate_mutex_);
    certificate_ = std::move(certificate);
    certificate_changed_ = changed;
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t connections_open() const { return open_; }

  [[nodiscard]] const ServerOptions& options() const override { return options_; }
  [[nodiscard]] const Site& site() const override { return *site_; }
  [[nodiscard]] const TrustedProxies& proxies() const override { return proxies_; }
  [[nodiscard]] const std::shared_ptr<ReplyBox>& box() const override { return box_; }
  [[nodiscard]] bool stopping() const override { return stopping_; }
  [[nodiscard]] bool hands_over() const override { return hands_over_; }
  [[nodiscard]] Clock::time_point now() const override { return now_; }
  [[nodiscard]] std::string_view date() const override { return date_; }
  /// Even then some are taken in each round, so that the work done does not fall.
  [[nodiscard]] bool overdue() const override {
    return now_ - caught_up_ > options_.lag_most && Clock::now() - now_ > kTakenInARound;
  }
  [[nodiscard]] std::string& scratch() override { return scratch_; }
  [[nodiscard]] bool take_work(Lane lane, Work& work) override {
    return lanes_[static_cast<std::size_t>(lane)]->take(work);
  }
  void call_later(std::uint64_t connection) override {
    later_.emplace_back(now_ + kStreamPause, connection);
  }
  [[nodiscard]] bool hold_bytes(std::size_t more) override {
    if (held_bytes_ + more > options_.unfinished_bytes_most) {
      return false;
    }
    held_bytes_ += more;
    return true;
  }
  void release_bytes(std::size_t bytes) override { held_bytes_ -= std::min(bytes, held_bytes_); }
  void hold_unsent(std::size_t more) override { unsent_bytes_ += more; }
  void release_unsent(std::size_t bytes) override { unsent_bytes_ -= bytes; }

 private:
  /// A connection, and what the kernel was last told to watch of it.
  struct Held {
    std::unique_ptr<Connection> connection;
    std::uint32_t watched = EPOLLIN;
  };
  using Connections = std::unordered_map<std::uint64_t, Held>;

  void watch(int descriptor, std::uint64_t name, std::uint32_t events, int operation) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = name;
    ::epoll_ctl(poll_, operation, descriptor, &event);
  }

  /// On a pool thread.
  void answer(Work work) {
    if (work.reply) {
      site_->answer_later(std::move(work.request), std::move(work.match), work.reply);
      return;
    }
    Completed completed{work.ticket, {}, std::nullopt};
    if (work.stream == nullptr) {
      completed.response = site_->answer(std::move(work.request), std::move(work.match));
    } else {
      completed.piece = next_piece(*work.stream, completed.response.body);
    }
    work.stream.reset();
    box_->put(std::move(completed));
  }

  void run() {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    static_cast<void>(pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr));
    box_->owned_by_this_thread();
    tell_time();
    caught_up_ = now_;
    next_sweep_ = now_ + kSweep;
    std::array<epoll_event, kEventsAtOnce> events{};
    while (!stopping_ || !connections_.empty()) {
      const int count = ::epoll_wait(poll_, events.data(), kEventsAtOnce, wait_ms());
      tell_time();
      if (count < kEventsAtOnce) {  // everyone who was ready is served in this round
        caught_up_ = now_;
      }
      for (int i = 0; i < count; ++i) {
        handle(events[static_cast<std::size_t>(i)]);
      }
      if (now_ >= next_sweep_) {
        sweep();
      }
      resume_streams();
      deliver();
    }
  }

  [[nodiscard]] int wait_ms() const {
    const Clock::time_point until =
        later_.empty() ? next_sweep_ : std::min(next_sweep_, later_.front().first);
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    return std::max(0, static_cast<int>(wait.count()) + 1);
  }

  void tell_time() {
    now_ = Clock::now();
    const std::time_t second = std::time(nullptr);
    if (second != date_second_) {
      date_second_ = second;
      date_ = date_text(second);
    }
  }

  void handle(const epoll_event& event) {
    if (event.data.u64 == kListener) {
      return accept();
    }
    if (event.data.u64 == kBox) {
      std::uint64_t count = 0;
      static_cast<void>(!::read(box_->descriptor(), &count, sizeof(count)));
      return begin_stop();
    }
    const auto found = connections_.find(event.data.u64);
    if (found != connections_.end()) {
      Connection& connection = *found->second.connection;
      connection.ready((event.events & ~EPOLLOUT) != 0, (event.events & EPOLLOUT) != 0);
      if ((event.events & (EPOLLHUP | EPOLLERR)) != 0) {
        connection.abandon();
      }
      settle(found);
    }
  }

  /// Lets go of a connection that has ended; else watches what it waits for now.
  void settle(Connections::iterator held) {
    Connection& connection = *held->second.connection;
    if (stopping_ && hands_over_) {
      give_away(connection);
    }
    if (connection.finished()) {
      connections_.erase(held);
      open_ = connections_.size();
      return;
    }
    const std::uint32_t wanted = (connection.wants_read() ? std::uint32_t{EPOLLIN} : 0U) |
                                 (connection.wants_write() ? std::uint32_t{EPOLLOUT} : 0U);
    if (wanted != held->second.watched) {
      held->second.watched = wanted;
      watch(connection.socket(), connection.id(), wanted, EPOLL_CTL_MOD);
    }
  }

  void give_away(Connection& connection) {
    const int watched = connection.socket();
    const int socket = connection.give_away();
    if (socket >= 0) {
      ::epoll_ctl(poll_, EPOLL_CTL_DEL, watched, nullptr);
      given_away_.push_back(socket);
    }
  }

  void take_over(int socket) {
    if (options_.certificate_file.empty()) {
      add(taken_over(socket));
    } else {
      ::close(socket);
    }
  }

  /// Gives every answer to its connection, then sends: several to one peer go out together.
  void deliver() {
    while (true) {
      arrived_.clear();
      box_->take(arrived_);
      if (arrived_.empty()) {
        return;
      }
      flushed_.clear();
      for (Completed& completed : arrived_) {
        const std::uint64_t id = completed.ticket.connection;
        const auto found = connections_.find(id);
        if (found == connections_.end()) {
          continue;
        }
        found->second.connection->completed(std::move(completed));
        if (flushed_.empty() || flushed_.back() != id) {
          flushed_.push_back(id);
        }
      }
      for (const std::uint64_t id : flushed_) {
        const auto found = connections_.find(id);
        if (found != connections_.end()) {
          found->second.connection->flush();
          settle(found);
        }
      }
      if (unsent_bytes_ > options_.unsent_bytes_most) {
        drop_slow_readers();
      }
    }
  }

  /// Those who have kept their answers waiting longest, until the rest is within the limit.
  void drop_slow_readers() {
    std::vector<std::pair<Clock::time_point, std::uint64_t>> slow;
    for (const auto& [id, held] : connections_) {
      if (held.connection->blocked()) {
        slow.emplace_back(held.connection->write_deadline(), id);
      }
    }
    std::sort(slow.begin(), slow.end());
    for (const auto& [deadline, id] : slow) {
      if (unsent_bytes_ <= options_.unsent_bytes_most) {
        break;
      }
      connections_.erase(id);
    }
    open_ = connections_.size();
  }

  void accept() {
    for (int i = 0; i < kAcceptsInARow && !stopping_; ++i) {
      const Accepted accepted = accept_one(listener_);
      const bool no_files = accepted.socket < 0 && (errno == EMFILE || errno == ENFILE);
      if (accepted.socket < 0 && !no_files) {
        return;
      }
      if (no_files || connections_.size() >= options_.connections_most) {
        make_room();
      }
      if (no_files) {
        return;
      }
      add(accepted);
    }
  }

  void add(const Accepted& accepted) {
    const std::uint64_t id = next_connection_++;
    std::shared_ptr<const Certificate> certificate;
    if (!options_.certificate_file.empty()) {
      const std::lock_guard<std::mutex> lock(certificate_mutex_);
      certificate = certificate_;
    }
    auto connection = std::make_unique<Connection>(id, accepted, certificate.get(), *this);
    if (connections_.size() >= 2 * options_.connections_most ||
        (certificate != nullptr && !connection->secure())) {
      return;
    }
    watch(accepted.socket, id, EPOLLIN, EPOLL_CTL_ADD);
    connections_.emplace(id, Held{std::move(connection)});
    open_ = connections_.size();
  }

  /// When full, the connections that have been silent longest make room for new ones.
  void make_room() {
    std::vector<std::pair<Clock::time_point, std::uint64_t>> silent;
    for (const auto& [id, held] : connections_) {
      if (held.connection->silent()) {
        silent.emplace_back(held.connection->silent_since(), id);
      }
    }
    const std::size_t most = std::max<std::size_t>(1, options_.connections_most / kRoomShare);
    const std::size_t count = std::min(silent.size(), most);
    std::partial_sort(silent.begin(), silent.begin() + static_cast<std::ptrdiff_t>(count),
                      silent.end());
    for (std::size_t i = 0; i < count; ++i) {
      connections_.erase(silent[i].second);
    }
    open_ = connections_.size();
  }

  void begin_stop() {
    if (stop_asked_ && !stopping_) {
      stopping_ = true;
      stop_until_ = now_ + options_.stop_grace;
      ::epoll_ctl(poll_, EPOLL_CTL_DEL, listener_, nullptr);
      ::close(listener_);
      sweep();
    }
  }

  void sweep() {
    next_sweep_ = now_ + kSweep;
    const bool stop_over = stopping_ && now_ > stop_until_;
    for (auto held = connections_.begin(); held != connections_.end();) {
      const auto next = std::next(held);
      if (stopping_ && hands_over_) {
        give_away(*held->second.connection);
      }
      held->second.connection->sweep(stop_over);
      settle(held);
      held = next;
    }
    if (!options_.certificate_file.empty() && now_ >= next_look_) {
      next_look_ = now_ + kLookAtFiles;
      look_at_certificate();
    }
  }

  void resume_streams() {
    while (!later_.empty() && later_.front().first <= now_) {
      const auto found = connections_.find(later_.front().second);
      later_.pop_front();
      if (found != connections_.end()) {
        found->second.connection->resume();
        settle(found);
      }
    }
  }

  [[nodiscard]] fs::file_time_type changed_at() const {
    std::error_code error;
    const auto certificate = fs::last_write_time(options_.certificate_file, error);
    return std::max(certificate, fs::last_write_time(options_.key_file, error));
  }

  void look_at_certificate() {
    {
      const std::lock_guard<std::mutex> lock(certificate_mutex_);
      const fs::file_time_type changed = changed_at();
      if (changed == certificate_changed_) {
        return;
      }
      certificate_changed_ = changed;  // said once, if it cannot be used
    }
    const auto loaded = reload_certificate();
    if (options_.notice) {
      options_.notice(loaded ? "the certificate has been read again" : loaded.error().message);
    }
  }

  std::shared_ptr<const Site> site_;
  ServerOptions options_;
  TrustedProxies proxies_;
  std::shared_ptr<ReplyBox> box_;
  std::array<std::unique_ptr<LanePool>, kLanes> lanes_;
  std::string scratch_;
  int poll_;
  int listener_ = -1;
  std::thread thread_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_asked_{false};
  std::atomic<bool> hands_over_{false};
  std::atomic<std::size_t> open_{0};
  std::mutex certificate_mutex_;
  std::shared_ptr<const Certificate> certificate_;
  fs::file_time_type certificate_changed_;
  // Of the server's thread alone:
  std::size_t held_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  Connections connections_;
  std::vector<Completed> arrived_;
  std::vector<std::uint64_t> flushed_;
  std::vector<int> given_away_;  ///< also the owner's, once thread_ has ended
  std::deque<std::pair<Clock::time_point, std::uint64_t>> later_;  ///< in order of time
  std::uint64_t next_connection_ = kFirstConnection;
  std::string date_;
  std::time_t date_second_ = 0;
  Clock::time_point now_;
  Clock::time_point caught_up_;  ///< when nobody had to wait for a later round
  Clock::time_point next_sweep_;
  Clock::time_point next_look_;
  Clock::time_point stop_until_;
  bool stopping_ = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(std::shared_ptr<const Site> site,
                                              const ServerOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(site), options);
  GUANXI_TRY_VOID(impl->listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port(); }
std::size_t Server::connections() const { return impl_->connections_open(); }
Result<void> Server::reload_certificate() { return impl_->reload_certificate(); }
void Server::stop() { impl_->stop(); }
std::vector<int> Server::hand_over() { return impl_->hand_over(); }

}  // namespace guanxi::http
