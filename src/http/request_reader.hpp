#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "http/problem.hpp"

namespace guanxi::http {

/// Reads one HTTP/1.1 or 1.0 request out of bytes, strictly: whatever two readers could take for
/// another number of requests is refused (RFC 9112, 6.3 and 11.2). Lines end with CR LF and nothing
/// else, no line goes on in the next, there is one length.
///
/// Place       One per connection, which feeds it and asks what it has; the fuzzer feeds it too.
/// Invariants  Nothing but the bytes decides. Memory is bounded by the limits: a head of
///             head_bytes_most (trailers too), and of the body what begin_body() allows. Room for
///             64 bytes stays behind the body, as parsers of JSON want it.
/// Threads     One owner.
class RequestReader {
 public:
  struct Limits {
    std::size_t head_bytes_most = 16U << 10U;
    std::size_t target_bytes_most = 8U << 10U;
  };
  static constexpr std::size_t kHeadersMost = 128;
  static constexpr std::size_t kChunkLineBytesMost = 256;
  static constexpr std::size_t kRoomBehindBody = 64;

  enum class State : std::uint8_t {
    head,       ///< more bytes of the head are needed
    head_done,  ///< begin_body() is to be called
    body,       ///< more bytes of the body are needed
    whole,      ///< request() is complete
    refused     ///< refusal() says why; where the next request begins is not known
  };
  struct Refusal {
    Fault fault = Fault::malformed;
    std::string_view message;
  };

  explicit RequestReader(const Limits& limits) : limits_(limits) {}

  /// Takes what it can from the front of `bytes` and says how many. What it left of an unfinished
  /// head, chunk line or trailer is to be offered again, with more behind it.
  [[nodiscard]] std::size_t feed(std::string_view bytes);
  /// Keeps at most `most` bytes of the body; reads (and forgets) up to twice as many so that the
  /// sender hears of it, and refuses beyond. REQUIRES state head_done.
  void begin_body(std::size_t most);
  /// From now on the body is read and forgotten.
  void forget_body();
  /// Ready for the next request. What was read of this one is gone.
  void reset();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool is_http10() const { return http10_; }
  [[nodiscard]] bool awaits_continue() const { return awaits_continue_; }
  [[nodiscard]] bool body_too_large() const { return received_ > most_; }
  [[nodiscard]] std::size_t body_bytes() const { return received_; }  ///< on the wire so far
  [[nodiscard]] Request& request() { return request_; }

 private:
  enum class Chunk : std::uint8_t { size, data, data_end, trailer };

  [[nodiscard]] std::size_t feed_head(std::string_view bytes);
  [[nodiscard]] std::size_t feed_body(std::string_view bytes);
  [[nodiscard]] std::size_t feed_chunked(std::string_view bytes);
  [[nodiscard]] std::size_t feed_chunk_line(std::string_view bytes);
  [[nodiscard]] std::size_t feed_trailer(std::string_view bytes);
  void keep(std::string_view piece);
  void refuse(Fault fault, std::string_view message);
  void parse_head(std::string_view head);
  void parse_request_line(std::string_view line);
  void parse_field(std::string_view line);
  void note_field(std::string_view name, std::string_view value);
  void note_connection(std::string_view value);
  void check_framing();
  void take_target();

  Limits limits_;
  State state_ = State::head;
  Chunk chunk_ = Chunk::size;
  Refusal refusal_;
  Request request_;
  std::string target_;
  std::size_t scanned_ = 0;     ///< bytes of an unfinished head known to hold no end
  std::size_t line_begin_ = 0;  ///< of the line that scanned_ is in
  std::size_t most_ = SIZE_MAX;
  std::size_t received_ = 0;
  std::uint64_t left_ = 0;  ///< bytes of the body or of this chunk still to come
  std::size_t trailer_bytes_ = 0;
  std::optional<std::uint64_t> length_;
  std::size_t hosts_ = 0;
  std::size_t codings_ = 0;
  bool begun_ = false;
  bool keep_alive_ = false;
  bool http10_ = false;
  bool chunked_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool awaits_continue_ = false;
  bool forgets_ = false;
};

}  // namespace guanxi::http
