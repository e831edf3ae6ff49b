#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "relationship/fold.hpp"
#include "relationship/model.hpp"

namespace guanxi::reference {

/// The relationship computed the slow way, straight from relationship.md: every day is closed one
/// by one, every count is recounted from a list. Written apart from src/relationship, of which it
/// uses only the model's numbers, so that the two can disagree.
///
/// Place       Property tests.
/// Threads     A value.
struct Person {
  struct Order {
    std::int64_t bought = 0;
    std::int64_t returned = 0;
    bool taken_back = false;
  };
  Day day = kNoDay;
  std::vector<std::uint64_t> invested = std::vector<std::uint64_t>(7, 0);
  std::uint64_t good = 0;
  std::uint64_t bad = 0;
  std::uint64_t initial = 0;
  bool initial_told = false;
  std::int64_t expectation = 0;
  std::map<std::uint64_t, Order> orders;  // by id; orders without id under their event
  std::set<std::int32_t> order_days;
  std::map<std::uint32_t, std::multiset<std::int32_t>> product_days;
  std::map<std::uint32_t, std::set<std::int32_t>> staff_days;
  std::map<std::uint8_t, std::int32_t> counted_today;
  std::int64_t spent = 0;
  std::int64_t returned = 0;
  std::int64_t lines = 0;
  std::int64_t devoted = 0;
  std::int64_t early = 0;
  std::int64_t referred = 0;
  bool reachable = false;
  Tier tier = Tier::none;
  std::vector<std::pair<Day, std::pair<Tier, Tier>>> postings;
};

/// The value of any fact, recounted.
[[nodiscard]] std::int64_t value_of(Fact fact, const Person& person, const Model& model, Day day);
[[nodiscard]] Person fold(std::span<const CompactEvent> events, const Model& model, Day through);
[[nodiscard]] std::uint64_t trust(const Person& person, const Model& model, Day day);
[[nodiscard]] std::uint64_t depth(const Person& person, const Model& model, Day day);
[[nodiscard]] std::uint64_t index_milli(const Person& person, const Model& model, Day day);

}  // namespace guanxi::reference
