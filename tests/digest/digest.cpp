// Prints 128 bits over the folds of many random timelines under a model file: the same text from
// every compiler, optimisation level and processor, or the fold is not what it says.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/hash.hpp"
#include "property/random_timeline.hpp"
#include "relationship/explain.hpp"
#include "relationship/fold_memory.hpp"

namespace {

using guanxi::CompactEvent;

class Sum {
 public:
  void add(std::uint64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  [[nodiscard]] guanxi::Hash128 hash() const { return guanxi::hash128(bytes_); }

 private:
  std::string bytes_;
};

void add_reading(Sum& sum, const guanxi::Reading& reading) {
  sum.add(static_cast<std::uint64_t>(reading.tier));
  sum.add(static_cast<std::uint64_t>(reading.velocity));
  sum.add(reading.trust_16);
  sum.add(reading.uncertainty_16);
  sum.add(reading.depth_16);
  sum.add(reading.index_milli);
  for (const std::uint32_t depth : reading.depth_of_16) {
    sum.add(depth);
  }
}

void add_explanation(Sum& sum, const guanxi::Explanation& why) {
  add_reading(sum, why.reading);
  for (const guanxi::EvidenceLine& line : why.evidence) {
    sum.add(static_cast<std::uint64_t>(line.worth_16));
    sum.add(static_cast<std::uint64_t>(line.index_milli));
  }
  for (const guanxi::Posting& posting : why.postings) {
    sum.add(static_cast<std::uint64_t>(posting.day.number));
    sum.add(static_cast<std::uint64_t>(posting.to));
    sum.add(static_cast<std::uint64_t>(posting.value));
    sum.add(posting.event_id_hash);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Sum sum;
  for (int file = 1; file < argc; ++file) {
    std::ifstream in(argv[file]);
    std::stringstream text;
    text << in.rdbuf();
    const auto stated = guanxi::Model::parse(text.str());
    if (!stated) {
      std::fprintf(stderr, "%s: %s\n", argv[file], stated.error().message.c_str());
      return 1;
    }
    guanxi::FoldMemory memory;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
      guanxi::Random random(seed);
      std::vector<CompactEvent> events = guanxi::random_timeline(random, 80);
      std::sort(events.begin(), events.end(),
                [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
      const guanxi::Model model = stated->with(guanxi::random_calibration(random));
      const guanxi::Day last = model.zone.day_of(events.back().occurred_at());
      add_explanation(sum, explain(events, model, guanxi::Day{last.number + 45}, memory));
    }
  }
  const guanxi::Hash128 hash = sum.hash();
  std::printf("%016llx%016llx\n", static_cast<unsigned long long>(hash.high),
              static_cast<unsigned long long>(hash.low));
  return 0;
}
