#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "http/request_reader.hpp"

namespace guanxi::http {
namespace {

using State = RequestReader::State;

constexpr std::size_t kBodyMost = 100;

/// What a reader makes of bytes that come in pieces of these sizes: one line a request.
class Reading {
 public:
  /// `piece` bytes at a time.
  static std::string of(std::string_view bytes, std::size_t piece) {
    Reading reading;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reading.offer(bytes.substr(at, piece));
    }
    return reading.said_ + (reading.reader_.begun() && !reading.over_ ? "more" : "");
  }

 private:
  void offer(std::string_view bytes) {
    pending_.append(bytes);
    bool goes_on = !over_;
    while (goes_on) {
      const std::size_t used = reader_.feed(pending_);
      pending_.erase(0, used);
      goes_on = take_state() && !over_;
    }
  }
  bool take_state() {
    Request& request = reader_.request();
    switch (reader_.state()) {
      case State::head_done:
        reader_.begin_body(kBodyMost);
        return true;
      case State::whole:
        said_ += std::string(name_of(request.method)) + " " + request.target.segments.back() + " " +
                 (reader_.body_too_large() ? "too large" : request.body) +
                 (reader_.keep_alive() ? "\n" : " close\n");
        over_ = !reader_.keep_alive();
        reader_.reset();
        return true;
      case State::refused:
        over_ = true;
        said_ += "refused " + std::to_string(static_cast<int>(reader_.refusal().fault)) + "\n";
        return false;
      case State::head:
      case State::body:
        break;
    }
    return false;
  }

  RequestReader reader_{RequestReader::Limits{}};
  std::string pending_;
  std::string said_;
  bool over_ = false;
};

std::string read(std::string_view bytes) { return Reading::of(bytes, bytes.size()); }
std::string refused(Fault fault) {
  return "refused " + std::to_string(static_cast<int>(fault)) + "\n";
}

const std::string kPost = "POST /a HTTP/1.1\r\nHost: h\r\n";

TEST(RequestReader, ReadsTheSameHoweverTheBytesAreCut) {
  const std::string bytes =
      "\r\n" + kPost + "Content-Length: 3\r\n\r\nabc" + kPost +
      "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0a ; x=\"y\"\r\n0123456789\r\n000\r\n"
      "Trailer: x\r\n\r\n" +
      "GET /b?x=1 HTTP/1.1\r\nHOST:h\r\nX: \t a b \t\r\n\r\n"
      "HEAD /c HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n"
      "GET http://h HTTP/1.1\r\nHost: other\r\n\r\n"
      "OPTIONS /d HTTP/1.0\r\n\r\nrest";
  const std::string whole = read(bytes);
  EXPECT_EQ(whole, "POST a abc\nPOST a abc0123456789\nGET b \nHEAD c \nGET  \nOPTIONS d  close\n");
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    ASSERT_EQ(Reading::of(bytes, piece), whole) << "pieces of " << piece;
  }
}

TEST(RequestReader, RefusesEveryFramingThatTwoCouldReadDifferently) {
  const std::vector<std::string> malformed = {
      "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "Content-Length: 3, 3\r\n\r\nabc",
      "Content-Length: 3 3\r\n\r\nabc",
      "Content-Length: +3\r\n\r\nabc",
      "Content-Length: 0x3\r\n\r\nabc",
      "Content-Length: \r\n\r\n",
      "Content-Length: 9999999999999999999\r\n\r\n",
      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "Content-Length : 3\r\n\r\nabc",
      "X: a\r\n folded\r\n\r\n",
      " Content-Length: 3\r\n\r\nabc",
      "X: a\rb\r\n\r\n",
      "X: a\nContent-Length: 3\r\n\r\nabc",
      "X\r\n\r\n",
      ": x\r\n\r\n",
      "X y: z\r\n\r\n",
      "Host: h\r\n\r\n",
      "X: a\r\r\n\r\n",
      std::string("X: a\0b\r\n\r\n", 10),
      "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n ",
      "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n;x\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3 x\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
      "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(300, 'x') + "\r\nabc\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n"};
  for (const std::string& rest : malformed) {
    EXPECT_EQ(read(kPost + rest), refused(Fault::malformed)) << rest;
    EXPECT_EQ(Reading::of(kPost + rest, 1), refused(Fault::malformed)) << rest;
  }
  for (const char* coding : {"chunked, identity", "identity", "xchunked", "gzip, chunked",
                             "chunked;x", "\"chunked\"", ""}) {
    EXPECT_EQ(read(kPost + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n"),
              refused(Fault::not_implemented))
        << coding;
  }
  EXPECT_EQ(read("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            refused(Fault::malformed));
}

TEST(RequestReader, RefusesWhatIsNoRequestLine) {
  for (const char* line :
       {"GET /a", "GET  HTTP/1.1", "GET /a HTTP/2.0", "GET /a HTTP/1.2", "GET /a http/1.1",
        "GET /a HTTP/1.10", "GET /a b HTTP/1.1", " GET /a HTTP/1.1", "G(T /a HTTP/1.1",
        "GET /\x7F HTTP/1.1", "GET\t/a HTTP/1.1", "GET a HTTP/1.1", "CONNECT h:1 HTTP/1.1",
        "GET * HTTP/1.1", "GET /a HTTP/1.1 ", "\x16\x03\x01 /a HTTP/1.1"}) {
    EXPECT_EQ(read(std::string(line) + "\r\nHost: h\r\n\r\n"), refused(Fault::malformed)) << line;
  }
  EXPECT_EQ(read("GET /a HTTP/1.1\nHost: h\n\n"), refused(Fault::malformed));
  EXPECT_EQ(read("\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"), refused(Fault::malformed));
  EXPECT_EQ(read("GET /a HTTP/1.1\r\n\r\n"), refused(Fault::malformed)) << "no Host";
  for (const char* host : {"a b", "a/b", "u@a", "a?b", "a#b", "a\\b", "<a>", "a\"b"}) {
    EXPECT_EQ(read("GET /a HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"),
              refused(Fault::malformed))
        << host;
  }
}

TEST(RequestReader, BoundsTheHead) {
  const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(read(get + "X: " + std::string(20000, 'a')), refused(Fault::header_too_large));
  EXPECT_EQ(Reading::of(get + "X: " + std::string(1U << 20U, 'a') + "\r\n\r\n", 1000),
            refused(Fault::header_too_large));
  std::string many = get;
  for (int i = 0; i < 128; ++i) {
    many += "X:\r\n";
  }
  EXPECT_EQ(read(many + "\r\n"), refused(Fault::header_too_large));
  std::string trailers = kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 10000; ++i) {
    trailers += "X: y\r\n";
  }
  EXPECT_EQ(Reading::of(trailers, 7), refused(Fault::header_too_large));
  EXPECT_EQ(read("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
            refused(Fault::target_too_long));
}

TEST(RequestReader, ReadsTwiceTheLimitOfABodyAndForgetsIt) {
  const auto sized = [](std::size_t size) {
    return kPost + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'a');
  };
  EXPECT_EQ(read(sized(kBodyMost) + sized(1)),
            "POST a " + std::string(kBodyMost, 'a') + "\nPOST a a\n");
  EXPECT_EQ(read(sized(kBodyMost + 1) + sized(1)), "POST a too large\nPOST a a\n");
  EXPECT_EQ(read(sized(2 * kBodyMost) + sized(1)), "POST a too large\nPOST a a\n");
  EXPECT_EQ(read(sized(2 * kBodyMost + 1)), refused(Fault::too_large));
  std::string chunks = kPost + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 15; ++i) {
    chunks += "a\r\n0123456789\r\n";
  }
  EXPECT_EQ(read(chunks + "0\r\n\r\n" + sized(1)), "POST a too large\nPOST a a\n");
  EXPECT_EQ(read(chunks + chunks.substr(chunks.find("a\r\n0"))), refused(Fault::too_large));
  EXPECT_EQ(read(kPost + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n" + std::string(201, 'a')),
            refused(Fault::too_large));
}

TEST(RequestReader, LeavesRoomBehindABody) {
  RequestReader reader{RequestReader::Limits{}};
  const std::string bytes = kPost + "Content-Length: 90\r\n\r\n" + std::string(90, 'a');
  std::string_view rest = bytes;
  rest.remove_prefix(reader.feed(rest));
  reader.begin_body(kBodyMost);
  rest.remove_prefix(reader.feed(rest));
  ASSERT_EQ(reader.state(), State::whole);
  EXPECT_GE(reader.request().body.capacity(),
            reader.request().body.size() + RequestReader::kRoomBehindBody);
}

// Goal: cutting never changes what is read, of whatever bytes. Method: seeded mutations.
TEST(RequestReader, GarbageIsReadTheSameHoweverItIsCut) {
  const std::string good =
      kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n" + kPost +
      "Content-Length: 2\r\n\r\nokGET /people/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const std::string_view spice = std::string_view("\r\n\0 :;,%/?#\x80\xff\t0Aa", 18);
  Random random(20261122);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (std::uint64_t change = 1 + random.below(4); change > 0; --change) {
      const std::size_t at = random.below(bytes.size());
      if (random.below(3) == 0) {
        bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(40)));
      } else {
        bytes[at] = spice[random.below(spice.size())];
      }
    }
    const std::size_t piece = 1 + random.below(40);
    ASSERT_EQ(Reading::of(bytes, piece), read(bytes)) << "round " << round << "\n" << bytes;
  }
}

}  // namespace
}  // namespace guanxi::http
