#include "engine/recent_ids.hpp"

#include <string>
#include <utility>

#include "base/hash.hpp"
#include "base/random.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kFirstPlaces = 4096;
constexpr std::int64_t kDaySeconds = 86'400;

// Places are compared by hash of the text and its length together.
std::uint64_t mixed(std::uint64_t so_far, std::string_view text) {
  return text.empty() ? mix64(so_far) : hash64(text, so_far);
}

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
  for (const std::string_view text :
       {event.person.value, event.also_known_as.value, event.name, event.subject, event.order_id,
        std::string_view(event.currency.code.data(), event.currency.code.size()), event.origin,
        event.title, event.properties}) {
    hash = mixed(hash, text);
  }
  const auto content = static_cast<std::uint32_t>(hash >> 32U);
  return content < 2 ? 2 : content;
}

std::size_t RecentIds::find(const Half& half, std::uint64_t id_hash) {
  const std::size_t mask = half.ids.size() - 1;
  std::size_t at = mix64(id_hash) & mask;
  while (half.contents[at] != 0 && half.ids[at] != id_hash) {
    at = (at + 1) & mask;
  }
  return at;
}

void RecentIds::grow(Half& half) {
  Half larger;
  const std::size_t places = half.ids.empty() ? kFirstPlaces : half.ids.size() * 2;
  larger.ids.resize(places);
  larger.contents.resize(places);
  larger.begun = half.begun;
  for (std::size_t i = 0; i < half.ids.size(); ++i) {
    if (half.contents[i] > kGone) {
      const std::size_t at = find(larger, half.ids[i]);
      larger.ids[at] = half.ids[i];
      larger.contents[at] = half.contents[i];
      ++larger.used;
    }
  }
  half = std::move(larger);
}

RecentIds::Seen RecentIds::see(std::uint64_t id_hash, std::uint32_t content, Instant now) {
  const bool full = young_.used >= half_;
  if (full || (young_.used > 0 && now.seconds - young_.begun.seconds > kDays * kDaySeconds)) {
    old_ = std::move(young_);
    young_ = Half{};
  }
  if ((young_.used + 1) * 4 > young_.ids.size() * 3) {
    grow(young_);
  }
  if (young_.used == 0) {
    young_.begun = now;
  }
  const std::size_t at = find(young_, id_hash);
  if (young_.contents[at] > kGone) {
    return young_.contents[at] == content ? Seen::repeated : Seen::conflicting;
  }
  if (old_.used > 0) {
    const std::size_t earlier = find(old_, id_hash);
    if (old_.contents[earlier] > kGone) {
      return old_.contents[earlier] == content ? Seen::repeated : Seen::conflicting;
    }
  }
  young_.used += young_.contents[at] == 0 ? 1U : 0U;
  young_.ids[at] = id_hash;
  young_.contents[at] = content;
  return Seen::fresh;
}

void RecentIds::forget(std::uint64_t id_hash) {
  for (Half* half : {&young_, &old_}) {
    if (half->used > 0) {
      const std::size_t at = find(*half, id_hash);
      if (half->contents[at] != 0) {
        half->contents[at] = kGone;
      }
    }
  }
}

std::size_t RecentIds::bytes() const { return (young_.ids.capacity() + old_.ids.capacity()) * 12; }

}  // namespace guanxi
