#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/proxies.hpp"
#include "http/reply_box.hpp"
#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "http/site.hpp"
#include "http/transport.hpp"

namespace guanxi::http {

/// What a connection needs of the server that holds it.
///
/// Place       Implemented by the server; connections call it.
/// Threads     The server's one thread only.
class ConnectionHost {
 public:
  using Clock = std::chrono::steady_clock;

  ConnectionHost() = default;
  ConnectionHost(const ConnectionHost&) = delete;
  ConnectionHost& operator=(const ConnectionHost&) = delete;
  virtual ~ConnectionHost() = default;

  [[nodiscard]] virtual const ServerOptions& options() const = 0;
  [[nodiscard]] virtual const Site& site() const = 0;
  [[nodiscard]] virtual const TrustedProxies& proxies() const = 0;
  [[nodiscard]] virtual const std::shared_ptr<ReplyBox>& box() const = 0;
  [[nodiscard]] virtual bool stopping() const = 0;
  /// While it stops, plain connections are given away instead of closed.
  [[nodiscard]] virtual bool hands_over() const = 0;
  [[nodiscard]] virtual Clock::time_point now() const = 0;
  [[nodiscard]] virtual std::string_view date() const = 0;
  /// More comes than can be read in time.
  [[nodiscard]] virtual bool overdue() const = 0;
  /// Where reads go before anyone keeps them; the same memory for all connections.
  [[nodiscard]] virtual std::string& scratch() = 0;
  /// Hands a request to a pool; false when that is full.
  [[nodiscard]] virtual bool take_work(Lane lane, struct Work& work) = 0;
  /// Calls resume() of this connection a little later.
  virtual void call_later(std::uint64_t connection) = 0;
  /// Counts bytes of bodies that are not whole yet, over all connections; false: that is too many.
  [[nodiscard]] virtual bool hold_bytes(std::size_t more) = 0;
  virtual void release_bytes(std::size_t bytes) = 0;
  /// Counts bytes of answers that are not sent yet, over all connections.
  virtual void hold_unsent(std::size_t more) = 0;
  virtual void release_unsent(std::size_t bytes) = 0;
};

/// One connection: reads requests one after the other and writes their answers in order.
///
/// While doors owe answers, the requests behind them are read and handed on already, up to
/// kPipelineMost; a handler that blocks is asked only when nothing is owed.
///
/// Place       Made by the server for each accepted socket; the server drops it when finished().
/// Invariants  Every wait for the peer has a deadline. Nothing is read while kPipelineMost answers
///             are owed or an answer waits for the peer to take it. Between requests it holds no
///             memory to speak of.
/// Threads     The server's one thread only.
class Connection {
 public:
  using Clock = ConnectionHost::Clock;
  static constexpr std::size_t kPipelineMost = 64;

  Connection(std::uint64_t id, const Accepted& accepted, const Certificate* certificate,
             ConnectionHost& host);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// The socket can be read, or written.
  void ready(bool readable, bool writable);
  /// An answer that was owed, or the next piece of one. Nothing is sent before flush().
  void completed(Completed&& completed);
  /// Sends what can be sent, and goes on with what waited for that.
  void flush();
  /// It is time to ask a stream again that had nothing.
  void resume();
  /// The socket of a plain connection that waits for its next request, which is the caller's from
  /// then on; the connection is finished. -1: it is not so far.
  [[nodiscard]] int give_away();
  /// The socket is of no use any more.
  void abandon() { finished_ = true; }
  /// Looks at the deadlines; `stop_over`: the server waits for no reader any more.
  void sweep(bool stop_over);

  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] bool wants_read() const;
  [[nodiscard]] bool wants_write() const { return blocked_ || transport_.wants_write(); }
  /// The peer takes nothing; since the time that its deadline tells.
  [[nodiscard]] bool blocked() const { return blocked_; }
  [[nodiscard]] Clock::time_point write_deadline() const { return write_deadline_; }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] int socket() const { return transport_.socket(); }
  [[nodiscard]] bool secure() const { return transport_.secure(); }
  /// Silent: owes nothing and has no whole request. Since when.
  [[nodiscard]] bool silent() const { return slots_.empty() && !closing_; }
  [[nodiscard]] Clock::time_point silent_since() const { return silent_since_; }

 private:
  /// An answer owed or waiting to be sent.
  struct Slot {
    std::uint32_t request = 0;
    bool ready = false;
    bool deferred = false;
    bool keep_alive = false;
    bool without_body = false;  ///< the answer to HEAD
    bool door = false;
    bool http10 = false;
    bool secure = false;
    Method method = Method::other;
    const Route* route = nullptr;
    std::size_t bytes_in = 0;
    std::size_t unsent_bytes = 0;  ///< told to hold_unsent()
    Clock::time_point complete;
    Response response;
  };
  enum class Stream : std::uint8_t { none, ready, asked, waiting };

  // Reading.
  void read();
  void consume(std::string_view bytes);
  [[nodiscard]] std::string_view parse(std::string_view bytes);
  [[nodiscard]] bool may_parse() const;
  void take_head();
  [[nodiscard]] bool is_known_host(const Request& request) const;
  void count_body();
  void dispatch();
  void hand_over(Slot& slot);
  void refuse(Fault fault, std::string_view message);
  Slot& add_slot();
  void peer_ended();
  // Writing.
  void pump();
  [[nodiscard]] bool closes_after_answer() const;
  [[nodiscard]] bool fill();
  void begin_answer(Slot& slot);
  void end_answer();
  void ask_stream();
  [[nodiscard]] bool send();
  [[nodiscard]] bool send_piece(std::string_view bytes, std::size_t& sent);
  void linger();
  void finish() { finished_ = true; }

  std::uint64_t id_;
  ConnectionHost& host_;
  Transport transport_;
  std::string peer_;
  RequestReader reader_;
  RouteTable::Match match_;
  std::string pending_;  ///< read, and not yet parsed
  std::deque<Slot> slots_;
  std::string out_;  ///< to be sent, from out_sent_ on
  std::size_t out_sent_ = 0;
  std::size_t content_sent_ = 0;  ///< of the first slot's body, sent without copying
  bool sends_content_ = false;
  Stream stream_ = Stream::none;
  std::uint32_t next_request_ = 0;
  std::size_t counted_bytes_ = 0;  ///< told to hold_bytes()
  std::size_t piece_left_ = 0;     ///< to be taken by the peer before write_deadline_
  std::size_t dropped_bytes_ = 0;  ///< while closing
  Clock::time_point silent_since_;
  Clock::time_point read_deadline_;
  Clock::time_point body_since_;
  Clock::time_point write_deadline_ = Clock::time_point::max();
  bool held_ = false;     ///< a whole request waits until nothing is owed
  bool last_ = false;     ///< no request after those read
  bool ended_ = false;    ///< the peer sends nothing more
  bool blocked_ = false;  ///< the peer takes nothing now
  bool overloaded_ = false;
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace guanxi::http
