#include "events/batch_codec.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "events/event_equal.hpp"

namespace guanxi {
namespace {

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

// The worked example of docs/formats/batch.md: an order of two lines.
std::vector<Event> small_order() {
  Event order;
  order.kind = EventKind::order_completed;
  order.occurred_at = Instant{1777600000};
  order.received_at = Instant{1777600005};
  order.id_hash = 0x1122334455667788;
  order.message_id = "m-1";
  order.person = {IdNamespace::user, "ada"};
  order.order_id = "o-7";
  order.amount_minor = 500;
  order.currency.code = {'C', 'N', 'Y'};
  Event line = order;
  line.kind = EventKind::order_line;
  line.id_hash = 0x99AABBCCDDEEFF00;
  line.line = 1;
  line.subject = "tea";
  line.amount_minor = 1999;
  line.quantity = 2;
  return {order, line};
}

// Fields of every size and text of every byte; some columns constant, some empty.
std::vector<Event> random_events(std::uint64_t seed, std::size_t count, EventBatch& texts) {
  Random random(seed);
  const std::uint64_t shape = random.next();
  const auto text = [&](std::uint64_t kinds) {
    std::string made;
    Random letters(random.below(kinds));
    for (std::uint64_t i = letters.below(20); i > 0; --i) {
      made += static_cast<char>(static_cast<std::uint8_t>(letters.below(256)));
    }
    return texts.keep(made);
  };
  const auto number = [&] {
    return static_cast<std::int64_t>(random.next() >> (1 + random.below(63)));
  };
  std::vector<Event> events(count);
  for (Event& event : events) {
    event.kind = static_cast<EventKind>(random.below(64));
    event.flags = static_cast<std::uint8_t>((shape & 1U) != 0 ? random.below(256) : 4);
    event.occurred_at.seconds = (shape & 2U) != 0 ? number() : 1777600000;
    event.received_at.seconds = (event.occurred_at.seconds / 2) - (number() / 2);
    event.original_at.seconds = (shape & 256U) != 0 ? number() : 0;
    event.sent_at.seconds = (shape & 512U) != 0 ? event.original_at.seconds + 1 : 0;
    event.id_hash = random.next();
    event.message_id = (shape & 4U) != 0 ? text(1U << 20U) : std::string_view();
    event.line = static_cast<std::uint32_t>(random.next() >> random.below(64));
    event.person = {static_cast<IdNamespace>(random.below(9)), text(50)};
    event.also_known_as = {static_cast<IdNamespace>(random.below(9)), text(1000000)};
    event.name = (shape & 8U) != 0 ? text(5) : std::string_view("Order Completed");
    event.subject = (shape & 16U) != 0 ? text(100000) : std::string_view();
    event.order_id = text(300);
    event.amount_minor = random.chance(30000) ? -number() : number();
    event.currency.code = {static_cast<char>(65 + random.below(3)), 'N', 'Y'};
    event.quantity = (shape & 32U) != 0 ? (number() / 2) - (number() / 2) : 1;
    event.origin = (shape & 64U) != 0 ? text(3) : std::string_view();
    event.title = text(40);
    event.properties = (shape & 128U) != 0 ? text(1U << 30U) : std::string_view();
  }
  return events;
}

TEST(BatchCodec, BytesOfTheWorkedExampleNeverChange) {
  EXPECT_EQ(hex(encode_events(small_order())),
            "47584232"          // GXB2
            "02"                // two events
            "8877665544332211"  // id hashes
            "00ffeeddccbbaa99"  //
            "11020001"          // kind: from 1, one byte each: 0, 1
            "00"                // flags
            "018098a09f0d"      // occurred_at: everywhere 1777600000
            "018a98a09f0d"      // received_at: everywhere 1777600005
            "11000001"          // line: 0, 1
            "00"                // person namespace: user
            "00"                // also_known_as namespace
            "12e8070000db05"    // amount_minor: from 500: 0, 1499
            "11000002"          // quantity: 0, 2
            "0186b9ca05"        // currency: everywhere CNY
            "00"                // original_at
            "00"                // sent_at
            "01036d2d31"        // message_id: everywhere m-1
            "0103616461"        // person: everywhere ada
            "00"                // also_known_as
            "00"                // name
            "4002110000037465611100"
            "0001"        // subject: "", "tea"; codes 0, 1
            "01036f2d37"  // order_id: everywhere o-7
            "00"
            "00"
            "00");  // origin, title, properties
}

TEST(BatchCodec, BatchesFromBeforeTheFourTimesAreRead) {
  std::string bytes = encode_events(small_order());
  const std::size_t times = bytes.find("\x01\x03m-1") - 2;
  ASSERT_EQ(bytes.substr(times, 2), std::string(2, '\0'));
  bytes.erase(times, 2);
  bytes[3] = '1';
  EventBatch decoded;
  ASSERT_TRUE(decode_batch(bytes, decoded));
  ASSERT_EQ(decoded.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(first_difference(decoded.events[i], small_order()[i]), "");
  }
}

TEST(BatchCodec, GivesBackEveryFieldOfEveryEvent) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    EventBatch texts;
    const std::size_t count = seed < 4 ? seed : Random(seed).below(900);
    const std::vector<Event> events = random_events(seed, count, texts);
    EventBatch decoded;
    BatchSubjects subjects;
    const auto done = decode_batch(encode_events(events), decoded, &subjects);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(decoded.size(), events.size());
    ASSERT_EQ(subjects.codes.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(first_difference(events[i], decoded.events[i]), "") << "event " << i;
      ASSERT_EQ(subjects.texts.at(subjects.codes[i]), events[i].subject);
    }
  }
}

TEST(BatchCodec, SubjectsAreDistinct) {
  EventBatch texts;
  std::vector<Event> events = random_events(17, 600, texts);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].subject = texts.keep("product " + std::to_string(i % 590));
  }
  EventBatch decoded;
  BatchSubjects subjects;
  ASSERT_TRUE(decode_batch(encode_events(events), decoded, &subjects));
  EXPECT_EQ(subjects.texts.size(), 590U);
}

TEST(BatchCodec, AppendsToWhatIsThereAndNeedsNoBytesOfTheCaller) {
  EventBatch decoded;
  ASSERT_TRUE(adopt_batch(encode_events(small_order()), decoded));
  ASSERT_TRUE(decode_batch(encode_events(small_order()), decoded));
  ASSERT_EQ(decoded.size(), 4U);
  EXPECT_EQ(decoded.events[3].subject, "tea");
  EXPECT_EQ(encode_batch(decoded).substr(0, 5), std::string("GXB2\x04"));
}

TEST(BatchCodec, ColumnsThatAreEmptyEverywhereCostOneByteEach) {
  std::vector<Event> events(50000);
  EXPECT_EQ(encode_events(events).size(), 4U + 3U + 8U * events.size() + 21U);
  events.resize(1);
  EXPECT_EQ(encode_events(events).size(), 4U + 1U + 8U + 21U);
}

TEST(BatchCodec, RisingTimesTakeAByteEach) {
  std::vector<Event> events(1000);
  const std::size_t without_times = encode_events(events).size();
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].occurred_at = Instant{static_cast<std::int64_t>(1777600000 + 100 * i)};
  }
  EXPECT_LE(encode_events(events).size(), without_times + events.size() + 6);
}

TEST(BatchCodec, EveryCutIsFoundAndLeavesTheBatchAsItWas) {
  const std::string bytes = encode_events(small_order());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EventBatch out;
    const auto done = decode_batch(std::string_view(bytes).substr(0, length), out);
    ASSERT_FALSE(done) << length;
    EXPECT_EQ(done.error().code, ErrorCode::corrupted);
    EXPECT_NE(done.error().message.find("at byte"), std::string::npos) << done.error().message;
    EXPECT_TRUE(out.empty());
  }
  EventBatch out;
  EXPECT_FALSE(decode_batch(bytes + "x", out));
}

// Goal: hostile bytes never read or write out of bounds (the asan preset watches). Method: flip
// bytes of real batches; whatever still decodes must be usable.
TEST(BatchCodec, SurvivesFlippedBytes) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    EventBatch texts;
    Random random(seed);
    std::string bytes = encode_events(random_events(seed % 16, seed % 300, texts));
    for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
      const std::size_t at =
          random.below(random.chance(32768) ? bytes.size() : bytes.size() / 20 + 9);
      bytes.at(at % bytes.size()) = static_cast<char>(static_cast<std::uint8_t>(random.next()));
    }
    EventBatch out;
    BatchSubjects subjects;
    if (decode_batch(bytes, out, &subjects)) {
      std::size_t total = 0;
      for (const Event& event : out.events) {
        total += event.title.size() + event.subject.size() + event.properties.size();
        ASSERT_LT(static_cast<int>(event.kind), kEventKinds);
      }
      ASSERT_EQ(subjects.codes.size(), out.size());
      ASSERT_LE(total, out.size() * bytes.size());
    } else {
      ASSERT_TRUE(out.empty());
    }
  }
}

TEST(BatchCodec, RefusesMoreEventsThanABatchMayHold) {
  EventBatch out;
  const auto done = decode_batch(std::string("GXB1\xFF\xFF\xFF\xFF\x0F", 9), out);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("more events"), std::string::npos);
}

}  // namespace
}  // namespace guanxi
