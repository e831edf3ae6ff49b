#include "events/event_json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "events/decode.hpp"
#include "events/event_equal.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

DecodeContext own_export() {
  DecodeContext context;
  context.own_export = true;
  return context;
}

Event worked_example() {
  Event event;
  event.kind = EventKind::order_line;
  event.id_hash = 0x99AABBCCDDEEFF00;
  event.message_id = "m-1";
  event.line = 1;
  event.occurred_at = Instant{1777600000};
  event.received_at = Instant{1777600005};
  event.person = {IdNamespace::user, "ada"};
  event.subject = "tea";
  event.order_id = "o-7";
  event.amount_minor = 1999;
  event.currency.code = {'C', 'N', 'Y'};
  event.quantity = 2;
  event.flags = kFullPrice | kReachable;
  event.title = "龙井 <b>";
  event.properties = R"({"price":9.995})";
  return event;
}

TEST(EventJson, WritesTheFieldsByTheirNames) {
  EXPECT_EQ(event_json(worked_example()),
            R"({"kind":"order_line","id_hash":"99aabbccddeeff00","message_id":"m-1","line":1,)"
            R"("occurred_at":"2026-05-01T01:46:40Z","received_at":"2026-05-01T01:46:45Z",)"
            R"("person":"user:ada","subject":"tea","order_id":"o-7","amount_minor":1999,)"
            R"("currency":"CNY","quantity":2,"flags":["full_price","reachable"],)"
            R"("title":"龙井 \u003cb>","properties":{"price":9.995}})");
}

// Goal: whatever an admitted event holds, its JSON reads back as the same event.
TEST(EventJson, EveryEventReadsBackTheSame) {
  const std::vector<std::string> texts = {"",
                                          "a",
                                          "ada@example.org",
                                          "user:u-1",
                                          "email:x",
                                          "龙井茶 👍",
                                          "<script>\"\\/\n\t\x01\x7f",
                                          std::string("nul\0inside", 10),
                                          "\u2028\u2029",
                                          "0123456789",
                                          std::string(200, 'z')};
  const std::vector<std::string> ids = {"u-1", "a:b", "email:q", "李娜", "a b", "ａ", "12345"};
  const std::vector<std::string> emails = {"Ada@example.org", "x@y"};
  Random random(7);
  const auto pick = [&](const std::vector<std::string>& from) {
    return std::string_view(from[random.below(from.size())]);
  };
  Decoder decoder;
  for (int round = 0; round < 3000; ++round) {
    Event event;
    event.kind = static_cast<EventKind>(random.below(64));
    event.id_hash = random.next();
    event.message_id = pick(texts);
    event.line = static_cast<std::uint32_t>(random.next() >> (32 + random.below(32)));
    event.occurred_at = Instant{static_cast<std::int64_t>(random.below(1ULL << 32U))};
    event.received_at = Instant{static_cast<std::int64_t>(random.below(1ULL << 32U))};
    event.original_at = Instant{static_cast<std::int64_t>(random.below(1ULL << 32U))};
    event.sent_at = Instant{random.chance(32768) ? 1777600009 : 0};
    const auto person = [&]() -> ExternalId {
      const auto name_space = static_cast<IdNamespace>(random.below(9));
      return {name_space, name_space == IdNamespace::email ? pick(emails) : pick(ids)};
    };
    event.person = person();
    event.also_known_as = random.chance(32768) ? person() : ExternalId{};
    event.name = pick(texts);
    event.subject = pick(texts);
    event.order_id = pick(texts);
    event.amount_minor = static_cast<std::int64_t>(random.next() >> (5 + random.below(58)));
    if (random.chance(32768)) {
      event.amount_minor = -event.amount_minor;
    }
    event.currency.code =
        random.chance(32768) ? std::array{'J', 'P', 'Y'} : std::array{'\0', '\0', '\0'};
    event.quantity = static_cast<std::int64_t>(random.below(1000)) - 500;
    event.flags = static_cast<std::uint8_t>(random.below(256));
    event.origin = pick(texts);
    event.title = pick(texts);
    event.properties = random.chance(32768)
                           ? std::string_view(R"({"a":[1.50,{"b":null}],"a":"\u0000"})")
                           : std::string_view();
    EventBatch batch;
    std::vector<Refusal> refused;
    const std::string json = event_json(event);
    decoder.decode_json(json, own_export(), batch, refused);
    ASSERT_TRUE(refused.empty()) << json << "\n" << refused[0].field << ": " << refused[0].reason;
    ASSERT_EQ(batch.size(), 1U);
    ASSERT_EQ(first_difference(batch.events[0], event), "") << json;
  }
}

TEST(EventJson, StrangersMayNotChooseIdentitiesOrMakeCredits) {
  Decoder decoder;
  EventBatch batch;
  std::vector<Refusal> refused;
  DecodeContext context;
  decoder.decode_json(event_json(worked_example()), context, batch, refused);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.events[0].id_hash, identity_of_message("", "m-1", 0));
  Event credit = worked_example();
  credit.kind = EventKind::referred_order;
  decoder.decode_json(event_json(credit), context, batch, refused);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].field, "kind");
}

TEST(EventJson, CanonicalEventsAreCheckedFieldByField) {
  const auto refusal = [](const char* json) {
    Decoder decoder;
    EventBatch batch;
    std::vector<Refusal> refused;
    decoder.decode_json(json, {}, batch, refused);
    EXPECT_TRUE(batch.empty()) << json;
    return refused.empty() ? std::string() : refused[0].field;
  };
  EXPECT_EQ(refusal(R"({"kind":"dance","occurred_at":"2026-05-01"})"), "kind");
  EXPECT_EQ(refusal(R"({"kind":"visit"})"), "occurred_at");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","persn":"u"})"), "persn");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","person":"null"})"), "person");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","person":"email:x"})"), "person");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","amount":"1,5"})"), "amount");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","flags":["derived"]})"), "flags");
  EXPECT_EQ(refusal(R"({"kind":"visit","occurred_at":"2026-05-01","properties":[]})"),
            "properties");
}

}  // namespace
}  // namespace guanxi
