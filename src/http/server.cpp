#include "http/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <thread>

#include "base/check.hpp"
#include "http/problem.hpp"
#include "http/session.hpp"

namespace guanxi::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds kSweep{100};

asio::awaitable<Response> answer_on_pool(const Site& site, Request request,
                                         RouteTable::Match match) {
  co_return site.answer(std::move(request), std::move(match));
}

/// Brings a deferred answer back to the server's thread, once; when nobody gave one, says so.
template <typename Handler>
class Pending {
 public:
  Pending(asio::any_io_executor executor, Handler handler)
      : executor_(std::move(executor)), handler_(std::move(handler)) {}
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending() { give(problem(Fault::failed, "nothing answered this")); }

  void give(Response response) {
    if (!given_.exchange(true)) {
      asio::post(executor_,
                 [handler = std::move(handler_), response = std::move(response)]() mutable {
                   std::move(handler)(std::move(response));
                 });
    }
  }

 private:
  asio::any_io_executor executor_;
  Handler handler_;
  std::atomic<bool> given_{false};
};

asio::awaitable<Response> answer_deferred(const Site& site, Request request,
                                          RouteTable::Match match) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto begin = [&site, &request, &match, executor](auto handler) {
    auto pending = std::make_shared<Pending<decltype(handler)>>(executor, std::move(handler));
    site.answer_later(std::move(request), std::move(match),
                      [pending](Response response) { pending->give(std::move(response)); });
  };
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Response)>(
      begin, asio::use_awaitable);
}

}  // namespace

/// The running server: acceptor, sessions and pools. Everything but the handlers happens on
/// `thread_`, so none of this needs a lock.
class Server::Impl final : public SessionHost {
 public:
  Impl(std::shared_ptr<const Site> site, const ServerOptions& options)
      : site_(std::move(site)),
        options_(options),
        acceptor_(io_),
        timer_(io_),
        lanes_{LaneState{asio::thread_pool(options.instant_threads), 0, options.quick_waiting_most},
               LaneState{asio::thread_pool(options.quick_threads), 0, options.quick_waiting_most},
               LaneState{asio::thread_pool(options.slow_threads), 0, options.slow_waiting_most}} {}

  ~Impl() override {
    try {
      stop();
    } catch (const std::exception& failure) {
      check_failed("stop()", failure.what(), __FILE__, __LINE__);
    }
  }

  Result<void> listen() {
    error_code error = options_.inherited_socket >= 0 ? take_socket() : open_socket();
    if (error) {
      return fail(ErrorCode::unavailable, "port " + std::to_string(options_.port) + " of " +
                                              options_.address +
                                              " cannot be used: " + error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  void stop() {
    if (!thread_.joinable()) {
      return;
    }
    asio::post(io_, [this] {
      stopping_ = true;
      stop_until_ = Session::Clock::now() + options_.stop_grace;
      error_code ignored;
      acceptor_.close(ignored);
    });
    thread_.join();
    for (LaneState& lane : lanes_) {
      lane.pool.join();
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const ServerOptions& options() const override { return options_; }
  [[nodiscard]] bool stopping() const override { return stopping_; }

  [[nodiscard]] const Site& site() const override { return *site_; }
  [[nodiscard]] std::size_t connections() const { return connections_; }

  [[nodiscard]] asio::awaitable<Response> answer(Request request,
                                                 RouteTable::Match match) override {
    if (match.route != nullptr && match.route->deferred) {
      co_return co_await answer_deferred(*site_, std::move(request), std::move(match));
    }
    const Lane wanted = match.route == nullptr ? Lane::instant : match.route->lane;
    LaneState& lane = lanes_[static_cast<std::size_t>(wanted)];
    if (lane.waiting >= lane.waiting_most) {
      co_return problem(Error{ErrorCode::overloaded, "too much work is waiting; try again"});
    }
    ++lane.waiting;
    auto work = answer_on_pool(*site_, std::move(request), std::move(match));
    Response response = co_await asio::co_spawn(lane.pool, std::move(work), asio::use_awaitable);
    --lane.waiting;
    co_return response;
  }

 private:
  struct LaneState {
    asio::thread_pool pool;
    std::size_t waiting;
    std::size_t waiting_most;
  };
  using Sessions = std::list<Session>;

  error_code open_socket() {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(options_.address, error);
    const asio::ip::tcp::endpoint here(address, options_.port);
    if (!error) {
      acceptor_.open(here.protocol(), error);
    }
    if (!error) {
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
      acceptor_.bind(here, error);
    }
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    return error;
  }

  error_code take_socket() {
    error_code error;
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    const int own = ::fcntl(options_.inherited_socket, F_DUPFD_CLOEXEC, 0);
    if (own < 0 || ::getsockname(own, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
      return {errno, boost::system::system_category()};
    }
    acceptor_.assign(bound.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), own,
                     error);
    return error;
  }

  asio::awaitable<void> accept() {
    while (!stopping_) {
      error_code error;
      asio::ip::tcp::socket socket =
          co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error && !stopping_) {  // out of file descriptors, or the peer has gone already
        asio::steady_timer pause(io_, kSweep);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      } else if (!error && make_room()) {
        sessions_.emplace_back(std::move(socket), *this);
        connections_ = sessions_.size();
        asio::co_spawn(io_, hold(std::prev(sessions_.end())), asio::detached);
      }
    }
  }

  asio::awaitable<void> hold(Sessions::iterator session) {
    try {
      co_await session->run();
    } catch (const std::exception&) {
      session->close();
    }
    sessions_.erase(session);
    connections_ = sessions_.size();
  }

  /// When full, the connection that has been silent longest makes room for the new one.
  bool make_room() {
    if (sessions_.size() < options_.connections_most) {
      return true;
    }
    Session* silent = nullptr;
    for (Session& session : sessions_) {
      const bool waits =
          session.phase() == Session::Phase::idle || session.phase() == Session::Phase::header;
      if (waits && (silent == nullptr || session.deadline() < silent->deadline())) {
        silent = &session;
      }
    }
    if (silent != nullptr) {
      silent->close();
    }
    return silent != nullptr && sessions_.size() < 2 * options_.connections_most;
  }

  asio::awaitable<void> sweep() {
    while (!stopping_ || !sessions_.empty()) {
      const Session::Clock::time_point now = Session::Clock::now();
      for (Session& session : sessions_) {
        const Session::Phase phase = session.phase();
        const bool waits = phase == Session::Phase::idle || phase == Session::Phase::closing;
        const bool stopped =
            stopping_ && (waits || (now > stop_until_ && phase != Session::Phase::answering));
        if (stopped) {
          session.close();
        } else if (now > session.deadline()) {
          session.expire();
        }
      }
      timer_.expires_after(kSweep);
      error_code error;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }

  std::shared_ptr<const Site> site_;
  ServerOptions options_;
  asio::io_context io_{1};
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::array<LaneState, kLanes> lanes_;
  Sessions sessions_;
  std::thread thread_;
  std::atomic<std::size_t> connections_{0};
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  Session::Clock::time_point stop_until_;
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
std::size_t Server::connections() const { return impl_->connections(); }
void Server::stop() { impl_->stop(); }

}  // namespace guanxi::http
