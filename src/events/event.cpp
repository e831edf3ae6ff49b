#include "events/event.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.hpp"

namespace guanxi {
namespace {

constexpr std::array<std::string_view, 11> kNamespaces = {
    "user",   "anonymous", "email", "phone",   "wecom", "card",
    "device", "household", "staff", "contact", "order"};

constexpr std::array<std::string_view, kOrigins> kOriginNames = {
    "unknown",         "brand",       "product",       "endorsement",
    "friend_referral", "open_rating", "advertisement", "store"};

}  // namespace

std::string_view name_of(Origin origin) {
  return kOriginNames.at(static_cast<std::size_t>(origin));
}

Origin origin_named(std::string_view name) {
  const auto* const found = std::find(kOriginNames.begin(), kOriginNames.end(), name);
  return found == kOriginNames.end() ? Origin::unknown
                                     : static_cast<Origin>(found - kOriginNames.begin());
}

Purpose purpose_named(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"other", "processing", "profiling",
                                                      "marketing"};
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  return found == kNames.end() ? Purpose::other : static_cast<Purpose>(found - kNames.begin());
}

CompactEvent compact(const Event& event, std::uint32_t subject, std::uint32_t ordinal) {
  CompactEvent::Fields fields;
  fields.id_hash = event.id_hash;
  fields.occurred_s = static_cast<std::uint32_t>(event.occurred_at.seconds);
  fields.order_ref = event.order_id.empty() ? 0U : order_ref_of(event.order_id);
  fields.subject = subject;
  fields.kind = event.kind;
  fields.flags = event.flags;
  fields.quantity = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      event.quantity, -CompactEvent::kQuantityMost, CompactEvent::kQuantityMost));
  if (event.kind == EventKind::identified) {
    fields.quantity = static_cast<std::int32_t>(origin_named(event.origin));
  } else if (event.kind == EventKind::consent_given || event.kind == EventKind::consent_withdrawn) {
    fields.quantity = static_cast<std::int32_t>(purpose_named(event.subject));
  }
  fields.amount_minor = event.amount_minor;
  fields.ordinal = ordinal;
  return CompactEvent(fields);
}

std::string_view name_of(IdNamespace name_space) {
  return kNamespaces.at(static_cast<std::size_t>(name_space));
}

std::string to_string(const ExternalId& id) {
  std::string text(name_of(id.name_space));
  text += ':';
  text += id.value;
  return text;
}

ExternalId parse_external_id(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    for (std::size_t i = 0; i < kNamespaces.size(); ++i) {
      if (text.substr(0, colon) == kNamespaces.at(i)) {
        return ExternalId{static_cast<IdNamespace>(i), text.substr(colon + 1)};
      }
    }
  }
  return ExternalId{IdNamespace::user, text};
}

std::uint32_t order_ref_of(std::string_view order_id) {
  const auto folded = static_cast<std::uint32_t>(hash64(order_id) >> 32U);
  return folded == 0 ? 1U : folded;
}

std::string_view EventBatch::keep(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  if (text.size() > kLargestBlockBytes / 8) {
    return adopt(std::string(text));
  }
  if (used_ + text.size() > block_bytes_) {
    block_bytes_ = std::min(kLargestBlockBytes, std::max(kFirstBlockBytes, block_bytes_ * 2));
    block_bytes_ = std::max(block_bytes_, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes_));
    held_bytes_ += block_bytes_;
    used_ = 0;
  }
  char* place = blocks_.back().get() + used_;
  std::memcpy(place, text.data(), text.size());
  used_ += text.size();
  return {place, text.size()};
}

std::string_view EventBatch::adopt(std::string buffer) {
  adopted_.push_back(std::make_unique<std::string>(std::move(buffer)));
  held_bytes_ += adopted_.back()->capacity();
  return *adopted_.back();
}

std::size_t EventBatch::bytes() const { return held_bytes_ + events.capacity() * sizeof(Event); }

void EventBatch::clear() {
  events.clear();
  blocks_.clear();
  adopted_.clear();
  used_ = 0;
  block_bytes_ = 0;
  held_bytes_ = 0;
}

bool is_alias(const Event& event) {
  return event.kind == EventKind::identified && event.name == kAliasName;
}

}  // namespace guanxi
