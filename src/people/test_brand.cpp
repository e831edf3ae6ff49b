#include "people/test_brand.hpp"

#include <array>

#include "base/check.hpp"

namespace guanxi::test_brand {
namespace {

constexpr std::string_view kHead = R"(
[model]
name = "test"
version = "1"
time_zone = "+08:00"
[brand]
typical_order_minor = 2000
typical_gap_days = 30
[velocity]
deepening = 3
drifting = 3
at_risk_rhythms = 2
lost_rhythms = 4
least_gap_days = 7
[trust]
prior_weight = 2
good_half_life_days = 180
bad_half_life_days = 360
expectation = 60
surprise = 2
expectation_pace = 0.3
[trust.initial]
unknown = 0.5
friend_referral = 0.7
[dimensions]
transaction = {half_life_days = 120, saturation = 5, weight = 4}
service = {half_life_days = 180, saturation = 3, weight = 2}
companionship = {half_life_days = 60, saturation = 5, weight = 1}
participation = {half_life_days = 180, saturation = 3, weight = 1}
advocacy = {half_life_days = 240, saturation = 3, weight = 2}
knowledge = {half_life_days = 365, saturation = 3, weight = 1}
values = {half_life_days = 365, saturation = 3, weight = 1}
[[evidence]]
name = "order"
on = ["order_completed", "order_line"]
dimension = "transaction"
once = "order"
weight = 1
good = 0.5
[[evidence]]
name = "money"
on = ["order_completed", "order_line"]
dimension = "transaction"
scale = "amount"
weight = 0.5
cap = 3
[[evidence]]
name = "refund"
on = ["order_refunded", "line_returned"]
dimension = "transaction"
weight = -1
bad = 0.7
[[evidence]]
name = "visit"
on = "visit"
dimension = "companionship"
once = "day"
weight = 0.5
[[evidence]]
name = "review"
on = "review_posted"
dimension = "participation"
scale = "rating"
weight = 1
good = 1
bad = 1
[[evidence]]
name = "promise kept"
on = "promise_kept"
dimension = "service"
weight = 1
good = 1
[[evidence]]
name = "harm"
on = "safety_incident"
dimension = "service"
weight = -3
bad = 4
breach = 0.9
[[evidence]]
name = "brought"
on = "referred_order"
dimension = "advocacy"
weight = 2
good = 1
[[evidence]]
name = "brought back"
on = "referred_refund"
dimension = "advocacy"
weight = -2
bad = 0.5
[tiers.micro]
all = [{fact = "orders", at_least = 1}]
[tiers.weak]
all = [{fact = "repeat_occasions", at_least = 2}]
[tiers.strong]
all = [{fact = "trust", at_least = 0.55, keep = 0.5}, {fact = "depth", at_least = DEPTH, keep = 0.05}]
options = [{fact = "participation_depth", at_least = 0.1}, {fact = "advocacy_depth", at_least = 0.1}]
options_needed = 1
[tiers.super_strong]
all = [{fact = "referred_orders", at_least = 1}, {fact = "silence_rhythms", at_most = 3}]
)";

Model read(std::string_view depth) {
  std::string text(kHead);
  text.replace(text.find("DEPTH"), 5, depth);
  auto parsed = Model::parse(text);
  if (!parsed) {
    check_failed("Model::parse", parsed.error().message.c_str(), __FILE__, __LINE__);
  }
  Calibration calibration;
  calibration.observed_kinds = UINT64_MAX;
  calibration.observed_flags = UINT8_MAX;
  calibration.products_named = true;
  return parsed->with(calibration);
}

struct Habit {
  EventKind kind;
  std::uint32_t below;  // of 100
};
constexpr std::array<Habit, 11> kHabits = {{{EventKind::order_line, 38},
                                            {EventKind::order_completed, 52},
                                            {EventKind::visit, 66},
                                            {EventKind::review_posted, 74},
                                            {EventKind::promise_kept, 80},
                                            {EventKind::order_refunded, 85},
                                            {EventKind::line_returned, 88},
                                            {EventKind::referral_accepted, 93},
                                            {EventKind::safety_incident, 94},
                                            {EventKind::identified, 97},
                                            {EventKind::product_viewed, 100}}};

EventKind some_kind(Random& random) {
  const std::uint64_t dice = random.below(100);
  for (const Habit& habit : kHabits) {
    if (dice < habit.below) {
      return habit.kind;
    }
  }
  return EventKind::visit;
}

CompactEvent compact(Image& image, const Line& line, std::uint32_t ordinal) {
  CompactEvent::Fields fields = line.fields;
  fields.subject = image.subjects().intern(line.subject);
  fields.ordinal = ordinal;
  return CompactEvent(fields);
}

}  // namespace

const Model& model() {
  static const Model kModel = read("0.1");
  return kModel;
}

const Model& strict_model() {
  static const Model kModel = read("0.4");
  return kModel;
}

CompactEvent::Fields on_day(std::int32_t day, EventKind kind, std::uint64_t id) {
  CompactEvent::Fields fields;
  fields.id_hash = mix64(id + 1);
  fields.kind = kind;
  fields.occurred_s = static_cast<std::uint32_t>((kFirstDay + day) * kSecondsPerDay + 14400);
  return fields;
}

std::vector<Line> life(std::uint64_t seed, std::uint32_t people, std::uint32_t events,
                       std::int32_t days) {
  Random random(seed);
  std::vector<Line> lines;
  for (std::uint32_t i = 0; i < events; ++i) {
    Line line;
    line.person = "u-" + std::to_string(random.below(people));
    if (random.below(20) == 0) {
      line.person.clear();
    }
    const auto day = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(days)));
    line.fields = on_day(day, some_kind(random), mix64(seed) + i);
    line.fields.occurred_s += static_cast<std::uint32_t>(random.below(40000));
    line.fields.order_ref = static_cast<std::uint32_t>(1 + random.below(people * 3ULL));
    line.fields.amount_minor = static_cast<std::int64_t>(random.below(5000));
    line.fields.quantity = static_cast<std::int32_t>(random.below(101));
    line.subject = "product-" + std::to_string(random.below(5));
    if (line.fields.kind == EventKind::referral_accepted) {
      line.subject =
          (random.below(2) == 0 ? "u-" : "user:u-") + std::to_string(random.below(people));
    }
    if (line.fields.kind == EventKind::order_refunded ||
        line.fields.kind == EventKind::line_returned) {
      line.fields.amount_minor = -line.fields.amount_minor;
    }
    lines.push_back(line);
  }
  return lines;
}

Added add_line(Image& image, const Line& line, std::uint32_t ordinal) {
  const CompactEvent event = compact(image, line, ordinal);
  if (line.person.empty()) {
    return image.add_nobody(event);
  }
  return image.add(image.find_or_add(parse_external_id(line.person)), event);
}

void push_line(Image& image, BulkLoader& loader, const Line& line, std::uint32_t ordinal) {
  const CompactEvent event = compact(image, line, ordinal);
  if (line.person.empty()) {
    loader.push_nobody(event);
  } else {
    loader.push(image.find_or_add(parse_external_id(line.person)), event);
  }
}

}  // namespace guanxi::test_brand
