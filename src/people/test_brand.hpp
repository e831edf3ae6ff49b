#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "people/image.hpp"

// A made-up brand for tests of people/: its models, and its customers' lives.
namespace guanxi::test_brand {

/// A small model with every mechanism in it: gates, hysteresis, falls by silence, referrals.
[[nodiscard]] const Model& model();
/// The same with higher bars, as a draft.
[[nodiscard]] const Model& strict_model();

inline constexpr std::int32_t kFirstDay = 15000;  // 2011-01-26

/// Moments are `day` days after kFirstDay, at noon plus `second`.
[[nodiscard]] CompactEvent::Fields on_day(std::int32_t day, EventKind kind, std::uint64_t id);

/// One event with its owner, as it would come out of a decoder.
struct Line {
  std::string person;  ///< empty: nobody's
  std::string subject;
  CompactEvent::Fields fields;
};
/// A life of a made-up brand: orders, lines, refunds, reviews, tickets, referrals, breaches.
[[nodiscard]] std::vector<Line> life(std::uint64_t seed, std::uint32_t people, std::uint32_t events,
                                     std::int32_t days);

/// Puts one line into the image by the live path; `ordinal` is its place of arrival.
Added add_line(Image& image, const Line& line, std::uint32_t ordinal);
/// The same through a loader.
void push_line(Image& image, BulkLoader& loader, const Line& line, std::uint32_t ordinal);

}  // namespace guanxi::test_brand
