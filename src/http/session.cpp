#include "http/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>

#include "http/problem.hpp"

namespace guanxi::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t kPieceBytes = 256U << 10U;
constexpr std::size_t kReadBytes = 16U << 10U;
constexpr std::size_t kLingerBytes = 256U << 10U;
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::chrono::hours kNever{24 * 365};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return out;
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

Method method_of(beast::http::verb sent) {
  using Verb = beast::http::verb;
  if (sent == Verb::get) {
    return Method::get;
  }
  if (sent == Verb::head) {
    return Method::head;
  }
  if (sent == Verb::post) {
    return Method::post;
  }
  return sent == Verb::options ? Method::options : Method::other;
}

using Header = beast::http::header<true, beast::http::fields>;

/// What a request's framing may not be, beyond what the parser refuses itself: anything that
/// another reader of the same bytes could see as another number of requests (RFC 9112, 6.3, 11.2).
std::optional<Response> framing_fault(const Header& header) {
  using beast::http::field;
  if (header.count(field::content_length) > 1 ||
      view(header[field::content_length]).find(',') != std::string_view::npos) {
    return problem(Fault::malformed, "more than one Content-Length");
  }
  const auto codings = header.count(field::transfer_encoding);
  if (codings != 0) {
    if (header.count(field::content_length) != 0 || codings > 1 || header.version() < 11) {
      return problem(Fault::malformed, "Transfer-Encoding contradicts the rest of the request");
    }
    if (lower(view(header[field::transfer_encoding])) != "chunked") {
      return problem(Fault::not_implemented, "the only transfer coding read here is chunked");
    }
  }
  return std::nullopt;
}

bool wrong_number_of_hosts(const Header& header) {
  const auto hosts = header.count(beast::http::field::host);
  return hosts > 1 || (hosts == 0 && header.version() >= 11);
}

bool accepts_gzip(std::string_view accepted) {
  for (const auto& coding :
       beast::http::ext_list{beast::string_view(accepted.data(), accepted.size())}) {
    if (!beast::iequals(coding.first, "gzip")) {
      continue;
    }
    for (const auto& parameter : coding.second) {
      const std::string_view value = view(parameter.second);
      if (parameter.first == "q" &&
          (value == "0" || value == "0.0" || value == "0.00" || value == "0.000")) {
        return false;
      }
    }
    return true;
  }
  return false;
}

std::string media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) {
    type.remove_suffix(1);
  }
  return lower(type);
}

/// Splits "http://host/path" (the form for proxies) into authority and path.
void take_absolute_form(std::string_view& target, std::string& authority) {
  constexpr std::string_view kScheme = "http://";
  if (target.substr(0, kScheme.size()) != kScheme) {
    return;
  }
  const std::string_view rest = target.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  authority = rest.substr(0, slash);
  target = slash < rest.size() ? rest.substr(slash) : std::string_view("/");
}

bool may_have_body(unsigned status) { return status != 204 && status != 304; }

std::string head_of(const Response& response, bool for_door, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head += view(beast::http::obsolete_reason(beast::http::int_to_status(response.status)));
  head += "\r\nDate: " + date_now() + "\r\n";
  head += for_door ? door_headers() : security_headers();
  if (!response.content_type.empty() && may_have_body(response.status)) {
    head += "Content-Type: " + response.content_type + "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (may_have_body(response.status)) {
    head += "Content-Length: " + std::to_string(response.content().size()) + "\r\n";
  }
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace

/// A request on its way in, and what came of it.
struct Session::Incoming {
  beast::http::request_parser<beast::http::buffer_body> parser;
  Request request;
  RouteTable::Match match;
  Method method = Method::other;
  std::size_t body_bytes = 0;
  std::optional<Response> refusal;  ///< answered instead of asking a handler
  bool closed = false;              ///< nobody is there to be answered
  bool keep_alive = false;
  bool without_body = false;  ///< the answer to HEAD
};

Session::Session(asio::ip::tcp::socket socket, SessionHost& host)
    : socket_(std::move(socket)), host_(host), buffer_(host.options().header_bytes_most * 4) {
  enter(Phase::idle, host_.options().header_timeout);
}

void Session::enter(Phase phase, std::chrono::milliseconds allowed) {
  phase_ = phase;
  deadline_ = Clock::now() + allowed;
  expired_ = false;
}

void Session::expire() {
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::close() {
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Session::run() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  bool first = true;
  bool open = true;
  while (open && co_await wait_for_first_byte(first)) {
    first = false;
    Incoming incoming;
    co_await read_request(incoming);
    if (incoming.closed) {
      break;
    }
    const Clock::time_point complete = Clock::now();
    Response response;
    if (incoming.refusal) {
      response = std::move(*incoming.refusal);
    } else {
      enter(Phase::answering, kNever);
      response = co_await host_.answer(std::move(incoming.request), incoming.match);
    }
    witness(incoming, response, complete);
    incoming.keep_alive = incoming.keep_alive && !host_.stopping();
    const bool written = co_await write(incoming, response);
    open = written && incoming.keep_alive;
    if (written && !open) {
      co_await linger();
    }
  }
  close();
}

asio::awaitable<bool> Session::wait_for_first_byte(bool first_request) {
  if (buffer_.size() > 0) {
    co_return true;
  }
  if (host_.stopping()) {
    co_return false;
  }
  enter(Phase::idle, first_request ? host_.options().header_timeout : host_.options().idle_timeout);
  error_code error;
  const std::size_t count = co_await socket_.async_read_some(
      asio::buffer(buffer_.prepare(kReadBytes)), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(count);
  co_return !error && count > 0;
}

void Session::refuse_read(Incoming& incoming, const error_code& error) const {
  using HttpError = beast::http::error;
  incoming.keep_alive = false;
  if (error == HttpError::header_limit || error == HttpError::buffer_overflow) {
    incoming.refusal = problem(Fault::header_too_large, "the header is larger than 16 KB");
  } else if (expired_) {
    incoming.refusal = problem(Fault::timeout, "the request came too slowly");
  } else if (error == HttpError::end_of_stream || error == HttpError::partial_message ||
             error.category() != make_error_code(HttpError::bad_method).category()) {
    incoming.closed = true;
  } else {
    incoming.refusal = problem(Fault::malformed, "this is no HTTP request: " + error.message());
  }
}

asio::awaitable<void> Session::read_request(Incoming& incoming) {
  using beast::http::field;
  enter(Phase::header, host_.options().header_timeout);
  incoming.parser.header_limit(static_cast<std::uint32_t>(host_.options().header_bytes_most));
  incoming.parser.body_limit(boost::none);
  error_code error;
  co_await beast::http::async_read_header(socket_, buffer_, incoming.parser,
                                          asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    refuse_read(incoming, error);
    co_return;
  }
  take_header(incoming);
  if (!incoming.refusal) {
    incoming.keep_alive = incoming.parser.keep_alive();
    co_await read_body(incoming);
  }
}

/// After a refusal where the next request would begin is not known, so the connection ends.
void Session::take_header(Incoming& incoming) const {
  using beast::http::field;
  const Header& header = incoming.parser.get().base();
  Request& request = incoming.request;
  request.method = method_of(header.method());
  incoming.method = request.method;
  incoming.without_body = request.method == Method::head;
  std::string_view target = view(header.target());
  request.host = view(header[field::host]);
  take_absolute_form(target, request.host);
  incoming.refusal = framing_fault(header);
  if (!incoming.refusal && wrong_number_of_hosts(header)) {
    incoming.refusal = problem(Fault::malformed, "exactly one Host is needed");
  }
  if (!incoming.refusal && target.size() > host_.options().target_bytes_most) {
    incoming.refusal = problem(Fault::target_too_long, "the address is longer than 8 KB");
  }
  if (incoming.refusal) {
    return;
  }
  for (const auto& entry : header) {
    request.headers.emplace_back(lower(view(entry.name_string())), view(entry.value()));
  }
  request.content_type = media_type(view(header[field::content_type]));
  request.origin = view(header[field::origin]);
  request.fetch_site = view(header["Sec-Fetch-Site"]);
  request.if_none_match = view(header[field::if_none_match]);
  request.accepts_gzip = accepts_gzip(view(header[field::accept_encoding]));
  error_code error;
  request.peer = socket_.remote_endpoint(error).address().to_string();
  auto parsed = parse_target(target);
  if (!parsed) {
    incoming.refusal = problem(parsed.error());
    return;
  }
  request.target = std::move(*parsed);
  incoming.match = host_.site().find(request);
  const bool door = incoming.match.route != nullptr && is_door(*incoming.match.route);
  if (!door && !request.host.empty() && !is_own_host(request.host, host_.options().host_names)) {
    incoming.refusal = problem(Fault::misdirected, "this server does not answer to that Host");
  }
}

void Session::witness(const Incoming& incoming, const Response& response,
                      Clock::time_point complete) const {
  if (!host_.options().witness) {
    return;
  }
  Exchange exchange;
  exchange.route = incoming.match.route;
  exchange.method = incoming.method;
  exchange.status = response.status;
  exchange.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - complete);
  exchange.bytes_in = incoming.body_bytes;
  exchange.bytes_out = response.content().size();
  host_.options().witness(exchange);
}

asio::awaitable<void> Session::read_body(Incoming& incoming) {
  const Route* route = incoming.match.route;
  const std::size_t most =
      route == nullptr || route->body_bytes_most == 0 ? kBodyBytesMost : route->body_bytes_most;
  const std::uint64_t announced = incoming.parser.content_length().value_or(0);
  if (incoming.parser.is_done()) {
    co_return;
  }
  enter(Phase::body, host_.options().body_timeout);
  error_code error;
  if (beast::iequals(incoming.parser.get()[beast::http::field::expect], "100-continue") &&
      announced <= most) {
    co_await asio::async_write(socket_, asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  std::string piece(kReadBytes, '\0');
  std::size_t received = 0;
  while (!error && !incoming.parser.is_done() && announced <= 2 * most && received <= 2 * most) {
    auto& body = incoming.parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    co_await beast::http::async_read(socket_, buffer_, incoming.parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    error = error == beast::http::error::need_buffer ? error_code() : error;
    const std::size_t count = piece.size() - body.size;
    received += count;
    incoming.body_bytes = received;
    if (received <= most) {
      incoming.request.body.append(piece.data(), count);
    }
  }
  if (error) {
    refuse_read(incoming, error);
  } else if (announced > most || received > most) {
    incoming.keep_alive = incoming.keep_alive && incoming.parser.is_done();
    incoming.refusal =
        problem(Fault::too_large, "a body may have " + std::to_string(most) + " bytes at most");
  }
}

asio::awaitable<bool> Session::write(const Incoming& incoming, const Response& response) {
  const bool door = incoming.match.route != nullptr && is_door(*incoming.match.route);
  const std::string head = head_of(response, door, incoming.keep_alive);
  std::string_view content = response.content();
  if (incoming.without_body || !may_have_body(response.status)) {
    content = {};
  }
  std::string_view first = content.substr(0, kPieceBytes);
  content.remove_prefix(first.size());
  error_code error;
  enter(Phase::writing, host_.options().write_timeout);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head),
                                                  asio::buffer(first.data(), first.size())};
  co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, error));
  while (!error && !content.empty()) {
    const std::string_view piece = content.substr(0, kPieceBytes);
    content.remove_prefix(piece.size());
    enter(Phase::writing, host_.options().write_timeout);
    co_await asio::async_write(socket_, asio::buffer(piece.data(), piece.size()),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  co_return !error;
}

/// Closing with unread bytes would reset the connection and could take the answer from the peer.
asio::awaitable<void> Session::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  enter(Phase::closing, kLinger);
  std::string piece(kReadBytes, '\0');
  std::size_t dropped = 0;
  while (!error && dropped < kLingerBytes) {
    dropped += co_await socket_.async_read_some(asio::buffer(piece),
                                                asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace guanxi::http
