// Any bytes, cut anywhere: the reader of requests never reads them differently, never holds more
// than its limits, and never runs past an end.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "http/request_reader.hpp"

namespace guanxi::http {
namespace {

using State = RequestReader::State;

constexpr std::size_t kBodyMost = 64;

/// One reader, fed in pieces, and what it made of them as one text.
class Reading {
 public:
  void offer(std::string_view bytes) {
    pending_.append(bytes);
    bool goes_on = !over_;
    while (goes_on) {
      const std::size_t used = reader_.feed(pending_);
      GUANXI_CHECK(used <= pending_.size(), "no reader takes more than there is");
      pending_.erase(0, used);
      goes_on = take_state() && !over_;
    }
  }
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  bool take_state() {
    const Request& request = reader_.request();
    GUANXI_CHECK(request.body.size() <= kBodyMost, "a body stays within its limit");
    GUANXI_CHECK(request.headers.size() <= RequestReader::kHeadersMost, "so do the headers");
    switch (reader_.state()) {
      case State::head_done:
        reader_.begin_body(kBodyMost);
        return true;
      case State::whole:
        said_ += std::string(name_of(request.method)) + ' ' + request.host + ' ' + request.body;
        for (const auto& [name, value] : request.headers) {
          said_ += name + '=' + value + '\n';
        }
        over_ = !reader_.keep_alive();
        reader_.reset();
        return true;
      case State::refused:
        over_ = true;
        said_ += "refused " + std::to_string(static_cast<int>(reader_.refusal().fault));
        return false;
      case State::head:
      case State::body:
        break;
    }
    return false;
  }

  RequestReader reader_{RequestReader::Limits{4096, 1024}};
  std::string pending_;
  std::string said_;
  bool over_ = false;
};

void read_both_ways(std::string_view bytes) {
  const std::size_t piece = bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes.front()) % 64;
  bytes.remove_prefix(bytes.empty() ? 0 : 1);
  Reading whole;
  whole.offer(bytes);
  Reading cut;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    cut.offer(bytes.substr(at, piece));
  }
  GUANXI_CHECK(whole.said() == cut.said(), "cutting changes nothing");
}

}  // namespace
}  // namespace guanxi::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  guanxi::http::read_both_ways({reinterpret_cast<const char*>(data), size});
  return 0;
}
