#include "doors/ingest.hpp"

#include <gtest/gtest.h>

#include "doors/body_text.hpp"
#include "doors/door_testing.hpp"
#include "doors/write_keys.hpp"
#include "http/gzip.hpp"

namespace guanxi::doors {
namespace {

using http::Method;

constexpr const char* kPage = R"({"type":"page","userId":"u-1","messageId":"m-1"})";

std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [there, value] : response.headers) {
    if (there == name) {
      return value;
    }
  }
  return {};
}

TEST(WriteKeys, EveryFormOfEverySdkIsRead) {
  const auto keys = [](std::string name, std::string value) {
    http::Request request;
    request.headers = {{std::move(name), std::move(value)}};
    return keys_in_headers(request);
  };
  using Keys = std::vector<std::string>;
  EXPECT_EQ(keys("authorization", "Basic " + to_base64("key-1:")), Keys{"key-1"});
  EXPECT_EQ(keys("authorization", "basic " + to_base64("key-1")), Keys{"key-1"});
  EXPECT_EQ(keys("authorization", "BASIC  " + to_base64("k1:") + " "), Keys{"k1"});
  EXPECT_EQ(keys("authorization", "Bearer key-1"), Keys{"key-1"});
  EXPECT_EQ(keys("x-write-key", "id:secret"), (Keys{"id:secret", "secret", "id"}));
  EXPECT_EQ(keys("x-write-key", "key-1"), Keys{"key-1"});
  for (const char* none : {"", "Basic", "Basic ", "Basic ***", "Digest abc", "Bearer", "Basic :"}) {
    EXPECT_EQ(keys("authorization", none), Keys{}) << none;
  }
  EXPECT_EQ(keys("x-write-key", std::string(513, 'k')), Keys{});
}

TEST(WriteKeys, Base64ComesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(to_base64("key-1:"), "a2V5LTE6");
  EXPECT_EQ(from_base64("-_-_"), from_base64("+/+/"));
  EXPECT_EQ(from_base64("a"), "");
}

TEST(FairShare, ABusySourceLeavesRoomForTheOthers) {
  FairShare share(1000);
  std::size_t busy = 0;
  while (share.take("busy", 10)) {
    busy += 10;
  }
  EXPECT_EQ(busy, 500U);
  EXPECT_TRUE(share.take("quiet", 100));
  EXPECT_FALSE(share.take("busy", 10));
  share.release("busy", 500);
  share.release("quiet", 100);
  EXPECT_EQ(share.waiting(), 0U);
  EXPECT_TRUE(share.take("large", 5000)) << "alone, whatever its size";
  EXPECT_FALSE(share.take("quiet", 10));
}

TEST(IngestDoor, TakesEveryPathOfEverySdkWithEveryFormOfKey) {
  DoorBench bench;
  std::uint64_t sent = 0;
  for (const http::Route& route : ingest_routes(bench.shared_door())) {
    if (route.method != Method::post) {
      EXPECT_TRUE(route.method == Method::options || route.method == Method::get);
      continue;
    }
    const std::string path(route.pattern);
    const std::string id = std::to_string(++sent);
    const std::string body = R"({"type":"page","userId":"u","messageId":")" + id + "\"";
    const DoorBench::Headers none;
    const auto posted = [&]() {
      switch (sent % 4) {
        case 0:
          return bench.ask(Method::post, path, {{"authorization", "Bearer key-1"}}, body + "}");
        case 1:
          return bench.ask(Method::post, path, {{"x-write-key", "id:secret"}}, body + "}");
        case 2:
          return bench.ask(Method::post, path, none, body + R"(,"writeKey":"key-1"})");
        default:
          return bench.ask(Method::post, path, none,
                           R"({"api_key":"key-1","batch":[)" + body + "}]}");
      }
    }();
    EXPECT_EQ(posted.status, 200U) << path;
    EXPECT_EQ(posted.content(), R"({"success":true})");
    EXPECT_EQ(posted.content_type, "application/json");
    EXPECT_EQ(bench.events(), sent) << path;
  }
  EXPECT_GE(sent, 40U);
  EXPECT_TRUE(bench.letters().empty());
}

TEST(IngestDoor, ThePathSaysWhatABodyWithoutTypeIs) {
  DoorBench bench;
  EXPECT_EQ(bench
                .post("/v1/track", R"({"event":"Order Completed","userId":"u-1",
      "properties":{"order_id":"o-1","total":5}})")
                .status,
            200U);
  EXPECT_EQ(bench.post("/v1/i", R"({"userId":"u-1","traits":{"email":"a@b.example"}})").status,
            200U);
  EXPECT_EQ(bench.post("/v1/p", R"({"userId":"u-1","name":"Home"})").status, 200U);
  EXPECT_TRUE(bench.letters().empty());
  EXPECT_EQ(bench.events(), 3U);
  const auto access = bench.engine().read();
  EXPECT_EQ(access.image().people(), 1U);
  EXPECT_TRUE(access.image().find(parse_external_id("email:a@b.example")));
}

TEST(IngestDoor, UnknownAndDisabledKeysAreRefusedWhateverTheBodySays) {
  DoorBench bench;
  for (const DoorBench::Headers& headers : {DoorBench::Headers{},
                                            {{"authorization", "Bearer wrong"}},
                                            {{"authorization", "Bearer off"}}}) {
    for (const char* body :
         {kPage, "", "no json", R"({"writeKey":"wrong"})", R"({"writeKey":7})"}) {
      const auto response = bench.ask(Method::post, "/v1/batch", headers, body);
      EXPECT_EQ(response.status, 401U);
    }
  }
  EXPECT_EQ(bench.events(), 0U);
  EXPECT_TRUE(bench.letters().empty());
  EXPECT_EQ(bench.door().counts().unknown_key, 15U);
}

TEST(IngestDoor, TheSameMessageCountsOnceAndSourcesNeverMeet) {
  DoorBench bench;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bench.post("/v1/batch", kPage).status, 200U);
    bench.clock().advance(90);
  }
  EXPECT_EQ(bench.events(), 1U);
  const auto other = bench.ask(Method::post, "/v1/batch", {{"x-write-key", "id:secret"}}, kPage);
  EXPECT_EQ(other.status, 200U);
  EXPECT_EQ(bench.events(), 2U);
}

TEST(IngestDoor, OfOneMessageIdTheFirstContentStaysAndTheOtherIsADeadLetter) {
  DoorBench bench;
  EXPECT_EQ(bench.post("/v1/batch", kPage).status, 200U);
  EXPECT_EQ(bench
                .post("/v1/batch", R"({"type":"track","event":"Other","userId":"u-2",
                                        "messageId":"m-1"})")
                .status,
            200U);
  EXPECT_EQ(bench.events(), 1U);
  ASSERT_EQ(bench.letters().size(), 1U);
  EXPECT_EQ(bench.letters().front().source, "sdk:shop");
  // Sent again at another time, with another correction: the same event, no letter.
  bench.clock().advance(3);
  EXPECT_EQ(bench
                .post("/v1/batch", R"({"type":"page","userId":"u-1","messageId":"m-1",
                                        "timestamp":"2026-11-22T00:00:00Z"})")
                .status,
            200U);
  EXPECT_EQ(bench.events(), 1U);
  EXPECT_EQ(bench.letters().size(), 1U);
}

TEST(IngestDoor, WhatABodySaysNeverMakesItFail) {
  DoorBench bench;
  const std::vector<std::string> bodies = {"",
                                           " ",
                                           "{",
                                           "[1]",
                                           "7",
                                           "null",
                                           "\"text\"",
                                           "{}",
                                           R"({"batch":[]})",
                                           R"({"batch":{}})",
                                           R"({"type":"page"})",
                                           R"({"type":"dance","userId":"u"})",
                                           "\xFF\xFE{",
                                           "a=b&c=d"};
  for (const std::string& body : bodies) {
    EXPECT_EQ(bench.post("/v1/batch", body).status, 200U) << body;
  }
  EXPECT_EQ(bench.letters().size(), bodies.size());
  EXPECT_EQ(bench.letters().front().source, "sdk:shop");
  EXPECT_EQ(bench.events(), 0U);
}

TEST(IngestDoor, ReadsWhateverTheBodyIsWrappedIn) {
  DoorBench bench;
  const auto page = [](int n) {
    return R"({"type":"page","userId":"u","messageId":"w-)" + std::to_string(n) + "\"}";
  };
  const std::string twice = http::gzip(http::gzip(page(2), 6), 6);
  EXPECT_EQ(bench.post("/v1/batch", http::gzip(page(1), 6)).status, 200U);
  EXPECT_EQ(bench.post("/v1/batch", twice).status, 200U);
  EXPECT_EQ(bench.post("/e/", "data=" + to_base64(page(3))).status, 200U);
  EXPECT_EQ(bench.post("/e/", "data=%7B%22type%22:%22page%22,%22userId%22:%22u%22%7D&v=1").status,
            200U);
  const DoorBench::Headers key = {{"authorization", "Bearer key-1"}};
  const auto damaged = http::BodyFault::damaged;
  EXPECT_EQ(bench.ask(Method::post, "/v1/batch", key, page(5), damaged).status, 200U);
  EXPECT_EQ(bench.events(), 5U);
  EXPECT_TRUE(bench.letters().empty());
  EXPECT_EQ(bench.ask(Method::post, "/v1/batch", key, "\x1F\x8Bxyz", damaged).status, 200U);
  EXPECT_EQ(bench.ask(Method::post, "/v1/batch", key, "br", http::BodyFault::unknown_coding).status,
            200U);
  ASSERT_EQ(bench.letters().size(), 2U);
  EXPECT_NE(bench.letters()[1].reason.find("gzip"), std::string::npos);
  EXPECT_EQ(
      bench.ask(Method::post, "/v1/batch", key, "bomb", http::BodyFault::unpacks_large).status,
      413U);
}

TEST(IngestDoor, TellsClientsToComeAgainBeforeThereIsAnEngineAndWhenTooMuchWaits) {
  DoorBench bench({}, false);
  const auto early = bench.post("/v1/batch", kPage);
  EXPECT_EQ(early.status, 503U);
  EXPECT_EQ(header_of(early, "Retry-After"), "5");
  bench.open();
  EXPECT_EQ(bench.post("/v1/batch", kPage).status, 200U);
  EXPECT_EQ(bench.door().counts().unavailable, 1U);
}

TEST(IngestDoor, BrowsersOfAnyOriginMaySend) {
  DoorBench bench;
  const auto asked = bench.ask(Method::options, "/v1/t",
                               {{"origin", "https://shop.example"},
                                {"access-control-request-headers", "authorization,x-custom"}},
                               "");
  EXPECT_EQ(asked.status, 204U);
  EXPECT_EQ(header_of(asked, "Access-Control-Allow-Headers"), "authorization,x-custom");
  EXPECT_EQ(header_of(asked, "Access-Control-Allow-Credentials"), "");
  const auto odd = bench.ask(Method::options, "/v1/t",
                             {{"access-control-request-headers", "a\r\nSet-Cookie: x"}}, "");
  EXPECT_EQ(header_of(odd, "Access-Control-Allow-Headers"),
            "authorization, content-type, x-write-key");
}

TEST(IngestDoor, TheBrowsersLibraryLearnsWhereToSend) {
  DoorBench bench;
  const auto settings = bench.ask(Method::get, "/v1/projects/key-1/settings", {}, "");
  EXPECT_EQ(settings.status, 200U);
  const std::string text(settings.content());
  EXPECT_NE(text.find(R"("apiKey":"key-1","apiHost":"events.example.org/v1","protocol":"http")"),
            std::string::npos)
      << text;
  EXPECT_EQ(bench.ask(Method::get, "/v1/projects/wrong/settings", {}, "").status, 401U);
}

}  // namespace
}  // namespace guanxi::doors
