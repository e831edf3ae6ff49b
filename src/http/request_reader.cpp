#include "http/request_reader.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace guanxi::http {
namespace {

constexpr std::size_t kUsualHeaders = 16;
constexpr std::size_t kReserveMost = 64U << 10U;
constexpr std::size_t kLengthDigitsMost = 18;
constexpr std::size_t kChunkDigitsMost = 15;

/// What a byte may be part of, by its value.
struct Classes {
  std::array<bool, 256> token{};
  std::array<bool, 256> text{};
  std::array<bool, 256> target{};
  std::array<bool, 256> authority{};
};
constexpr Classes make_classes() {
  Classes classes;
  for (unsigned c = 0x21; c < 256; ++c) {
    classes.text[c] = c != 0x7F;
    classes.target[c] = c != 0x7F;
  }
  classes.text[' '] = true;
  classes.text['\t'] = true;
  for (unsigned c = 0; c < 10; ++c) {
    classes.token['0' + c] = true;
  }
  for (unsigned c = 0; c < 26; ++c) {
    classes.token['a' + c] = true;
    classes.token['A' + c] = true;
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    classes.token[static_cast<unsigned char>(c)] = true;
  }
  classes.authority = classes.token;
  for (const char c : std::string_view("#^`|")) {
    classes.authority[static_cast<unsigned char>(c)] = false;
  }
  for (const char c : std::string_view(":[]();=,")) {
    classes.authority[static_cast<unsigned char>(c)] = true;
  }
  return classes;
}
constexpr Classes kClasses = make_classes();

bool all_of(const std::array<bool, 256>& members, std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [&members](char c) { return members[static_cast<unsigned char>(c)]; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// Calls `take` with each part between commas, trimmed.
template <typename Take>
void for_each_part(std::string_view list, Take take) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    take(trimmed(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool accepts_gzip(std::string_view accepted) {
  bool accepts = false;
  for_each_part(accepted, [&accepts](std::string_view part) {
    const std::size_t mark = std::min(part.find(';'), part.size());
    if (lowered(trimmed(part.substr(0, mark))) != "gzip") {
      return;
    }
    std::string_view weight = trimmed(part.substr(std::min(mark + 1, part.size())));
    const bool weighed = weight.substr(0, 2) == "q=" || weight.substr(0, 2) == "Q=";
    weight.remove_prefix(weighed ? 2 : 0);
    accepts = !weighed || weight.find_first_not_of("0.") != std::string_view::npos;
  });
  return accepts;
}

Method method_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Method>, 4> kMethods{
      {{"POST", Method::post},
       {"GET", Method::get},
       {"HEAD", Method::head},
       {"OPTIONS", Method::options}}};
  for (const auto& [known, method] : kMethods) {
    if (known == name) {
      return method;
    }
  }
  return Method::other;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Splits "http://host/path" (the form for proxies) into authority and path.
void take_absolute_form(std::string_view& target, std::string& authority) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.substr(0, scheme.size()) == scheme) {
      const std::string_view rest = target.substr(scheme.size());
      const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
      authority = rest.substr(0, slash);
      target = slash < rest.size() ? rest.substr(slash) : std::string_view("/");
      return;
    }
  }
}

}  // namespace

void RequestReader::reset() {
  const Limits limits = limits_;
  *this = RequestReader(limits);
}

void RequestReader::refuse(Fault fault, std::string_view message) {
  if (state_ != State::refused) {
    state_ = State::refused;
    refusal_ = {fault, message};
    keep_alive_ = false;
  }
}

std::size_t RequestReader::feed(std::string_view bytes) {
  switch (state_) {
    case State::head:
      return feed_head(bytes);
    case State::body:
      return chunked_ ? feed_chunked(bytes) : feed_body(bytes);
    case State::head_done:
    case State::whole:
    case State::refused:
      break;
  }
  return 0;
}

/// Looks for the empty line, and at nothing before it has come.
std::size_t RequestReader::feed_head(std::string_view bytes) {
  std::size_t skipped = 0;
  if (!begun_) {  // empty lines before a request are left over from a careless one before it
    while (bytes.substr(skipped, 2) == "\r\n") {
      skipped += 2;
    }
    bytes.remove_prefix(skipped);
    if (bytes.empty() || bytes == "\r") {
      return skipped;
    }
    begun_ = true;
    if (!kClasses.token[static_cast<unsigned char>(bytes.front())]) {
      refuse(Fault::malformed, "this is no HTTP request");
      return skipped;
    }
  }
  while (true) {
    const std::size_t end = bytes.find('\n', scanned_);
    if (std::min(end, bytes.size()) > limits_.head_bytes_most) {
      refuse(Fault::header_too_large, "the header is larger than 16 KB");
      return skipped;
    }
    if (end == std::string_view::npos) {
      scanned_ = bytes.size();
      return skipped;
    }
    if (end == line_begin_ || bytes[end - 1] != '\r') {
      refuse(Fault::malformed, "a line of the header does not end with CR LF");
      return skipped;
    }
    if (end - 1 == line_begin_) {
      parse_head(bytes.substr(0, end - 1));
      return skipped + end + 1;
    }
    scanned_ = line_begin_ = end + 1;
  }
}

void RequestReader::parse_head(std::string_view head) {
  std::size_t end = head.find('\n');
  parse_request_line(head.substr(0, end - 1));
  request_.headers.reserve(kUsualHeaders);
  std::size_t at = end + 1;
  while (state_ != State::refused && at < head.size()) {
    end = head.find('\n', at);
    parse_field(head.substr(at, end - 1 - at));
    at = end + 1;
  }
  if (state_ != State::refused) {
    check_framing();
  }
  if (state_ != State::refused) {
    take_target();
  }
  if (state_ != State::refused) {
    state_ = State::head_done;
    keep_alive_ = !says_close_ && (!http10_ || says_keep_alive_);
  }
}

void RequestReader::parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || first == 0) {
    return refuse(Fault::malformed, "the first line is no request");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!all_of(kClasses.token, method) || target.empty() || !all_of(kClasses.target, target)) {
    return refuse(Fault::malformed, "the first line is no request");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(Fault::malformed, "HTTP/1.1 and 1.0 are spoken here");
  }
  http10_ = version == "HTTP/1.0";
  request_.method = method_of(method);
  target_ = target;
}

void RequestReader::parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !all_of(kClasses.token, line.substr(0, colon))) {
    return refuse(Fault::malformed, "a line of the header is no \"name: value\"");
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!all_of(kClasses.text, value)) {
    return refuse(Fault::malformed, "a header holds a control character");
  }
  if (request_.headers.size() == kHeadersMost) {
    return refuse(Fault::header_too_large, "there are more than 128 headers");
  }
  const auto& [name, kept] = request_.headers.emplace_back(lowered(line.substr(0, colon)), value);
  note_field(name, kept);
}

void RequestReader::note_field(std::string_view name, std::string_view value) {
  if (name == "host") {
    ++hosts_;
    request_.host = value;
  } else if (name == "content-length") {
    const bool digits = !value.empty() && value.size() <= kLengthDigitsMost &&
                        value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || length_) {
      return refuse(Fault::malformed, "Content-Length is no number, or there are two");
    }
    length_ = std::stoull(std::string(value));
  } else if (name == "transfer-encoding") {
    ++codings_;
    chunked_ = lowered(value) == "chunked";
  } else if (name == "connection") {
    note_connection(value);
  } else if (name == "content-type") {
    request_.content_type = lowered(trimmed(value.substr(0, value.find(';'))));
  } else if (name == "expect") {
    awaits_continue_ = lowered(value) == "100-continue";
  } else if (name == "accept-encoding") {
    request_.accepts_gzip = accepts_gzip(value);
  } else if (name == "origin") {
    request_.origin = value;
  } else if (name == "sec-fetch-site") {
    request_.fetch_site = value;
  } else if (name == "if-none-match") {
    request_.if_none_match = value;
  }
}

void RequestReader::note_connection(std::string_view value) {
  for_each_part(value, [this](std::string_view part) {
    const std::string option = lowered(part);
    says_close_ = says_close_ || option == "close";
    says_keep_alive_ = says_keep_alive_ || option == "keep-alive";
  });
}

void RequestReader::check_framing() {
  if (codings_ > 0) {
    if (length_ || codings_ > 1 || http10_) {
      return refuse(Fault::malformed, "Transfer-Encoding contradicts the rest of the request");
    }
    if (!chunked_) {
      return refuse(Fault::not_implemented, "the only transfer coding read here is chunked");
    }
  }
  if (hosts_ > 1 || (hosts_ == 0 && !http10_)) {
    return refuse(Fault::malformed, "exactly one Host is needed");
  }
}

void RequestReader::take_target() {
  std::string_view target = target_;
  take_absolute_form(target, request_.host);
  if (!all_of(kClasses.authority, request_.host)) {
    return refuse(Fault::malformed, "the Host is no name and no address");
  }
  if (target.size() > limits_.target_bytes_most) {
    return refuse(Fault::target_too_long, "the address is longer than 8 KB");
  }
  Result<Target> parsed = parse_target(target);
  if (!parsed) {
    return refuse(Fault::malformed, "the address is no path, or an escape in it is wrong");
  }
  request_.target = std::move(*parsed);
}

void RequestReader::begin_body(std::size_t most) {
  GUANXI_CHECK(state_ == State::head_done, "a body begins where the head ends");
  most_ = most;
  left_ = chunked_ ? 0 : length_.value_or(0);
  if (!chunked_ && left_ > 2 * most_) {
    received_ = most_ + 1;
    return refuse(Fault::too_large, "the body is larger than this path takes");
  }
  if (!chunked_ && left_ == 0) {
    state_ = State::whole;
    return;
  }
  state_ = State::body;
  if (!chunked_ && left_ <= most_) {
    request_.body.reserve(std::min<std::size_t>(left_, kReserveMost) + kRoomBehindBody);
  }
}

void RequestReader::forget_body() {
  forgets_ = true;
  request_.body = std::string();
}

void RequestReader::keep(std::string_view piece) {
  received_ += piece.size();
  if (received_ > 2 * most_) {
    return refuse(Fault::too_large, "the body is larger than this path takes");
  }
  if (received_ > most_) {
    forget_body();
  } else if (!forgets_) {
    request_.body.append(piece);
  }
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  const std::size_t count = std::min<std::uint64_t>(bytes.size(), left_);
  keep(bytes.substr(0, count));
  left_ -= count;
  if (left_ == 0 && state_ != State::refused) {
    request_.body.reserve(request_.body.size() + kRoomBehindBody);
    state_ = State::whole;
  }
  return count;
}

std::size_t RequestReader::feed_chunked(std::string_view bytes) {
  std::size_t used = 0;
  while (state_ == State::body && used < bytes.size()) {
    const std::string_view rest = bytes.substr(used);
    std::size_t count = 0;
    if (chunk_ == Chunk::size) {
      count = feed_chunk_line(rest);
    } else if (chunk_ == Chunk::trailer) {
      count = feed_trailer(rest);
    } else if (chunk_ == Chunk::data) {
      count = std::min<std::uint64_t>(rest.size(), left_);
      keep(rest.substr(0, count));
      left_ -= count;
      chunk_ = left_ == 0 ? Chunk::data_end : Chunk::data;
    } else if (rest.size() >= 2) {
      count = 2;
      chunk_ = Chunk::size;
      if (rest.substr(0, 2) != "\r\n") {
        refuse(Fault::malformed, "a chunk does not end where it should");
      }
    }
    if (count == 0) {
      return used;
    }
    used += count;
  }
  return used;
}

std::size_t RequestReader::feed_chunk_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (std::min(end, bytes.size()) > kChunkLineBytesMost) {
    refuse(Fault::malformed, "the line of a chunk is too long");
    return 0;
  }
  if (end == std::string_view::npos) {
    return 0;
  }
  const std::string_view line = bytes.substr(0, end == 0 ? 0 : end - 1);
  std::size_t digits = 0;
  std::uint64_t size = 0;
  while (digits < line.size() && hex_digit(line[digits]) >= 0 && digits <= kChunkDigitsMost) {
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(line[digits]));
    ++digits;
  }
  const std::string_view extension = trimmed(line.substr(digits));
  if (end == 0 || bytes[end - 1] != '\r' || digits == 0 || digits > kChunkDigitsMost ||
      (!extension.empty() && extension.front() != ';') || !all_of(kClasses.text, extension)) {
    refuse(Fault::malformed, "the line of a chunk is no size");
    return 0;
  }
  left_ = size;
  chunk_ = size == 0 ? Chunk::trailer : Chunk::data;
  return end + 1;
}

/// Fields after the body are checked and forgotten.
std::size_t RequestReader::feed_trailer(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (trailer_bytes_ + std::min(end, bytes.size()) > limits_.head_bytes_most) {
    refuse(Fault::header_too_large, "the trailer is larger than 16 KB");
    return 0;
  }
  if (end == std::string_view::npos) {
    return 0;
  }
  trailer_bytes_ += end + 1;
  const std::string_view line = bytes.substr(0, end == 0 ? 0 : end - 1);
  const std::size_t colon = line.find(':');
  const bool field = colon != std::string_view::npos && colon > 0 &&
                     all_of(kClasses.token, line.substr(0, colon)) &&
                     all_of(kClasses.text, line.substr(colon + 1));
  if (end == 0 || bytes[end - 1] != '\r' || (!line.empty() && !field)) {
    refuse(Fault::malformed, "a line of the trailer is no \"name: value\"");
    return 0;
  }
  if (line.empty()) {
    request_.body.reserve(request_.body.size() + kRoomBehindBody);
    state_ = State::whole;
  }
  return end + 1;
}

}  // namespace guanxi::http
