#include "api/live_stream.hpp"

#include <gtest/gtest.h>

#include "api/image_brand.hpp"
#include "api/routes.hpp"
#include "api/schema_check.hpp"

namespace guanxi::api {
namespace {

LiveNote order_of(std::string person) {
  LiveNote note;
  note.kind = EventKind::order_completed;
  note.door = "sdk:shop";
  note.person = std::move(person);
  note.name = "<script>\n</script>";
  note.received_at = Instant{1777600000};
  note.moved = true;
  note.after.tier = Tier::weak;
  return note;
}

/// The data of all events of that name in a stream's text.
std::vector<std::string> data_of(const std::string& text, const std::string& name) {
  std::vector<std::string> found;
  const std::string head = "event: " + name + "\ndata: ";
  for (std::size_t at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
    const std::size_t begin = at + head.size();
    found.push_back(text.substr(begin, text.find("\n\n", begin) - begin));
  }
  return found;
}

class LiveStreamTest : public ::testing::Test {
 protected:
  void begin(const LiveFilter& filter = {}) {
    stream_ =
        std::make_unique<LiveStream>(feed_.watch(LiveStream::kHeldMost, true), filter, clock_);
  }
  std::string next() {
    std::string out;
    EXPECT_EQ(stream_->next(out), http::BodyStream::State::later);
    return out;
  }
  void publish(std::size_t notes, const std::string& person = "user:u-1") {
    for (std::size_t i = 0; i < notes; ++i) {
      feed_.publish(order_of(person));
    }
  }
  std::string last_count(const std::string& text) {
    const auto counts = data_of(text, "count");
    EXPECT_FALSE(counts.empty()) << text;
    EXPECT_EQ(schema_.against("LiveCount", counts.back()), "");
    return counts.empty() ? "" : counts.back();
  }

  ManualClock clock_{Instant{1777600000}};
  LiveFeed feed_;
  std::unique_ptr<LiveStream> stream_;
  SchemaCheck schema_{shipped_files().openapi_json};
};

TEST_F(LiveStreamTest, EachNoteIsOfItsSchemaAndHarmless) {
  publish(2);
  LiveNote refused;
  refused.outcome = LiveNote::Outcome::refused;
  refused.reason = "no \"JSON\"\r\n\r\nevent: note";
  feed_.publish(refused);
  begin();
  const std::string text = next();
  const auto notes = data_of(text, "note");
  ASSERT_EQ(notes.size(), 3U);
  for (const std::string& note : notes) {
    EXPECT_EQ(schema_.against("LiveNote", note), "") << note;
    EXPECT_EQ(note.find_first_of("<\r\n"), std::string::npos) << note;
  }
  EXPECT_NE(notes[0].find(R"("after":{"tier":"weak")"), std::string::npos) << notes[0];
  EXPECT_NE(notes[2].find(R"("ordinal":null,"before":null)"), std::string::npos) << notes[2];
  EXPECT_EQ(last_count(text), R"({"arrived":3,"shown":3,"left_out":0,"not_held":0})");
}

TEST_F(LiveStreamTest, UnderLoadAFewAreShownAndTheRestAreCounted) {
  begin();
  static_cast<void>(next());
  clock_.advance(1);
  publish(1000);
  std::string text = next();
  EXPECT_EQ(data_of(text, "note").size(), LiveStream::kNotesASecond);
  EXPECT_EQ(last_count(text), R"({"arrived":1000,"shown":100,"left_out":900,"not_held":0})");
  publish(5000);
  text = next();
  EXPECT_TRUE(data_of(text, "note").empty()) << "this second's budget is spent";
  clock_.advance(1);
  publish(10);
  text = next();
  EXPECT_EQ(data_of(text, "note").size(), 10U);
  EXPECT_EQ(last_count(text), R"({"arrived":6010,"shown":110,"left_out":2900,"not_held":3000})");
}

TEST_F(LiveStreamTest, ShowsWhatIsAskedForAlone) {
  LiveFilter filter;
  filter.person = "user:u-2";
  filter.outcomes = {"added"};
  begin(filter);
  publish(5, "user:u-1");
  publish(2, "user:u-2");
  const std::string text = next();
  EXPECT_EQ(data_of(text, "note").size(), 2U);
  EXPECT_EQ(last_count(text), R"({"arrived":7,"shown":2,"left_out":0,"not_held":0})");
  EXPECT_EQ(next(), "");
  clock_.advance(16);
  EXPECT_EQ(next(), ": still here\n\n");
}

http::Response ask(http::Method method, const std::string& target, std::string body) {
  const auto brand = std::make_shared<const ImageBrand>(0U);
  const http::RouteTable table = api_routes(brand, shipped_files());
  http::Request request;
  request.method = method;
  request.target = *http::parse_target(target);
  request.body = std::move(body);
  const auto match = table.find(method, request.target);
  EXPECT_NE(match.route, nullptr) << target;
  EXPECT_EQ(match.route->permission, access::Permission::correct);
  request.path_arguments = match.path_arguments;
  return match.route->handler(request);
}

TEST_F(LiveStreamTest, ARefusedEventIsSentAgain) {
  const std::string path = "/api/v1/dead-letters/1/resend";
  const auto sent = ask(http::Method::post, path, R"({"original":"{\"kind\":\"visit\"}"})");
  EXPECT_EQ(sent.status, 200U);
  EXPECT_EQ(schema_.against("Resent", sent.body), "");
  EXPECT_EQ(ask(http::Method::post, path, "{}").status, 400U);
  for (const char* wrong : {"", "[]", R"({"original":7})", R"({"original":""})", R"({"id":2})"}) {
    const auto refusal = ask(http::Method::post, path, wrong);
    EXPECT_EQ(refusal.status, 400U) << wrong;
    EXPECT_EQ(schema_.against("Error", refusal.body), "");
  }
  EXPECT_EQ(ask(http::Method::post, "/api/v1/dead-letters/x/resend", "{}").status, 404U);
  EXPECT_EQ(ask(http::Method::post, "/api/v1/dead-letters/9/resend", "{}").status, 404U);
}

TEST_F(LiveStreamTest, TheRouteRefusesWhatNoFilterIs) {
  EXPECT_EQ(
      ask(http::Method::get, "/api/v1/live?outcome=added,refused&kind=visit", "").content_type,
      "text/event-stream");
  for (const char* wrong : {"outcome=lost", "kind=dance", "door=a&door=b", "user=u-1"}) {
    EXPECT_EQ(ask(http::Method::get, "/api/v1/live?" + std::string(wrong), "").status, 400U)
        << wrong;
  }
}

}  // namespace
}  // namespace guanxi::api
