#include "events/decode.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>

#include "base/hash.hpp"
#include "events/identity.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kReceived = 1777600000;  // 2026-05-01T01:46:40Z

struct Decoded {
  EventBatch batch;
  std::vector<Refusal> refused;
  [[nodiscard]] const Event& only() const {
    EXPECT_EQ(refused.size(), 0U) << (refused.empty() ? "" : refused[0].field + refused[0].reason);
    EXPECT_EQ(batch.size(), 1U);
    static const Event kNone;
    return batch.empty() ? kNone : batch.events[0];
  }
  [[nodiscard]] std::string refusal() const {
    EXPECT_EQ(batch.size(), 0U);
    EXPECT_EQ(refused.size(), 1U);
    return refused.empty() ? "" : refused[0].field + ": " + refused[0].reason;
  }
};

DecodeContext door() {
  DecodeContext context;
  context.source = "test";
  context.received_at = Instant{kReceived};
  return context;
}

// What is decoded stays, so that tests may keep views of it.
const Decoded& decode(std::string_view json, const DecodeContext& context = door()) {
  static std::deque<Decoded> all;
  Decoded& decoded = all.emplace_back();
  Decoder decoder;
  decoder.decode_json(json, context, decoded.batch, decoded.refused);
  return decoded;
}

std::string track(std::string_view name, std::string_view properties,
                  std::string_view more = R"("userId":"u-1","messageId":"m-1")") {
  return R"({"type":"track","event":")" + std::string(name) + R"(",)" + std::string(more) +
         R"(,"properties":)" + std::string(properties) + "}";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(DecodeMoney, AllSpellingsOfOneAmountAreTheSame) {
  for (const char* amount :
       {R"("total":19.99)", R"("total":"19.99")", R"("total":"19.990")", R"("total":1.999e1)",
        R"("total":{"minor":1999})", R"("total_minor":1999)", R"("total_minor":"1999")",
        R"("revenue":19.99)", R"("total":{"amount":"19.99"})"}) {
    const Decoded& decoded = decode(track(
        "Order Completed", R"({"order_id":"o-1","currency":"CNY",)" + std::string(amount) + "}"));
    EXPECT_EQ(decoded.only().amount_minor, 1999) << amount;
    EXPECT_EQ(decoded.only().currency.text(), "CNY");
    EXPECT_EQ(decoded.only().properties, "");
  }
  EXPECT_EQ(decode(track("Order Completed", R"({"order_id":1,"currency":"JPY","total":1999})"))
                .only()
                .amount_minor,
            1999);
}

TEST(DecodeMoney, WhatIsNoAmountIsRefusedByItsName) {
  for (const char* amount : {"1e999", "9223372036854775808", "\"19,99\"", "\"abc\"", "true", "[]",
                             "{}", "123456789012345678901234567890", "\"NaN\"", "\"Infinity\""}) {
    const std::string refusal =
        decode(track("Order Completed", R"({"order_id":"o","total":)" + std::string(amount) + "}"))
            .refusal();
    EXPECT_TRUE(refusal.starts_with("properties.total")) << refusal;
    EXPECT_TRUE(has(refusal, "valid") || has(refusal, "64 bits")) << refusal;
  }
  EXPECT_TRUE(has(decode(track("Order Completed", R"({"order_id":"o","total":NaN})")).refusal(),
                  "not JSON"));
  EXPECT_EQ(decode(track("Order Completed", R"({"order_id":"o","total":-0})")).only().amount_minor,
            0);
}

TEST(DecodeOrder, BecomesTheOrderAndItsLinesAndNoMoneyCountsTwice) {
  const Decoded& decoded = decode(
      track("Order Completed",
            R"({"order_id":"o-1001","total":258.5,"revenue":240,"shipping":18.5,"currency":"CNY",
          "discount":10,"coupon":"NY","products":[
            {"product_id":"p-1","name":"tea","price":120.1,"quantity":2,"category":"drinks"},
            {"sku":"s-2","price":"0.2"},{"product_id":"p-3","price_minor":10,"quantity":"1"}]})"));
  ASSERT_EQ(decoded.refused.size(), 0U) << decoded.refused[0].reason;
  ASSERT_EQ(decoded.batch.size(), 4U);
  const auto& events = decoded.batch.events;
  EXPECT_EQ(events[0].kind, EventKind::order_completed);
  EXPECT_EQ(events[0].amount_minor, 25850 - 24020 - 20 - 10);
  EXPECT_EQ(events[1].amount_minor, 24020);
  EXPECT_EQ(events[1].quantity, 2);
  EXPECT_EQ(events[1].subject, "p-1");
  EXPECT_EQ(events[1].title, "tea");
  EXPECT_EQ(events[1].properties, R"({"price":120.1,"category":"drinks"})");
  EXPECT_EQ(events[2].subject, "s-2");
  EXPECT_EQ(events[2].amount_minor, 20);
  EXPECT_EQ(events[2].quantity, 1);
  EXPECT_EQ(events[3].amount_minor, 10);
  std::set<std::uint64_t> identities;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].order_id, "o-1001");
    EXPECT_EQ(events[i].line, i);
    EXPECT_EQ(events[i].message_id, "m-1");
    EXPECT_EQ(events[i].person.value, "u-1");
    EXPECT_EQ(events[i].currency.text(), "CNY");
    EXPECT_EQ(events[i].flags & kFullPrice, 0);
    identities.insert(events[i].id_hash);
    sum += events[i].amount_minor;
  }
  EXPECT_EQ(identities.size(), 4U);
  EXPECT_EQ(sum, 25850);
  EXPECT_EQ(events[0].properties, R"({"revenue":240,"shipping":18.5,"discount":10,"coupon":"NY"})");
}

TEST(DecodeOrder, FullPriceIsKnownOnlyWhenTheSourceSpeaksOfDiscounts) {
  const auto flags = [](const char* more) {
    return decode(
               track("Order Completed", std::string(R"({"order_id":"o","total":1)") + more + "}"))
               .only()
               .flags &
           kFullPrice;
  };
  EXPECT_NE(flags(R"(,"discount":0)"), 0);
  EXPECT_NE(flags(R"(,"full_price":true)"), 0);
  EXPECT_EQ(flags(""), 0);
  EXPECT_EQ(flags(R"(,"discount":0,"coupon":"X")"), 0);
  EXPECT_EQ(flags(R"(,"discount":5)"), 0);
}

TEST(DecodeOrder, WithoutATotalOnlyTheLinesCarryMoney) {
  const Decoded& decoded = decode(
      track("Order Completed", R"({"order_id":"o","products":[{"product_id":"p","price":5}]})"));
  ASSERT_EQ(decoded.batch.size(), 2U);
  EXPECT_EQ(decoded.batch.events[0].amount_minor, 0);
  EXPECT_EQ(decoded.batch.events[1].amount_minor, 500);
}

TEST(DecodeOrder, OneBadProductRefusesTheWholeOrder) {
  const std::string refusal =
      decode(track("Order Completed",
                   R"({"order_id":"o","total":9,"products":[{"product_id":"p","price":5},
                       {"product_id":"q","price":"five"}]})"))
          .refusal();
  EXPECT_TRUE(refusal.starts_with("properties.products[1].price: ")) << refusal;
}

TEST(DecodeRefund, OnlyTheOrderMeansAllOfItAndProductsMeanPart) {
  const Decoded& whole = decode(track("Order Refunded", R"({"order_id":"o-1"})"));
  EXPECT_EQ(whole.only().kind, EventKind::order_refunded);
  EXPECT_EQ(whole.only().amount_minor, 0);
  EXPECT_EQ(whole.only().flags & kPartial, 0);

  const Decoded& money = decode(track("Order Refunded", R"({"order_id":"o-1","total":258.5})"));
  EXPECT_EQ(money.only().amount_minor, -25850);
  EXPECT_EQ(money.only().flags & kPartial, 0);

  const Decoded& less =
      decode(track("Order Refunded", R"({"order_id":"o-1","total":5,"order_total":9})"));
  EXPECT_NE(less.only().flags & kPartial, 0);

  const Decoded& lines = decode(track(
      "Order Refunded",
      R"({"order_id":"o-1","total":30,"products":[{"product_id":"p","price":12,"quantity":2}]})"));
  ASSERT_EQ(lines.batch.size(), 2U);
  EXPECT_EQ(lines.batch.events[0].amount_minor, -600);
  EXPECT_NE(lines.batch.events[0].flags & kPartial, 0);
  EXPECT_EQ(lines.batch.events[1].kind, EventKind::line_returned);
  EXPECT_EQ(lines.batch.events[1].amount_minor, -2400);
}

TEST(DecodeRating, StarsAndScoresBecomeZeroToAHundred) {
  const auto rating = [](const char* name, const char* properties) {
    return decode(track(name, properties)).only().quantity;
  };
  EXPECT_EQ(rating("Product Reviewed", R"({"rating":"5"})"), 100);
  EXPECT_EQ(rating("Product Reviewed", R"({"rating":1})"), 0);
  EXPECT_EQ(rating("Product Reviewed", R"({"rating":4.5})"), 88);
  EXPECT_EQ(rating("Product Reviewed", R"({"rating":7,"rating_max":10})"), 70);
  EXPECT_EQ(rating("NPS Answered", R"({"score":9})"), 90);
  EXPECT_EQ(rating("CSAT Answered", R"({"score":5})"), 100);
  EXPECT_EQ(rating("Score Answered", R"({"score":85,"score_max":100})"), 85);
  EXPECT_TRUE(has(decode(track("Product Reviewed", R"({"rating":6})")).refusal(), "1 to 5"));
  EXPECT_TRUE(has(decode(track("Product Reviewed", "{}")).refusal(), "missing"));
  EXPECT_TRUE(has(decode(track("NPS Answered", R"({"score":11})")).refusal(), "0 to 10"));
}

TEST(DecodePromise, ADeliveryIsAPromiseKeptOrBroken) {
  const auto delivered = [](const char* properties) {
    return decode(track("Order Delivered", properties)).only();
  };
  EXPECT_EQ(
      delivered(
          R"({"order_id":"o","promised_at":"2026-05-01","delivered_at":"2026-05-01T23:59:59Z"})")
          .kind,
      EventKind::promise_kept);
  EXPECT_EQ(
      delivered(
          R"({"order_id":"o","promised_at":"2026-05-01","delivered_at":"2026-05-02T00:00:00Z"})")
          .kind,
      EventKind::promise_broken);
  const Event late = delivered(R"({"order_id":"o","promised_at":"2026-04-30T12:00:00Z"})");
  EXPECT_EQ(late.kind, EventKind::promise_broken);
  EXPECT_EQ(late.order_id, "o");
  EXPECT_EQ(late.subject, "delivery");
  EXPECT_EQ(delivered(R"({"order_id":"o"})").kind, EventKind::service_delivered);
  const Decoded& solved =
      decode(track("Ticket Solved", R"({"ticket_id":"t-1","promised_at":"2026-05-02T00:00:00Z"})"));
  ASSERT_EQ(solved.batch.size(), 2U);
  EXPECT_EQ(solved.batch.events[1].kind, EventKind::promise_kept);
  EXPECT_EQ(solved.batch.events[1].order_id, "t-1");
}

TEST(DecodeReferral, NamesWhoBroughtThemAndHashesTheNewcomer) {
  const Decoded& decoded = decode(
      track("Referral Accepted", R"({"referrer_id":"u-9","recipient":"secret@example.org"})"));
  EXPECT_EQ(decoded.only().subject, "user:u-9");
  EXPECT_EQ(decoded.only().origin, "friend_referral");
  EXPECT_FALSE(has(std::string(decoded.only().properties), "secret"));
  EXPECT_TRUE(has(std::string(decoded.only().properties), "recipient_hash"));
  EXPECT_EQ(
      decode(track("Referral Accepted", R"({"referrer_email":"Ada@EXAMPLE.org"})")).only().subject,
      "email:Ada@example.org");
  EXPECT_TRUE(has(decode(track("Referral Accepted", R"({"referrer_id":"null"})")).refusal(),
                  "names nobody"));
  EXPECT_TRUE(has(decode(track("Referral Accepted", "{}")).refusal(), "missing"));
  const Decoded& shared = decode(
      track("Product Shared",
            R"({"product_id":"p","share_via":"wechat","recipient":{"phone":"13800138000"}})"));
  EXPECT_FALSE(has(std::string(shared.only().properties), "13800138000"));
  EXPECT_TRUE(has(decode(track("Referred Order", "{}")).refusal(), "made by Guanxi"));
}

TEST(DecodeTime, CorrectsTheClientsClock) {
  const auto occurred = [](const char* times) {
    return decode(R"({"type":"track","event":"X","userId":"u",)" + std::string(times) + "}")
        .only()
        .occurred_at.seconds;
  };
  EXPECT_EQ(occurred(R"("timestamp":"2016-05-01T00:00:00Z","sentAt":"2016-05-01T00:01:00Z")"),
            kReceived - 60);
  EXPECT_EQ(occurred(R"("originalTimestamp":"2026-04-30T00:00:00Z")"), 1777507200);
  EXPECT_EQ(occurred(R"("timestamp":1777507200)"), 1777507200);
  EXPECT_EQ(occurred(R"("timestamp":1777507200123)"), 1777507200);
  EXPECT_EQ(occurred(R"("timestamp":"1777507200")"), 1777507200);
  EXPECT_EQ(occurred(R"("timestamp":"2026-04-30T08:00:00+08:00")"), 1777507200);
  EXPECT_EQ(occurred(R"("timestamp":null)"), kReceived);
  EXPECT_EQ(occurred(R"("timestamp":"2024-02-29T00:00:00Z")"), 1709164800);
  DecodeContext china = door();
  const auto zone = Zone::fixed("+08:00");
  china.zone = &*zone;
  EXPECT_EQ(decode(R"({"type":"page","userId":"u","timestamp":"2026-04-30 08:00:00"})", china)
                .only()
                .occurred_at.seconds,
            1777507200);
}

TEST(DecodeTime, AllFourTimesAreKeptAndNothingIsCountedInTheFuture) {
  const auto read = [](const char* times) {
    return decode(R"({"type":"track","event":"X","userId":"u",)" + std::string(times) + "}").only();
  };
  const Event slow = read(R"("timestamp":"2016-05-01T00:00:00Z","sentAt":"2016-05-01T00:01:00Z")");
  EXPECT_EQ(slow.occurred_at.seconds, kReceived - 60);
  EXPECT_EQ(slow.received_at.seconds, kReceived);
  EXPECT_EQ(to_string(slow.original_at), "2016-05-01T00:00:00Z");
  EXPECT_EQ(to_string(slow.sent_at), "2016-05-01T00:01:00Z");
  // Ten years ahead with its clock, and sent before it happened: still not after it was received.
  const Event fast = read(R"("timestamp":"2036-05-01T00:01:00Z","sentAt":"2036-05-01T00:00:00Z")");
  EXPECT_EQ(fast.occurred_at.seconds, kReceived);
  EXPECT_EQ(to_string(fast.original_at), "2036-05-01T00:01:00Z");
  const Event ahead = read(R"("timestamp":"2026-05-01T20:00:00Z")");
  EXPECT_EQ(ahead.occurred_at.seconds, kReceived);
  EXPECT_EQ(to_string(ahead.original_at), "2026-05-01T20:00:00Z");
  EXPECT_EQ(ahead.sent_at.seconds, 0);
  const Event plain = read(R"("timestamp":"2026-04-30T00:00:00Z")");
  EXPECT_EQ(plain.original_at.seconds, 0);
  const Event own =
      decode(R"({"kind":"visit","person":"u","occurred_at":"2026-05-01T20:00:00Z"})").only();
  EXPECT_EQ(own.occurred_at.seconds, kReceived);
  EXPECT_EQ(to_string(own.original_at), "2026-05-01T20:00:00Z");
}

TEST(DecodeTime, AMessageWithoutIdThatIsSentAgainIsTheSameEvent) {
  const std::string once =
      R"({"type":"track","event":"X","userId":"u","timestamp":"2026-04-30T00:00:00Z")";
  DecodeContext later = door();
  later.received_at = Instant{kReceived + 90};
  EXPECT_EQ(decode(once + R"(,"sentAt":"2026-04-30T00:00:10Z"})").only().id_hash,
            decode(once + R"(,"sentAt":"2026-04-30T00:01:43Z"})", later).only().id_hash);
}

TEST(DecodeTime, RefusesMomentsThatAreNone) {
  for (const char* time :
       {R"("yesterday")", R"("2026-02-30T00:00:00Z")", R"("9999-01-01T00:00:00Z")", "-1", "1e30",
        "true", "{}", R"("2026-05-03T00:00:00Z")", R"("")"}) {
    const std::string refusal =
        decode(R"({"type":"page","userId":"u","timestamp":)" + std::string(time) + "}").refusal();
    EXPECT_TRUE(refusal.starts_with("timestamp: ")) << time << " " << refusal;
  }
  EXPECT_EQ(decode(R"({"type":"page","userId":"u","timestamp":"1970-01-01T00:00:00Z"})")
                .only()
                .occurred_at.seconds,
            0);
}

TEST(DecodeIdentity, RefusesIdsThatNameNobody) {
  for (const char* id : {R"("null")", R"("undefined")", R"("GUEST")", R"("0")", "0",
                         R"("Anonymous")", R"("none")", R"("NaN")", R"("[object Object]")", R"("")",
                         R"("  ")", "{}", "[]", "true", "1.5", R"("a\u0000b")"}) {
    const std::string refusal =
        decode(R"({"type":"page","userId":)" + std::string(id) + "}").refusal();
    EXPECT_TRUE(refusal.starts_with("userId: ")) << id << " " << refusal;
  }
  EXPECT_TRUE(
      has(decode(R"({"type":"page","userId":")" + std::string(256, 'x') + "\"}").refusal(), "255"));
  EXPECT_TRUE(has(decode(R"({"type":"page"})").refusal(), "missing"));
  EXPECT_EQ(decode(R"({"type":"page","userId":12345})").only().person.value, "12345");
  EXPECT_EQ(decode(R"({"type":"page","userId":null,"anonymousId":"a"})").only().person.name_space,
            IdNamespace::anonymous);
}

TEST(DecodeIdentity, AMessageMayNameItsPersonInAnyNamespace) {
  const Event& refund =
      decode(track("Order Refunded", R"({"order_id":"1001","total":"5.00"})",
                   R"("person":"order:shopify:1001","also_known_as":"email:Ada@EXAMPLE.org")"))
          .only();
  EXPECT_EQ(to_string(refund.person), "order:shopify:1001");
  EXPECT_EQ(to_string(refund.also_known_as), "email:Ada@example.org");
  EXPECT_EQ(decode(track("Visit", "{}", R"("person":"contact:zendesk:55")")).only().person,
            (ExternalId{IdNamespace::contact, "zendesk:55"}));
  EXPECT_TRUE(has(decode(track("Visit", "{}", R"("person":"order:null")")).refusal(), "person"));
  EXPECT_EQ(decode(track("Visit", "{}", R"("person":"","userId":"u-1")")).only().person.value, "");
}

TEST(DecodeIdentity, IdsThatLookAlikeStayDifferent) {
  std::set<std::string> seen;
  for (const char* id : {"ada", "Ada", "аda", "ada ", " ada", "a\u200Bda", "\u202Eada", "ａda",
                         "ada\u0301", "👍", "Straße", "STRASSE"}) {
    const Decoded& decoded = decode(R"({"type":"page","userId":")" + std::string(id) + "\"}");
    EXPECT_EQ(decoded.only().person.value, id);
    seen.insert(std::string(decoded.only().person.value));
  }
  EXPECT_EQ(seen.size(), 12U);
  EXPECT_EQ(normalised_email("Ada.L@Example.ORG"), "Ada.L@example.org");
  EXPECT_EQ(normalised_email("no address"), "");
  EXPECT_EQ(normalised_email("a@b@c"), "");
}

TEST(DecodeIdentity, IdentifyLinksEveryAddressOfAPerson) {
  const Decoded& decoded = decode(
      R"({"type":"identify","userId":"u-1","anonymousId":"a-1","messageId":"m","traits":
          {"email":"Li.Na@EXAMPLE.com","phone":"+8613800138000","name":"李娜","origin":"store"}})");
  ASSERT_EQ(decoded.batch.size(), 3U);
  const auto& events = decoded.batch.events;
  EXPECT_EQ(to_string(events[0].person), "user:u-1");
  EXPECT_EQ(to_string(events[0].also_known_as), "anonymous:a-1");
  EXPECT_EQ(to_string(events[1].also_known_as), "email:Li.Na@example.com");
  EXPECT_EQ(to_string(events[2].also_known_as), "phone:+8613800138000");
  EXPECT_EQ(events[0].title, "李娜");
  EXPECT_EQ(events[0].origin, "store");
  EXPECT_NE(events[0].flags & kReachable, 0);
  const Decoded& alias = decode(R"({"type":"alias","userId":"u-1","previousId":"a-0"})");
  EXPECT_EQ(to_string(alias.only().also_known_as), "anonymous:a-0");
  EXPECT_TRUE(is_alias(alias.only()));
  EXPECT_TRUE(has(decode(R"({"type":"alias","userId":"u-1","previousId":"null"})").refusal(),
                  "previousId"));
  EXPECT_EQ(
      to_string(decode(track("X", "{}", R"("traits":{"email":"a@B.example"})")).only().person),
      "email:a@b.example");
}

TEST(DecodeIdentity, PostHogsDevicesAreStrangersUntilSomebodyIsKnown) {
  const Event before =
      decode(R"({"event":"$pageview","distinct_id":"d-1","properties":{"$device_id":"d-1"}})")
          .only();
  EXPECT_EQ(to_string(before.person), "anonymous:d-1");
  const Event known =
      decode(R"({"event":"$identify","distinct_id":"u-1","properties":{"$device_id":"d-1",
                 "$anon_distinct_id":"d-1"}})")
          .only();
  EXPECT_EQ(to_string(known.person), "user:u-1");
  EXPECT_EQ(to_string(known.also_known_as), "anonymous:d-1");
  const Event server =
      decode(R"({"event":"X","distinct_id":"u-1","properties":{"$lib":"posthog-node"}})").only();
  EXPECT_EQ(to_string(server.person), "user:u-1");
}

TEST(DecodeIdentity, AMergeNamesOnePersonTwice) {
  const Event merge = decode(R"({"type":"merge","messageId":"m","mergeProperties":[
              {"type":"user_id","value":"u-1"},{"type":"email","value":"Ada@EXAMPLE.org"}]})")
                          .only();
  EXPECT_EQ(merge.kind, EventKind::identified);
  EXPECT_EQ(to_string(merge.person), "user:u-1");
  EXPECT_EQ(to_string(merge.also_known_as), "email:Ada@example.org");
  EXPECT_TRUE(is_alias(merge));
  for (const char* list :
       {"null", "[]", "{}", R"([{"type":"user_id","value":"u-1"}])", "[1,2]",
        R"([{"type":"user_id","value":"u-1"},{"type":"email","value":"nobody"}])",
        R"([{"type":"user_id","value":"u-1"},{"type":"shoe size","value":"41"}])"}) {
    EXPECT_TRUE(decode(R"({"type":"merge","mergeProperties":)" + std::string(list) + "}")
                    .refusal()
                    .starts_with("mergeProperties: "));
  }
}

TEST(DecodeIdentity, AMessageIdIsKnownForEverAndBySource) {
  const std::string json = track("Visit", "{}");
  DecodeContext later = door();
  later.received_at = Instant{kReceived + 1000};
  DecodeContext other = door();
  other.source_key = "second shop";
  const std::uint64_t id_hash = decode(json).only().id_hash;
  EXPECT_EQ(decode(json, later).only().id_hash, id_hash);
  EXPECT_NE(decode(json, other).only().id_hash, id_hash);
  EXPECT_EQ(id_hash, identity_of_message("", "m-1", 0));
  for (const char* id : {"1", "{}", "true"}) {
    EXPECT_TRUE(decode(R"({"type":"page","userId":"u","messageId":)" + std::string(id) + "}")
                    .refusal()
                    .starts_with("messageId: "));
  }
  EXPECT_TRUE(
      has(decode(R"({"type":"page","userId":"u","messageId":")" + std::string(101, 'm') + "\"}")
              .refusal(),
          "100 characters"));
}

TEST(DecodeIdentity, WithoutAMessageIdContentDecides) {
  const std::string json =
      track("Visit", "{}", R"("userId":"u","timestamp":"2026-04-30T00:00:00Z")");
  EXPECT_EQ(decode(json).only().id_hash, decode(json).only().id_hash);
  EXPECT_NE(decode(json).only().id_hash,
            decode(track("Visit", "{}", R"("userId":"v","timestamp":"2026-04-30T00:00:00Z")"))
                .only()
                .id_hash);
  Decoder file(Repeats::counted);
  Decoder same_file(Repeats::counted);
  Decoded first;
  Decoded second;
  for (int i = 0; i < 2; ++i) {
    file.decode_json(json, door(), first.batch, first.refused);
    same_file.decode_json(json, door(), second.batch, second.refused);
  }
  EXPECT_NE(first.batch.events[0].id_hash, first.batch.events[1].id_hash);
  EXPECT_EQ(first.batch.events[1].id_hash, second.batch.events[1].id_hash);
  EXPECT_EQ(first.batch.events[0].id_hash, decode(json).only().id_hash);
}

TEST(DecodeBatch, OneBadEventHurtsNoOther) {
  const Decoded& decoded = decode(
      R"({"batch":[{"type":"page","userId":"u-1","messageId":"1"},{"type":"page"},7,
           {"type":"track","event":"X","userId":"u-2","timestamp":"2026-04-30T00:00:00Z"},
           {"type":"page","userId":"\ud800"},{"type":"dance","userId":"u"},
           {"type":"page","userId":"u-3"}],
          "sentAt":"2026-04-30T00:00:10Z","context":{"traits":{}},"writeKey":"k"})");
  ASSERT_EQ(decoded.batch.size(), 3U);
  EXPECT_EQ(decoded.batch.events[1].occurred_at.seconds, kReceived - 10);
  ASSERT_EQ(decoded.refused.size(), 4U);
  EXPECT_EQ(decoded.refused[0].field, "userId");
  EXPECT_EQ(decoded.refused[0].original, R"({"type":"page"})");
  EXPECT_EQ(decoded.refused[1].original, "7");
  EXPECT_TRUE(has(decoded.refused[2].reason, "surrogate"));
  EXPECT_EQ(decoded.refused[3].field, "type");
}

TEST(DecodeBatch, AListIsABatchAndWhoSentItCanBeAskedBeforehand) {
  Decoder decoder;
  EventBatch batch;
  std::vector<Refusal> refused;
  decoder.read(R"([{"type":"page","userId":"u","api_key":"k"},{"type":"page","userId":"v"}])");
  EXPECT_EQ(decoder.text_member("api_key"), "k");
  EXPECT_EQ(decoder.text_member("writeKey"), "");
  decoder.decode_read(door(), batch, refused);
  EXPECT_EQ(batch.size(), 2U);
  decoder.read(R"({"writeKey":"w","batch":[]})");
  EXPECT_EQ(decoder.text_member("writeKey"), "w");
  decoder.read(R"({"writeKey":"w")");
  EXPECT_EQ(decoder.text_member("writeKey"), "");
  decoder.decode_read(door(), batch, refused);
  EXPECT_EQ(refused.size(), 1U);
}

TEST(DecodeBatch, ABatchIsAListOfOneToManyEvents) {
  EXPECT_TRUE(has(decode(R"({"batch":[]})").refusal(), "empty"));
  EXPECT_TRUE(has(decode(R"({"batch":{}})").refusal(), "a list"));
  std::string many = R"({"batch":[)";
  for (int i = 0; i < 2501; ++i) {
    many += std::string(i == 0 ? "" : ",") + R"({"type":"page","userId":"u"})";
  }
  EXPECT_TRUE(has(decode(many + "]}").refusal(), "2500"));
}

TEST(DecodeHostile, EachClassOfMalformedTextHasItsReason) {
  EXPECT_TRUE(has(decode("").refusal(), "no text"));
  EXPECT_TRUE(has(decode("  \n").refusal(), "no text"));
  EXPECT_TRUE(has(decode(R"({"type":"page","userId":"u")").refusal(), "not JSON"));
  EXPECT_TRUE(has(decode("[1]").refusal(), "this is a number"));
  EXPECT_TRUE(has(decode("[[]]").refusal(), "this is a list"));
  EXPECT_TRUE(has(decode("\"text\"").refusal(), "an event is a JSON object"));
  EXPECT_TRUE(has(decode("\xFF\xFE{\0}\0").refusal(), "UTF-16"));
  EXPECT_TRUE(has(decode("{\"type\":\"page\",\"userId\":\"\xC3\x28\"}").refusal(), "not UTF-8"));
  EXPECT_TRUE(has(decode(R"({"userId":"u"})").refusal(), "valid: "));
  EXPECT_TRUE(has(decode(R"({"type":"track","userId":"u"})").refusal(), "event: is missing"));
  EXPECT_TRUE(has(decode(R"({"type":"track","event":7,"userId":"u"})").refusal(), "event: "));
  EXPECT_TRUE(has(decode(track("X", "[1]")).refusal(), "properties: is a list"));
  EXPECT_EQ(decode("\xEF\xBB\xBF"
                   R"({"type":"page","userId":"u"})")
                .only()
                .kind,
            EventKind::visit);
  EXPECT_EQ(decode(R"({"userId":"u","event":"Visit"})").only().kind, EventKind::visit);
}

TEST(DecodeHostile, BytesThatAreNotUtf8HurtOnlyTheirOwnEvent) {
  const Decoded& decoded = decode(
      "{\"batch\":[{\"type\":\"page\",\"userId\":\"a\"},{\"type\":\"page\",\"userId\":\"\xFF\"},"
      "{\"type\":\"page\",\"userId\":\"b\"}]}");
  ASSERT_EQ(decoded.batch.size(), 2U);
  ASSERT_EQ(decoded.refused.size(), 1U);
  EXPECT_TRUE(has(decoded.refused[0].reason, "UTF-8"));
}

TEST(DecodeHostile, DepthSizeAndNumberOfPropertiesAreBounded) {
  const auto in_batch = [](const std::string& properties) -> const Decoded& {
    return decode(R"({"batch":[{"type":"page","userId":"a"},)" + track("X", properties) +
                  R"(,{"type":"page","userId":"b"}]})");
  };
  const Decoded& deep =
      in_batch("{\"a\":" + std::string(10000, '[') + std::string(10000, ']') + "}");
  ASSERT_EQ(deep.batch.size(), 2U);
  EXPECT_TRUE(has(deep.refused.at(0).reason, "deeper than 64"));
  const Decoded& large = in_batch("{\"a\":\"" + std::string(1 << 20, 'x') + "\"}");
  ASSERT_EQ(large.batch.size(), 2U);
  EXPECT_TRUE(has(large.refused.at(0).reason, "larger than"));
  EXPECT_LE(large.refused.at(0).original.size(), 65536U);
  std::string wide = "{";
  for (int i = 0; i < 10001; ++i) {
    wide += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  }
  const Decoded& many = in_batch(wide + "}");
  ASSERT_EQ(many.batch.size(), 2U);
  EXPECT_TRUE(has(many.refused.at(0).reason, "10,000"));
}

TEST(DecodeHostile, OddKeysAndTextsAreKeptAsText) {
  const Decoded& decoded =
      decode(track("My Own Event",
                   R"({"__proto__":{"x":1},"constructor":"y","$set":{},"a":"\u0000<b>","a":2})"));
  EXPECT_EQ(decoded.only().kind, EventKind::unknown);
  EXPECT_EQ(decoded.only().name, "My Own Event");
  EXPECT_EQ(decoded.only().properties,
            R"({"__proto__":{"x":1},"constructor":"y","$set":{},"a":"\u0000\u003cb>","a":2})");
  const Decoded& review = decode(
      track("Product Reviewed", R"({"rating":"5","rating":"1","review_body":"Très <b>\u0000"})"));
  EXPECT_EQ(review.only().quantity, 0);
  EXPECT_EQ(review.only().title, std::string_view("Très <b>\0", 10));
}

TEST(DecodeKinds, OwnNamesAndFlagsFillTheirFields) {
  const Event met =
      decode(track("Staff Met", R"({"staff_id":"s-1","staff_name":"Wu","minutes":30})")).only();
  EXPECT_EQ(met.subject, "s-1");
  EXPECT_EQ(met.quantity, 30);
  const Event chat =
      decode(track("Live Chat Conversation Ended",
                   R"({"agent_id":"s","conversation_id":"c","conversation_duration":90})"))
          .only();
  EXPECT_EQ(chat.kind, EventKind::chat_ended);
  EXPECT_EQ(chat.order_id, "c");
  EXPECT_EQ(chat.quantity, 2);
  EXPECT_EQ(chat.name, "Live Chat Conversation Ended");
  EXPECT_EQ(decode(track("Value Signal", R"({"value":"animals","agrees":false})")).only().kind,
            EventKind::values_conflict);
  EXPECT_NE(decode(track("Event Attended", R"({"event_id":"e","in_person":true})")).only().flags &
                kByCustomer,
            0);
  EXPECT_NE(decode(track("Email Opened", R"({"campaign_id":"c-1"})")).only().flags & kReachable, 0);
  EXPECT_TRUE(has(decode(track("Staff Met", "{}")).refusal(), "properties.staff_id"));
  const Event page =
      decode(
          R"({"type":"page","userId":"u","name":"Home","properties":{"url":"https://a.example/x?y=1","title":"T"}})")
          .only();
  EXPECT_EQ(page.subject, "https://a.example/x");
  EXPECT_EQ(page.title, "T");
}

TEST(DecodeKinds, ForeignMoneyIsMarked) {
  DecodeContext context = door();
  context.default_currency = *parse_currency("CNY");
  const auto flags = [&](const char* currency) {
    return decode(track("Order Completed",
                        R"({"order_id":"o","total":1)" + std::string(currency) + "}"),
                  context)
               .only()
               .flags &
           kForeignCurrency;
  };
  EXPECT_EQ(flags(""), 0);
  EXPECT_EQ(flags(R"(,"currency":"cny")"), 0);
  EXPECT_NE(flags(R"(,"currency":"USD")"), 0);
  EXPECT_TRUE(
      has(decode(track("Order Completed", R"({"order_id":"o","currency":"dollars"})")).refusal(),
          "properties.currency"));
}

}  // namespace
}  // namespace guanxi
