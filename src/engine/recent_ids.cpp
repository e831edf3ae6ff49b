#include "engine/recent_ids.hpp"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace guanxi {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

// The first bits choose the part, the last ones the bucket in it.
std::size_t part_of(std::uint64_t mixed) { return mixed >> 56U; }

/// Several texts and their lengths as one, to be hashed at once as long as they are short.
///
/// Place       content_of().
/// Invariants  The same texts give the same hash, others another.
/// Threads     One owner.
class Texts {
 public:
  explicit Texts(std::uint64_t seed) : hash_(seed) {}
  void add(std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    if (used_ + sizeof(length) + text.size() > bytes_.size()) {
      flush();
    }
    std::memcpy(bytes_.data() + used_, &length, sizeof(length));
    used_ += sizeof(length);
    if (text.size() > bytes_.size() - sizeof(length)) {
      hash_ = hash64(text, hash_);
    } else if (!text.empty()) {
      std::memcpy(bytes_.data() + used_, text.data(), text.size());
      used_ += text.size();
    }
  }
  [[nodiscard]] std::uint64_t hash() {
    flush();
    return hash_;
  }

 private:
  void flush() {
    hash_ = hash64({bytes_.data(), used_}, hash_);
    used_ = 0;
  }

  std::uint64_t hash_;
  std::size_t used_ = 0;
  std::array<char, 1024> bytes_;  // written to before it is read
};

}  // namespace

std::uint32_t content_of(const Event& event) {
  constexpr std::uint8_t kByEngine = kDerived | kForeignCurrency;
  std::uint64_t hash =
      mix64(std::uint64_t{static_cast<std::uint8_t>(event.kind)} |
            std::uint64_t{static_cast<std::uint8_t>(event.flags & ~kByEngine)} << 8U |
            std::uint64_t{static_cast<std::uint8_t>(event.person.name_space)} << 16U |
            std::uint64_t{event.line} << 32U);
  hash = mix64(hash ^ static_cast<std::uint64_t>(event.amount_minor));
  hash = mix64(hash ^ static_cast<std::uint64_t>(event.quantity));
  Texts texts(hash);
  for (const std::string_view text :
       {event.person.value, event.also_known_as.value, event.name, event.subject, event.order_id,
        std::string_view(event.currency.code.data(), event.currency.code.size()), event.origin,
        event.title, event.properties}) {
    texts.add(text);
  }
  const auto content = static_cast<std::uint32_t>(texts.hash() >> 32U);
  return content < 2 ? 2 : content;
}

RecentIds::Place RecentIds::find(Part& part, std::uint64_t id_hash, std::uint64_t mixed) {
  const std::size_t mask = part.buckets.size() - 1;
  for (std::size_t at = mixed & mask;; at = (at + 1) & mask) {
    Bucket& bucket = part.buckets[at];
    for (std::size_t i = 0; i < kBucketIds; ++i) {
      if (bucket.contents[i] == 0 || bucket.ids[i] == id_hash) {
        return {&bucket.ids[i], &bucket.contents[i]};
      }
    }
  }
}

void RecentIds::grow(Part& part) {
  Part larger;
  larger.buckets.resize(part.buckets.empty() ? 1 : part.buckets.size() * 2);
  for (const Bucket& bucket : part.buckets) {
    for (std::size_t i = 0; i < kBucketIds; ++i) {
      if (bucket.contents[i] > kGone) {
        const Place place = find(larger, bucket.ids[i], mix64(bucket.ids[i]));
        *place.id = bucket.ids[i];
        *place.content = bucket.contents[i];
        ++larger.used;
      }
    }
  }
  part = std::move(larger);
}

// The part where the identity belongs, with a place for it.
RecentIds::Part& RecentIds::room_for_one(Half& half, std::uint64_t mixed) {
  if (half.parts.empty()) {
    half.parts.resize(kParts);
  }
  const std::size_t number = part_of(mixed);
  Part& part = half.parts[number];
  // Not all at once: from 20 to 27 of 32 places taken.
  const std::size_t full = 20 + number % 8;
  if ((part.used + 1) * 32 > part.buckets.size() * kBucketIds * full) {
    half.used -= part.used;
    grow(part);
    half.used += part.used;
  }
  return part;
}

void RecentIds::prefetch(std::uint64_t id_hash) const {
  const std::uint64_t mixed = mix64(id_hash);
  for (const Half* half : {&young_, &old_}) {
    if (half->used > 0) {
      const Part& part = half->parts[part_of(mixed)];
      if (!part.buckets.empty()) {
        __builtin_prefetch(&part.buckets[mixed & (part.buckets.size() - 1)]);
      }
    }
  }
}

RecentIds::Seen RecentIds::see(std::uint64_t id_hash, std::uint32_t content, Instant now) {
  const bool full = young_.used >= half_;
  if (full || (young_.used > 0 && now.seconds - young_.begun.seconds > kDays * kDaySeconds)) {
    old_ = std::move(young_);
    young_ = Half{};
  }
  if (young_.used == 0) {
    young_.begun = now;
  }
  const std::uint64_t mixed = mix64(id_hash);
  Part& part = room_for_one(young_, mixed);
  const Place place = find(part, id_hash, mixed);
  if (*place.content > kGone) {
    return *place.content == content ? Seen::repeated : Seen::conflicting;
  }
  if (old_.used > 0) {
    Part& old = old_.parts[part_of(mixed)];
    const std::uint32_t earlier = old.buckets.empty() ? 0 : *find(old, id_hash, mixed).content;
    if (earlier > kGone) {
      return earlier == content ? Seen::repeated : Seen::conflicting;
    }
  }
  const std::size_t more = *place.content == 0 ? 1 : 0;
  part.used += more;
  young_.used += more;
  *place.id = id_hash;
  *place.content = content;
  return Seen::fresh;
}

void RecentIds::forget(std::uint64_t id_hash) {
  const std::uint64_t mixed = mix64(id_hash);
  for (Half* half : {&young_, &old_}) {
    if (half->used == 0) {
      continue;
    }
    Part& part = half->parts[part_of(mixed)];
    if (!part.buckets.empty()) {
      const Place place = find(part, id_hash, mixed);
      *place.content = *place.content == 0 ? 0 : kGone;
    }
  }
}

std::size_t RecentIds::bytes() const {
  std::size_t bytes = 0;
  for (const Half* half : {&young_, &old_}) {
    for (const Part& part : half->parts) {
      bytes += sizeof(Part) + part.buckets.capacity() * sizeof(Bucket);
    }
  }
  return bytes;
}

}  // namespace guanxi
