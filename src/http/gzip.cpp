#include "http/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace guanxi::http {
namespace {

constexpr int kWindowBitsForGzip = 15 + 16;
constexpr int kWindowBitsForEither = 15 + 32;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kFirstGuess = 4;  // times the packed size
constexpr std::size_t kLeastRoom = 4096;

/// One stream of zlib, ended with the object.
struct Inflater {
  Inflater() : ready(inflateInit2(&stream, kWindowBitsForEither) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }

  z_stream stream{};
  bool ready;
};

}  // namespace

std::string gzip(std::string_view text, int level) {
  z_stream stream{};
  if (text.size() > std::numeric_limits<uInt>::max() / 2 ||
      deflateInit2(&stream, level, Z_DEFLATED, kWindowBitsForGzip, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(status == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

Unpacked gunzip(std::string_view packed, std::size_t most, std::string& out) {
  Inflater inflater;
  if (!inflater.ready || packed.empty() || packed.size() > std::numeric_limits<uInt>::max() ||
      most >= std::numeric_limits<uInt>::max()) {
    return Unpacked::damaged;
  }
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::size_t used = 0;
  out.resize(std::min(most + 1, packed.size() * kFirstGuess + kLeastRoom));
  int status = Z_OK;
  while (status == Z_OK && used <= most) {
    if (used == out.size()) {
      out.resize(std::min(most + 1, out.size() * 2));
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    status = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (status == Z_STREAM_END && stream.avail_in > 0 && used <= most) {
      status = inflateReset(&stream);
    }
  }
  out.resize(std::min(used, most));
  if (used > most) {
    return Unpacked::too_large;
  }
  return status == Z_STREAM_END ? Unpacked::whole : Unpacked::damaged;
}

}  // namespace guanxi::http
