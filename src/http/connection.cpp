#include "http/connection.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "http/lane_pool.hpp"
#include "http/problem.hpp"
#include "http/response_head.hpp"

namespace guanxi::http {
namespace {

constexpr std::size_t kPieceBytes = 256U << 10U;
constexpr std::size_t kBatchBytes = 64U << 10U;  // of answers gathered for one send
constexpr std::size_t kCopyBytes = 16U << 10U;   // a longer body is sent from where it is
constexpr std::size_t kKeepBytes = 4U << 10U;    // of buffers between requests
constexpr std::size_t kLingerBytes = 256U << 10U;
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kBodyBytesPerSecond = 16U << 10U;
constexpr int kReadsInARow = 4;
constexpr unsigned kFirstFailure = 400;
constexpr std::size_t kHeavyBytes = 256U << 10U;
constexpr std::size_t kHeavyPackedBytes = 32U << 10U;

/// A body whose reading would keep all other connections waiting for a millisecond or more.
bool is_heavy(const Request& request) {
  const bool packed = !request.header("content-encoding").empty();
  return request.body.size() > (packed ? kHeavyPackedBytes : kHeavyBytes);
}

}  // namespace

Connection::Connection(std::uint64_t id, const Accepted& accepted, const Certificate* certificate,
                       ConnectionHost& host)
    : id_(id),
      host_(host),
      transport_(accepted.socket, certificate),
      peer_(accepted.peer),
      reader_({host.options().header_bytes_most, host.options().target_bytes_most}),
      silent_since_(host.now()),
      read_deadline_(host.now() + host.options().header_timeout) {}

Connection::~Connection() {
  host_.release_bytes(counted_bytes_);
  for (const Slot& slot : slots_) {
    host_.release_unsent(slot.unsent_bytes);
  }
}

bool Connection::wants_read() const {
  const bool watches_reader = last_ && stream_ != Stream::none;
  return !finished_ && !ended_ && (closing_ || watches_reader || (may_parse() && !blocked_));
}

bool Connection::may_parse() const {
  return !finished_ && !last_ && !held_ && slots_.size() < kPipelineMost;
}

void Connection::ready(bool readable, bool writable) {
  if (readable || transport_.wants_write()) {
    read();
  }
  if (writable && !finished_) {
    flush();
  }
}

void Connection::read() {
  std::string& scratch = host_.scratch();
  for (int i = 0; i < kReadsInARow && wants_read(); ++i) {
    const Transport::Moved moved = transport_.read(scratch.data(), scratch.size());
    if (moved.outcome == Transport::Outcome::gone) {
      return peer_ended();
    }
    if (moved.outcome == Transport::Outcome::again) {
      return;
    }
    if (closing_) {
      dropped_bytes_ += moved.bytes;
      finished_ = dropped_bytes_ > kLingerBytes;
    } else {
      consume(std::string_view(scratch).substr(0, moved.bytes));
    }
    if (moved.bytes < scratch.size() && !transport_.holds_bytes()) {
      return;
    }
  }
}

/// A peer may end its side and still wait for answers.
void Connection::peer_ended() {
  ended_ = true;
  const bool idle_stream = stream_ == Stream::waiting;
  if (closing_ || slots_.empty() || idle_stream) {
    finish();
  }
}

void Connection::consume(std::string_view bytes) {
  if (pending_.empty()) {
    const std::string_view rest = parse(bytes);
    if (!rest.empty()) {
      pending_.assign(rest);
    }
    return;
  }
  pending_.append(bytes);
  const std::size_t left = parse(pending_).size();
  pending_.erase(0, pending_.size() - left);
  if (pending_.empty() && pending_.capacity() > kKeepBytes) {
    pending_ = std::string();
  }
}

/// Parses as many requests as may be, and gives back what is left.
std::string_view Connection::parse(std::string_view bytes) {
  using State = RequestReader::State;
  while (may_parse()) {
    const bool begun = reader_.begun();
    bytes.remove_prefix(reader_.feed(bytes));
    if (!begun && reader_.begun()) {
      read_deadline_ = host_.now() + host_.options().header_timeout;
    }
    if (reader_.state() == State::head_done) {
      take_head();
    } else if (reader_.state() == State::whole) {
      dispatch();
    } else if (reader_.state() == State::refused) {
      const RequestReader::Refusal refusal = reader_.refusal();
      refuse(refusal.fault, refusal.message);
    } else {
      if (reader_.state() == State::body) {
        count_body();
      }
      return bytes;
    }
  }
  return last_ ? std::string_view() : bytes;
}

void Connection::take_head() {
  Request& request = reader_.request();
  request.peer = peer_;
  request.secure = transport_.secure();
  host_.proxies().take_word(request);
  match_ = host_.site().find(request);
  if (!is_known_host(request)) {
    return refuse(Fault::misdirected, "this server does not answer to that Host");
  }
  const Route* route = match_.route;
  reader_.begin_body(route == nullptr || route->body_bytes_most == 0 ? kBodyBytesMost
                                                                     : route->body_bytes_most);
  body_since_ = host_.now();
  read_deadline_ = body_since_ + host_.options().body_timeout;
  if (reader_.awaits_continue() && !reader_.is_http10() &&
      reader_.state() == RequestReader::State::body && slots_.empty()) {
    out_.append("HTTP/1.1 100 Continue\r\n\r\n");
    pump();
  }
}

bool Connection::is_known_host(const Request& request) const {
  const bool door = match_.route != nullptr && is_door(*match_.route);
  return door || request.host.empty() || is_own_host(request.host, host_.options().host_names);
}

/// A sender must keep up a speed, and all unfinished bodies together have a limit.
void Connection::count_body() {
  const std::size_t received = reader_.body_bytes();
  const std::chrono::seconds earned(static_cast<std::int64_t>(received / kBodyBytesPerSecond));
  read_deadline_ = body_since_ + host_.options().body_timeout + earned;
  const std::size_t held = overloaded_ ? 0 : std::min(received, reader_.request().body.size());
  if (held > counted_bytes_ && !host_.hold_bytes(held - counted_bytes_)) {
    overloaded_ = true;
    reader_.forget_body();
  }
  counted_bytes_ = std::max(counted_bytes_, held);
}

Connection::Slot& Connection::add_slot() {
  Slot& slot = slots_.emplace_back();
  slot.request = next_request_++;
  slot.complete = host_.now();
  slot.method = reader_.request().method;
  slot.without_body = slot.method == Method::head;
  slot.http10 = reader_.is_http10();
  slot.secure = reader_.request().secure;
  slot.route = match_.route;
  slot.door = slot.route != nullptr && is_door(*slot.route);
  slot.bytes_in = reader_.body_bytes();
  return slot;
}

/// After this the connection ends, since where the next request would begin is not known.
void Connection::refuse(Fault fault, std::string_view message) {
  Slot& slot = add_slot();
  slot.response = problem(fault, message);
  slot.ready = true;
  last_ = true;
  pump();
}

void Connection::dispatch() {
  const bool deferred = match_.route != nullptr && match_.route->deferred;
  if (!slots_.empty() && !(deferred && slots_.back().deferred)) {
    held_ = true;
    return;
  }
  Slot& slot = add_slot();
  slot.keep_alive = reader_.keep_alive();
  last_ = !slot.keep_alive;
  if (reader_.body_too_large()) {
    slot.response = problem(Fault::too_large, "the body is larger than this path takes");
    slot.ready = true;
  } else if (slot.door && host_.overdue()) {
    slot.response = problem(Fault::too_many, "more comes than can be taken; come again");
    slot.ready = true;
  } else if (overloaded_) {
    slot.response = problem(Error{ErrorCode::overloaded, "too many bodies are under way"});
    slot.ready = true;
  } else {
    hand_over(slot);
  }
  host_.release_bytes(counted_bytes_);
  counted_bytes_ = 0;
  overloaded_ = false;
  reader_.reset();
  match_ = {};
  read_deadline_ = host_.now() + host_.options().idle_timeout;
  silent_since_ = host_.now();
  if (slots_.back().ready) {
    pump();
  }
}

/// Replies come through the box, also those of a handler that answers at once.
void Connection::hand_over(Slot& slot) {
  const Ticket ticket{id_, slot.request};
  if (slot.route != nullptr && slot.route->deferred) {
    slot.deferred = true;
    Reply reply = ReplyBox::reply_to(host_.box(), ticket);
    Work heavy{ticket, std::move(reader_.request()), std::move(match_), nullptr, std::move(reply)};
    if (!is_heavy(heavy.request) || !host_.take_work(Lane::quick, heavy)) {
      host_.site().answer_later(std::move(heavy.request), std::move(heavy.match), heavy.reply);
    }
    return;
  }
  const Lane lane = slot.route == nullptr ? Lane::instant : slot.route->lane;
  Work work{ticket, std::move(reader_.request()), std::move(match_)};
  if (!host_.take_work(lane, work)) {
    slot.response = problem(Error{ErrorCode::overloaded, "too much work is waiting; try again"});
    slot.ready = true;
  }
}

void Connection::completed(Completed&& completed) {
  const std::size_t place = slots_.empty() ? 0 : completed.ticket.request - slots_.front().request;
  if (place >= slots_.size()) {
    return;
  }
  Slot* slot = &slots_[place];
  if (!completed.piece) {
    slot->response = std::move(completed.response);
    slot->ready = true;
    slot->unsent_bytes = slot->response.body.size();
    host_.hold_unsent(slot->unsent_bytes);
    return;
  }
  const std::string& piece = completed.response.body;
  if (slot->http10) {
    out_.append(piece);
  } else {
    append_chunk(out_, piece);
  }
  stream_ = *completed.piece == BodyStream::State::later ? Stream::waiting : Stream::ready;
  if (*completed.piece == BodyStream::State::end) {
    out_.append(slot->http10 ? "" : kLastChunk);
    end_answer();
  } else if (stream_ == Stream::waiting) {
    if (ended_ || host_.stopping()) {
      finish();
    } else {
      host_.call_later(id_);
    }
  }
}

bool Connection::closes_after_answer() const {
  return host_.stopping() && (transport_.secure() || !host_.hands_over());
}

int Connection::give_away() {
  const bool between = slots_.empty() && pending_.empty() && out_.empty() && !reader_.begun();
  if (!between || transport_.secure() || finished_ || closing_ || ended_ || last_ || held_) {
    return -1;
  }
  finish();
  return transport_.release();
}

void Connection::resume() {
  if (stream_ == Stream::waiting) {
    stream_ = Stream::ready;
    flush();
  }
}

void Connection::flush() {
  pump();
  if (finished_ || blocked_) {
    return;
  }
  if (held_ && slots_.empty()) {
    held_ = false;
    dispatch();
  }
  if (!pending_.empty() && may_parse()) {
    consume({});
  }
  if (transport_.holds_bytes() && wants_read()) {
    read();
  }
}

/// Gathers answers and sends them until there is none, or the peer takes no more.
void Connection::pump() {
  while (!finished_ && !closing_) {
    const bool filled = fill();
    if (!send()) {
      return;
    }
    if (sends_content_) {
      end_answer();
    } else if (stream_ == Stream::ready) {
      return ask_stream();
    } else if (!filled) {
      break;
    }
  }
  if (!finished_ && !closing_ && slots_.empty() && out_.empty()) {
    if (last_) {
      linger();
    } else if (ended_) {
      finish();
    }
  }
}

/// True when it put an answer into out_ (or its head, before a body sent from where it is).
bool Connection::fill() {
  bool filled = false;
  while (!slots_.empty() && slots_.front().ready && !sends_content_ && stream_ == Stream::none &&
         out_.size() < kBatchBytes) {
    begin_answer(slots_.front());
    filled = true;
  }
  return filled;
}

void Connection::begin_answer(Slot& slot) {
  const Response& response = slot.response;
  const bool streamed = response.stream != nullptr && !slot.without_body;
  slot.keep_alive = slot.keep_alive && !closes_after_answer() && !(streamed && slot.http10);
  last_ = last_ || !slot.keep_alive;
  HeadOptions head;
  head.door = slot.door;
  head.keep_alive = slot.keep_alive;
  head.http10 = slot.http10;
  head.secure = slot.secure;
  head.date = host_.date();
  std::string request_id;
  if (!slot.door || response.status >= kFirstFailure) {
    request_id =
        host_.options().run_name + "_" + std::to_string(id_) + "_" + std::to_string(slot.request);
  }
  head.request_id = request_id;
  append_head(out_, response, head);
  if (host_.options().witness) {
    using std::chrono::microseconds;
    const auto took = std::chrono::duration_cast<microseconds>(Clock::now() - slot.complete);
    host_.options().witness({slot.route, slot.method, response.status, took, slot.bytes_in,
                             response.content().size(), request_id});
  }
  const std::string_view content = response.content();
  if (slot.without_body || !may_have_body(response.status)) {
    end_answer();
  } else if (streamed) {
    stream_ = Stream::ready;
  } else if (content.size() <= kCopyBytes) {
    out_.append(content);
    end_answer();
  } else {
    sends_content_ = true;
    content_sent_ = 0;
  }
}

/// The first answer is in out_ or sent. Behind one that closes, nothing more is answered.
void Connection::end_answer() {
  const bool goes_on = slots_.front().keep_alive;
  host_.release_unsent(slots_.front().unsent_bytes);
  slots_.pop_front();
  if (!goes_on) {
    for (const Slot& slot : slots_) {
      host_.release_unsent(slot.unsent_bytes);
    }
    slots_.clear();
    last_ = true;
  }
  sends_content_ = false;
  stream_ = Stream::none;
  silent_since_ = host_.now();
  if (slots_.empty() && !reader_.begun()) {
    read_deadline_ = host_.now() + host_.options().idle_timeout;
  }
}

void Connection::ask_stream() {
  Slot& slot = slots_.front();
  const Ticket ticket{id_, slot.request};
  stream_ = Stream::asked;
  if (slot.deferred || slot.route == nullptr) {
    Completed piece{ticket, {}, std::nullopt};
    piece.piece = next_piece(*slot.response.stream, piece.response.body);
    host_.box()->put(std::move(piece));
    return;
  }
  Work work{ticket, {}, {}, slot.response.stream, {}};
  GUANXI_CHECK(host_.take_work(slot.route->lane, work), "a piece of a stream always finds room");
}

/// True when everything has gone out.
bool Connection::send() {
  while (out_sent_ < out_.size()) {
    if (!send_piece(std::string_view(out_).substr(out_sent_), out_sent_)) {
      return false;
    }
  }
  out_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kKeepBytes && slots_.empty()) {
    out_ = std::string();
  }
  while (sends_content_ && content_sent_ < slots_.front().response.content().size()) {
    if (!send_piece(slots_.front().response.content().substr(content_sent_), content_sent_)) {
      return false;
    }
  }
  blocked_ = false;
  write_deadline_ = Clock::time_point::max();
  return true;
}

/// False when the peer takes nothing more now, or has gone.
bool Connection::send_piece(std::string_view bytes, std::size_t& sent) {
  const Transport::Moved moved = transport_.write(bytes.substr(0, kPieceBytes));
  if (moved.outcome == Transport::Outcome::done) {
    sent += moved.bytes;
    if (blocked_ && moved.bytes >= piece_left_) {
      piece_left_ = kPieceBytes;
      write_deadline_ = host_.now() + host_.options().write_timeout;
    } else if (blocked_) {
      piece_left_ -= moved.bytes;
    }
    return true;
  }
  if (moved.outcome == Transport::Outcome::gone) {
    finish();
  } else if (!blocked_) {
    blocked_ = true;
    piece_left_ = kPieceBytes;
    write_deadline_ = host_.now() + host_.options().write_timeout;
  }
  return false;
}

/// Closing with unread bytes would reset the connection and could take the answer from the peer.
void Connection::linger() {
  closing_ = true;
  pending_ = std::string();
  transport_.finish();
  read_deadline_ = host_.now() + kLinger;
  if (ended_) {
    finish();
  }
}

void Connection::sweep(bool stop_over) {
  const bool mid_request = reader_.begun() && !held_ && !last_;
  const bool waits_for_peer = slots_.empty() && !closing_;
  if (host_.now() > write_deadline_ || (closing_ && host_.now() > read_deadline_)) {
    return finish();
  }
  if (host_.stopping()) {
    const bool blocking = !slots_.empty() && !slots_.front().ready && !slots_.front().deferred;
    const bool idle = waits_for_peer && (!mid_request || stop_over);
    if (idle || stream_ == Stream::waiting || (stop_over && !blocking)) {
      return finish();
    }
  }
  if (may_parse() && !blocked_ && host_.now() > read_deadline_) {
    if (mid_request) {
      refuse(Fault::timeout, "the request came too slowly");
    } else if (waits_for_peer) {
      finish();
    }
  }
}

}  // namespace guanxi::http
