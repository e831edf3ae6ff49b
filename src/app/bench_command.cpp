#include <algorithm>
#include <functional>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "people/survey.hpp"
#include "people/validation.hpp"
#include "relationship/shipped_models.hpp"
#include "simulation/simulation.hpp"

namespace guanxi::app {
namespace {

constexpr int kRounds = 5;

struct Measure {
  std::string name;
  std::uint64_t items = 0;  ///< what is done in one round
  std::string unit;
  std::int64_t median_ns = 0;
};

std::int64_t median_ns(int rounds, const std::function<void()>& work) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < rounds; ++i) {
    const std::int64_t began = system_clock().monotonic_ns();
    work();
    times.push_back(system_clock().monotonic_ns() - began);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

Result<void> load(Simulation& source, Image& image) {
  BulkLoader loader = image.begin_bulk();
  EventBatch batch;
  std::vector<Refusal> refused;
  std::uint32_t ordinal = 0;
  for (;;) {
    batch.clear();
    GUANXI_TRY(more, source.next(batch, refused));
    if (!more) {
      break;
    }
    for (const Event& event : batch.events) {
      const std::uint32_t subject =
          event.subject.empty() ? 0 : image.subjects().intern(event.subject);
      const CompactEvent compacted = compact(event, subject, ordinal++);
      if (event.person.value.empty()) {
        loader.push_nobody(compacted);
      } else {
        loader.push(image.find_or_add(event.person), compacted);
      }
    }
  }
  static_cast<void>(loader.finish(default_threads()));
  return {};
}

std::vector<Measure> measure(Image& image, const Model& model, Day day) {
  const std::uint64_t events = image.events();
  const unsigned threads = default_threads();
  std::vector<Measure> measures;
  const auto add = [&](const std::string& name, std::uint64_t items, const std::string& unit,
                       const std::function<void()>& work) {
    measures.push_back({name, items, unit, median_ns(kRounds, work)});
  };
  add("fold everyone, 1 thread", events, "events", [&] { image.refold(model, day, 1); });
  add("fold everyone, " + std::to_string(threads) + " threads", events, "events",
      [&] { image.refold(model, day, threads); });
  auto draft = Model::parse(shipped_model("subscription"));
  GUANXI_CHECK(draft.has_value(), "a shipped model is valid");
  const Model other = draft->with(model.calibration);
  add("what-if", events, "events", [&] { static_cast<void>(what_if(image, model, other, day)); });
  auto where = Expression::parse(
      "tier >= weak and index > 20 and silence_days < 120 and orders >= 3 and trust > 0.5");
  GUANXI_CHECK(where.has_value(), "the condition is valid");
  add("count by five conditions", image.people(), "people",
      [&] { static_cast<void>(count(image, *where)); });
  add("digest", events, "events",
      [&] { static_cast<void>(digest(image, model, Day{day.number - 1})); });
  return measures;
}

void show(const Common& common, const Image& image, const std::vector<Measure>& measures) {
  const MemoryUse memory = image.memory();
  JsonWriter json;
  json.begin_object()
      .field("events", image.events())
      .field("people", image.people())
      .field("bytes_per_event", memory.bytes_per_event())
      .field("bytes_per_person", memory.bytes_per_person());
  json.key("measures").begin_array();
  Table table({{"measure"}, {"median", true}, {"rate", true}});
  for (const Measure& one : measures) {
    const std::uint64_t rate = one.items * 1'000'000'000 /
                               static_cast<std::uint64_t>(std::max<std::int64_t>(one.median_ns, 1));
    json.begin_object()
        .field("name", one.name)
        .field("median_ns", one.median_ns)
        .field("per_second", rate)
        .field("unit", one.unit)
        .end_object();
    table.row({one.name, decimal(one.median_ns / 1000, 3) + " ms",
               grouped(rate) + " " + one.unit + "/s"});
  }
  json.end_array().end_object();
  print(common.json ? json.text() + "\n"
                    : grouped(image.events()) + " made-up events of " + grouped(image.people()) +
                          " people; medians of " + std::to_string(kRounds) + "\n" + table.text() +
                          decimal(static_cast<std::int64_t>(memory.bytes_per_event() * 10), 1) +
                          " bytes an event, " +
                          decimal(static_cast<std::int64_t>(memory.bytes_per_person() * 10), 1) +
                          " bytes a person\n");
}

}  // namespace

int run_bench(const Common& common, std::uint64_t events) {
  SimulationOptions options;
  options.events_most = events;
  options.threads = default_threads();
  auto source = Simulation::open(options);
  if (!source) {
    return report(source.error(), common.json);
  }
  Image image;
  if (auto loaded = load(**source, image); !loaded) {
    return report(loaded.error(), common.json);
  }
  auto stated = Model::parse(shipped_model("retail"));
  if (!stated) {
    return report(stated.error(), common.json);
  }
  const Day day = stated->zone.day_of(image.last_event_at());
  const Model model = stated->with(calibration_at(image, *stated, day));
  show(common, image, measure(image, model, day));
  return 0;
}

}  // namespace guanxi::app
