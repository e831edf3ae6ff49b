#include <algorithm>
#include <array>
#include <limits>

#include "base/money.hpp"
#include "people/column_access.hpp"
#include "people/expression.hpp"
#include "people/need_model.hpp"
#include "people/people_classes.hpp"
#include "people/people_values.hpp"
#include "relationship/facts.hpp"
#include "relationship/stance.hpp"

namespace guanxi {
namespace {

using enum ColumnType;

std::int64_t number_of_day(Day day) { return day == kNoDay ? kNoValue : day.number; }

std::int64_t days_since(Day day, const Image& image) {
  return day == kNoDay ? kNoValue : image.as_of().number - day.number;
}

std::int64_t silence_rhythms(const State& state, const Image& image) {
  if (state.last_order_day == kNoDay) {
    return kNoValue;
  }
  return silence_rhythms_16(state, image.model(), image.as_of()) * 100 / kOne16;
}

std::int64_t devoted_share(const State& state, const Image&) {
  return state.lines == 0 ? kNoValue : std::int64_t{state.devoted_lines} * 10000 / state.lines;
}

std::int64_t average_order(const State& state, const Image&) {
  return state.orders == 0 ? kNoValue : state.spent_minor / std::int64_t{state.orders};
}

std::int64_t next_due(PersonRef person, const Image& image) {
  const NextNeeds* const needs = image.next_needs();
  return needs == nullptr ? kNoValue : number_of_day(needs->next(image, person).day);
}

constexpr std::string_view kShare = "0..1";

// What is stored plus one, so that 0 is no value.
template <typename T>
std::int64_t less_one(T stored) {
  return stored == 0 ? kNoValue : std::int64_t{stored} - 1;
}

static_assert(PeopleValues::kNotYet == kNoValue);

std::int64_t all_parts(const PeopleValues& values, std::uint32_t number) {
  if (values.own_minor[number] == kNoValue) {
    return kNoValue;
  }
  std::int64_t sum = values.own_minor[number];
  for (const std::int64_t part : {values.fission_minor[number], values.derived_minor[number]}) {
    sum += part == kNoValue ? 0 : part;
  }
  return sum;
}

std::int64_t class_number(PersonRef person, const Image& image) {
  const std::uint8_t of = image.classes() == nullptr ? PeopleClasses::kNobody
                                                     : image.classes()->of(image.number_of(person));
  return of == PeopleClasses::kNobody     ? kNoValue
         : of == PeopleClasses::kOnlooker ? 0
                                          : std::int64_t{of} + 1;
}

std::int64_t value_of_all_parts(PersonRef person, const Image& image) {
  const PeopleValues* const known = image.values();
  const std::uint32_t number = image.number_of(person);
  return known == nullptr || !known->knows(number) || (image.stance(person) & kNotFolded) != 0
             ? kNoValue
             : all_parts(*known, number);
}

std::int64_t grade_number(PersonRef person, const Image& image) {
  if (image.classes() == nullptr) {
    return kNoValue;
  }
  const Grade grade = image.classes()->grade_of(value_of_all_parts(person, image));
  return grade == Grade::none ? kNoValue : static_cast<std::int64_t>(grade);
}

std::int64_t potential(PersonRef person, const Image& image) {
  return image.classes() == nullptr
             ? kNoValue
             : image.classes()->potential_of(image.number_of(person),
                                             value_of_all_parts(person, image));
}

// The one table: name, type, unit, decimals, description, where the value stands.
const std::array<Column, 49> kColumns = {{
    {{"id", text, "", 0, "The primary id, as namespace:value"}, Held::elsewhere, nullptr},
    {{"tier", tier, "", 0, "none, micro, weak, strong or super_strong"}, Held::tier, nullptr},
    {{"velocity", velocity, "", 0, "deepening, steady, drifting, at_risk or lost"},
     Held::velocity,
     nullptr},
    {{"index", number, "0..100", 3, "100 x trust x depth"}, Held::index, nullptr},
    {{"trust", number, kShare, 4, "Is the next encounter expected to go well?"},
     Held::trust,
     nullptr},
    {{"uncertainty", number, kShare, 4, "How little is known about the trust"},
     Held::uncertainty,
     nullptr},
    {{"depth", number, kShare, 4, "How much has been put into the relationship"},
     Held::depth,
     nullptr},
    {{"transaction_depth", number, kShare, 4, "Depth of buying"}, Held::transaction_depth, nullptr},
    {{"service_depth", number, kShare, 4, "Depth of service"}, Held::service_depth, nullptr},
    {{"companionship_depth", number, kShare, 4, "Depth of contact"},
     Held::companionship_depth,
     nullptr},
    {{"participation_depth", number, kShare, 4, "Depth of taking part"},
     Held::participation_depth,
     nullptr},
    {{"advocacy_depth", number, kShare, 4, "Depth of speaking for the brand"},
     Held::advocacy_depth,
     nullptr},
    {{"knowledge_depth", number, kShare, 4, "Depth of being known"},
     Held::knowledge_depth,
     nullptr},
    {{"values_depth", number, kShare, 4, "Depth of shared values"}, Held::values_depth, nullptr},
    {{"orders", number, "", 0, "Completed orders"}, Held::orders, nullptr},
    {{"spent", money, "", 0, "Money spent, returns taken off"}, Held::spent, nullptr},
    {{"first_seen", day, "", 0, "Day of the first event"}, Held::first_day, nullptr},
    {{"last_order", day, "", 0, "Day of the last order"}, Held::last_order_day, nullptr},
    {{"tier_since", day, "", 0, "Day of the last change of tier"}, Held::tier_since, nullptr},
    {{"silence_days", number, "days", 0, "Days since the last order"}, Held::silence_days, nullptr},
    {{"tier_days", number, "days", 0, "Days since the last change of tier"},
     Held::tier_days,
     nullptr},
    {{"silence_rhythms", number, "own rhythms", 2,
      "Days since the last order, in multiples of the person's own rhythm"},
     Held::elsewhere,
     silence_rhythms},
    {{"first_order", day, "", 0, "Day of the first order"},
     Held::elsewhere,
     [](const State& s, const Image&) { return number_of_day(s.first_order_day); }},
    {{"order_days", number, "", 0, "Days with an order"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.order_days}; }},
    {{"average_order", money, "", 0, "Money spent for each order"}, Held::elsewhere, average_order},
    {{"orders_returned", number, "", 0, "Orders wholly taken back"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.orders_returned}; }},
    {{"returned", money, "", 0, "Money given back"},
     Held::elsewhere,
     [](const State& s, const Image&) { return s.returned_minor; }},
    {{"repeat_occasions", number, "", 0, "Most days on which one product was bought"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.repeat_occasions}; }},
    {{"lines", number, "", 0, "Order lines"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.lines}; }},
    {{"devoted_share", number, kShare, 4, "Share of lines bought at full price or prepaid"},
     Held::elsewhere,
     devoted_share},
    {{"early_buys", number, "", 0, "Lines of products that had just come out"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.early_buys}; }},
    {{"staff_days", number, "", 0, "Most days with one named member of staff"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.staff_days}; }},
    {{"referred_orders", number, "", 0, "Unrefunded orders of people they brought"},
     Held::elsewhere,
     [](const State& s, const Image&) {
       return std::int64_t{s.referred_orders} - std::int64_t{s.referred_refunds};
     }},
    {{"reachable", yes_no, "", 0, "There is a direct way to reach them"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.reachable}; }},
    {{"events", number, "", 0, "Events of any kind"},
     Held::elsewhere,
     [](const State& s, const Image&) { return std::int64_t{s.events}; }},
    {{"breach_day", day, "", 0, "Day of the last breach of trust"},
     Held::elsewhere,
     [](const State& s, const Image&) { return number_of_day(s.breach_day); }},
    {{"no_marketing", yes_no, "", 0, "They object to advertising"},
     Held::elsewhere,
     nullptr,
     kNoMarketing},
    {{"no_profiling", yes_no, "", 0, "They object to scores and tiers: none are computed"},
     Held::elsewhere,
     nullptr,
     kNoProfiling},
    {{"p_alive", number, kShare, 4, "Chance that they are still a customer, by the last fit"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return less_one(v.alive[n]); }},
    {{"expected_90", number, "", 3, "Days with a purchase expected in the next 90 days"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return less_one(v.next_90_milli[n]); }},
    {{"expected_365", number, "", 3, "Days with a purchase expected in the next 365 days"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return less_one(v.next_365_milli[n]); }},
    {{"own_value", money, "", 0, "What they will still buy within the model's horizon, discounted"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return v.own_minor[n]; }},
    {{"fission_value", money, "", 0,
      "What the people they brought will buy, by the model's shares"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return v.fission_minor[n]; }},
    {{"derived_value", money, "", 0,
      "What their reviews, ideas and wishes are worth, by the model's tariff"},
     Held::elsewhere,
     nullptr,
     0,
     [](const PeopleValues& v, std::uint32_t n) { return v.derived_minor[n]; }},
    {{"value", money, "", 0, "Own, fission and derived value in sum"},
     Held::elsewhere,
     nullptr,
     0,
     all_parts},
    {{"next_due", day, "", 0, "Day on which they are due to buy a product again"},
     Held::elsewhere,
     nullptr,
     0,
     nullptr,
     next_due},
    {{"class", number, "", 0, "Class of behaviour, by its number; 0: has never bought"},
     Held::elsewhere,
     nullptr,
     0,
     nullptr,
     class_number},
    {{"grade", number, "", 0,
      "4 for A, who make up the first half of the brand's value, to 1 for D"},
     Held::elsewhere,
     nullptr,
     0,
     nullptr,
     grade_number},
    {{"potential", money, "", 0, "What the best quarter of their class is worth beyond them"},
     Held::elsewhere,
     nullptr,
     0,
     nullptr,
     potential},
}};

const std::array<ColumnInfo, kColumns.size()>& infos() {
  static const auto kInfos = [] {
    std::array<ColumnInfo, kColumns.size()> all;
    std::transform(kColumns.begin(), kColumns.end(), all.begin(),
                   [](const Column& column) { return column.info; });
    return all;
  }();
  return kInfos;
}

struct Fetch {
  const Image& image;
  std::uint32_t first;
  std::span<std::int64_t> values;

  template <typename T>
  void operator()(const std::vector<T>& column, Coding coding) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T stored = column[first + i];
      if (coding == Coding::plain) {
        values[i] = static_cast<std::int64_t>(stored);
      } else {
        const Day day = day_of(static_cast<SmallDay>(stored));
        values[i] = coding == Coding::day ? number_of_day(day) : days_since(day, image);
      }
    }
  }
};

}  // namespace

const Column& column_at(int column) { return kColumns.at(static_cast<std::size_t>(column)); }

std::string_view name_of(ColumnType type) {
  constexpr std::array<std::string_view, 7> kNames = {"number",   "money",  "day", "tier",
                                                      "velocity", "yes_no", "text"};
  return kNames.at(static_cast<std::size_t>(type));
}

std::span<const ColumnInfo> people_columns() { return infos(); }

int column_named(std::string_view name) {
  const auto found = std::find_if(kColumns.begin(), kColumns.end(),
                                  [&](const Column& column) { return column.info.name == name; });
  return found == kColumns.end() ? -1 : static_cast<int>(found - kColumns.begin());
}

unsigned decimals_of(const ColumnInfo& info, const Model& model) {
  return info.type == money ? model.currency.minor_digits() : info.decimals;
}

void column_values(const Image& image, int column, std::uint32_t shard, std::uint32_t first,
                   std::span<std::int64_t> values) {
  const Column& from = column_at(column);
  GUANXI_CHECK(from.info.type != text, "ids have no number");
  if (from.stance != 0) {
    const std::vector<std::uint8_t>& stances = image.columns(shard).stance;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = (stances[first + i] & from.stance) != 0 ? 1 : 0;
    }
    return;
  }
  if (from.valued != nullptr) {
    const PeopleValues* const known = image.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint32_t number =
          image.number_of(PersonRef{shard, first + static_cast<std::uint32_t>(i)});
      const bool shown = known != nullptr && known->knows(number) &&
                         (image.columns(shard).stance[first + i] & kNotFolded) == 0;
      values[i] = shown ? from.valued(*known, number) : kNoValue;
    }
    return;
  }
  if (from.of_person != nullptr) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = from.of_person({shard, first + static_cast<std::uint32_t>(i)}, image);
    }
    return;
  }
  if (from.value == nullptr) {
    with_held(from.held, image.columns(shard), Fetch{image, first, values});
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const PersonRef person{shard, first + static_cast<std::uint32_t>(i)};
    values[i] = from.value(image.state(person), image);
  }
}

std::int64_t column_value(const Image& image, int column, PersonRef person) {
  std::int64_t value = kNoValue;
  column_values(image, column, person.shard, person.index, std::span(&value, 1));
  return value;
}

std::string column_text(const Image& image, int column, PersonRef person) {
  const ColumnInfo& info = column_at(column).info;
  if (info.type == text) {
    return image.id_text(person);
  }
  const std::int64_t value = column_value(image, column, person);
  if (value == kNoValue) {
    return "";
  }
  switch (info.type) {
    case tier:
      return std::string(name_of(static_cast<Tier>(value)));
    case velocity:
      return std::string(name_of(static_cast<Velocity>(value)));
    case day:
      return to_string(Day{static_cast<std::int32_t>(value)});
    case yes_no:
      return value != 0 ? "yes" : "no";
    case number:
    case money:
    case text:
      break;
  }
  return minor_to_text(value, decimals_of(info, image.model()));
}

}  // namespace guanxi
