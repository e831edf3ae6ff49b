#include "api/period.hpp"

#include <algorithm>
#include <memory>

#include "people/parallel.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::api {
namespace {

constexpr std::uint32_t kBlock = 4096;
constexpr std::int32_t kPointsMost = 60;

/// One worker's share of the counts, and its scratch.
struct Part {
  Period counts;
  FoldMemory memory;
  std::vector<Posting> postings;
  std::vector<Day> crossings;
  std::vector<Tier> tiers;  ///< after each crossing
};

struct Asked {
  const Image& image;
  Day from;
  Day to;
  Day earliest;  ///< of all days asked for
};

// The tier changes of one person, oldest first.
void find_crossings(const Asked& asked, PersonRef person, Part& part) {
  part.crossings.clear();
  part.tiers.clear();
  const Columns& columns = asked.image.columns(person.shard);
  const Day since = day_of(columns.tier_since[person.index]);
  if (since == kNoDay || since <= asked.earliest) {
    part.crossings.push_back(since);
    part.tiers.push_back(static_cast<Tier>(columns.tier[person.index]));
    return;
  }
  part.postings.clear();
  static_cast<void>(fold(asked.image.timeline(person), asked.image.model(), asked.to, part.memory,
                         &part.postings));
  for (const Posting& posting : part.postings) {
    part.crossings.push_back(posting.day);
    part.tiers.push_back(posting.to);
  }
}

std::size_t tier_on(const Part& part, Day day) {
  const auto after = std::upper_bound(part.crossings.begin(), part.crossings.end(), day);
  return after == part.crossings.begin()
             ? 0
             : static_cast<std::size_t>(
                   part.tiers[static_cast<std::size_t>(after - part.crossings.begin()) - 1]);
}

bool was_referred(const Asked& asked, PersonRef person) {
  for (const CompactEvent& event : asked.image.timeline(person)) {
    if (event.kind() == EventKind::referral_accepted) {
      return asked.image.model().zone.day_of(event.occurred_at()) <= asked.to;
    }
  }
  return false;
}

void count_newcomer(const Asked& asked, PersonRef person, Day first_day, std::size_t tier_to,
                    Part& part) {
  const bool entered = first_day > asked.from;
  const Day first_order = asked.image.state(person).first_order_day;
  const bool newcomer =
      first_order != kNoDay && first_order > asked.from && first_order <= asked.to;
  if (!entered && !newcomer) {
    return;
  }
  const bool referred = was_referred(asked, person);
  part.counts.entered_to[tier_to] += entered ? 1U : 0U;
  part.counts.referred += entered && referred ? 1U : 0U;
  part.counts.newcomers += newcomer ? 1U : 0U;
  part.counts.referred_newcomers += newcomer && referred ? 1U : 0U;
}

void count_person(const Asked& asked, PersonRef person, Part& part) {
  part.counts.no_profiling += (asked.image.stance(person) & kNoProfiling) != 0 ? 1U : 0U;
  const Day first_day = day_of(asked.image.columns(person.shard).first_day[person.index]);
  if (first_day == kNoDay || first_day > asked.to) {
    return;
  }
  find_crossings(asked, person, part);
  const std::size_t tier_to = tier_on(part, asked.to);
  if (first_day <= asked.from) {
    ++part.counts.flows[tier_on(part, asked.from)][tier_to];
  }
  count_newcomer(asked, person, first_day, tier_to, part);
  for (std::size_t i = 0; i < part.counts.days.size(); ++i) {
    const Day day = part.counts.days[i];
    if (first_day <= day) {
      ++part.counts.series[i][tier_on(part, day)];
    }
  }
}

void add(const TierPeople& more, TierPeople& sum) {
  for (std::size_t t = 0; t < kTiers; ++t) {
    sum[t] += more[t];
  }
}

void merge(const Period& part, Period& sum) {
  for (std::size_t t = 0; t < kTiers; ++t) {
    add(part.flows[t], sum.flows[t]);
  }
  add(part.entered_to, sum.entered_to);
  sum.referred += part.referred;
  sum.newcomers += part.newcomers;
  sum.referred_newcomers += part.referred_newcomers;
  sum.no_profiling += part.no_profiling;
  for (std::size_t i = 0; i < sum.series.size(); ++i) {
    add(part.series[i], sum.series[i]);
  }
}

struct Block {
  std::uint32_t shard;
  std::uint32_t first;
};

std::vector<Block> blocks_of(const Image& image) {
  std::vector<Block> blocks;
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (std::uint32_t first = 0; first < image.people(shard); first += kBlock) {
      blocks.push_back({shard, first});
    }
  }
  return blocks;
}

}  // namespace

TierPeople Period::people_from() const {
  TierPeople people{};
  for (std::size_t t = 0; t < kTiers; ++t) {
    for (const std::uint64_t count : flows[t]) {
      people[t] += count;
    }
  }
  return people;
}

TierPeople Period::people_to() const {
  TierPeople people = entered_to;
  for (const TierPeople& row : flows) {
    add(row, people);
  }
  return people;
}

std::uint64_t Period::rises() const {
  std::uint64_t sum = 0;
  for (std::size_t a = 0; a < kTiers; ++a) {
    for (std::size_t b = a + 1; b < kTiers; ++b) {
      sum += flows[a][b];
    }
  }
  return sum;
}

std::uint64_t Period::falls() const {
  std::uint64_t sum = 0;
  for (std::size_t a = 0; a < kTiers; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      sum += flows[a][b];
    }
  }
  return sum;
}

std::vector<Day> series_days(Day first, Day to, std::string_view& step) {
  const std::int32_t days = std::max(to.number - first.number, 0);
  std::int32_t apart = 1;
  step = "day";
  if (days >= kPointsMost) {
    apart = 7;
    step = "week";
  }
  if (days / apart >= kPointsMost) {
    apart = std::max(30, days / (kPointsMost - 1) + 1);
    step = "month";
  }
  std::vector<Day> out;
  for (std::int32_t back = days / apart; back >= 0; --back) {
    out.push_back(Day{to.number - back * apart});
  }
  return out;
}

Period period_of(const Image& image, Day from, Day to, Day first) {
  Period sum;
  sum.from = from;
  sum.to = to;
  sum.days = series_days(first, to, sum.step);
  sum.series.resize(sum.days.size());
  const Asked asked{image, from, to, std::min(from, sum.days.front())};
  const std::vector<Block> blocks = blocks_of(image);
  const unsigned threads = default_threads();
  std::vector<std::unique_ptr<Part>> parts;
  for (unsigned i = 0; i < threads; ++i) {
    parts.push_back(std::make_unique<Part>());
    parts.back()->counts = sum;
  }
  for_each_item(blocks.size(), threads, [&](unsigned worker, std::size_t item) {
    const Block block = blocks[item];
    const std::uint32_t end = std::min(block.first + kBlock, image.people(block.shard));
    for (std::uint32_t index = block.first; index < end; ++index) {
      count_person(asked, PersonRef{block.shard, index}, *parts[worker]);
    }
  });
  for (const auto& part : parts) {
    merge(part->counts, sum);
  }
  return sum;
}

}  // namespace guanxi::api
