#include <algorithm>
#include <array>

#include "people/survey.hpp"
#include "people/survey_fold.hpp"

namespace guanxi {
namespace {

/// Appends numbers byte by byte, so that the bytes are the same on every machine.
class Bytes {
 public:
  void put(std::uint64_t value) {
    std::array<char, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(value >> (8 * i));
    }
    text_.append(bytes.data(), bytes.size());
  }
  void put(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
  void put(Day day) { put(std::int64_t{day.number}); }
  void put(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    text_ += text;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

// All of the state but the ordinal of the tipping event, which depends on arrival.
void put_state(Bytes& bytes, const State& state) {
  for (const Day day : {state.day, state.first_day, state.first_order_day, state.last_order_day,
                        state.tier_since, state.breach_day}) {
    bytes.put(day);
  }
  for (const std::uint32_t invested : state.invested_16) {
    bytes.put(std::uint64_t{invested});
  }
  for (const std::uint32_t number :
       {state.good_16, state.bad_16, state.initial_trust_16, state.expectation_16, state.events,
        state.orders, state.orders_returned, state.order_days, state.repeat_occasions, state.lines,
        state.devoted_lines, state.early_buys, state.staff_days, state.referred_orders,
        state.referred_refunds}) {
    bytes.put(std::uint64_t{number});
  }
  bytes.put(state.spent_minor);
  bytes.put(state.returned_minor);
  bytes.put(state.tip_id_hash);
  for (const std::uint8_t number : {static_cast<std::uint8_t>(state.tier), state.reachable,
                                    state.origin_known, state.tip_bad}) {
    bytes.put(std::uint64_t{number});
  }
}

void put_reading(Bytes& bytes, const Reading& reading) {
  bytes.put(static_cast<std::uint64_t>(reading.tier));
  bytes.put(static_cast<std::uint64_t>(reading.velocity));
  for (const std::uint32_t number :
       {reading.trust_16, reading.uncertainty_16, reading.depth_16, reading.index_milli}) {
    bytes.put(std::uint64_t{number});
  }
  for (const std::uint32_t depth : reading.depth_of_16) {
    bytes.put(std::uint64_t{depth});
  }
}

void put_posting(Bytes& bytes, const Posting& posting) {
  bytes.put(posting.day);
  for (const auto number :
       {static_cast<std::uint64_t>(posting.from), static_cast<std::uint64_t>(posting.to),
        static_cast<std::uint64_t>(posting.cause), static_cast<std::uint64_t>(posting.fact)}) {
    bytes.put(number);
  }
  bytes.put(posting.value);
  bytes.put(posting.bar);
  bytes.put(posting.event_id_hash);
}

struct Tally {
  Uint128 sum = 0;
  std::uint64_t people = 0;
  Bytes bytes;
  std::vector<Posting> postings;
};

Uint128 hash_of(const Image& image, PersonRef person, const State& state, const Reading& reading,
                Tally& scratch) {
  Bytes& bytes = scratch.bytes;
  bytes.clear();
  const std::vector<std::string> ids = image.ids(person);
  bytes.put(static_cast<std::uint64_t>(ids.size()));
  for (const std::string& id : ids) {
    bytes.put(id);
  }
  put_state(bytes, state);
  put_reading(bytes, reading);
  bytes.put(static_cast<std::uint64_t>(scratch.postings.size()));
  for (const Posting& posting : scratch.postings) {
    put_posting(bytes, posting);
  }
  const Hash128 hash = hash128(bytes.text());
  return (static_cast<Uint128>(hash.high) << 64U) | hash.low;
}

}  // namespace

Digest digest(const Image& image, const Model& model, Day day, unsigned threads,
              const Progress& progress) {
  const auto workers = for_everyone<Tally>(
      image, threads,
      [&](Worker<Tally>& worker, PersonRef person) {
        Tally& tally = worker.tally;
        tally.postings.clear();
        State state;
        const Reading reading = fold_reading(image.timeline(person), model, day, worker.memory,
                                             &state, &tally.postings);
        tally.sum += hash_of(image, person, state, reading, tally);
        ++tally.people;
      },
      progress);
  Uint128 sum = 0;
  Digest digest;
  for (const Worker<Tally>& worker : workers) {
    sum += worker.tally.sum;
    digest.people += worker.tally.people;
  }
  digest.sum = Hash128{static_cast<std::uint64_t>(sum), static_cast<std::uint64_t>(sum >> 64U)};
  return digest;
}

std::string to_string(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t half : {digest.sum.high, digest.sum.low}) {
    for (unsigned shift = 64; shift > 0; shift -= 4) {
      text += kDigits[(half >> (shift - 4)) & 15U];
    }
  }
  return text;
}

}  // namespace guanxi
