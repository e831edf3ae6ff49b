#include "app/commands.hpp"
#include "app/output.hpp"
#include "base/json_writer.hpp"
#include "people/parallel.hpp"
#include "simulation/simulation.hpp"

namespace guanxi::app {

int run_simulate(const Common& common, const SimulateArgs& args) {
  SimulationOptions options;
  options.people = args.events > 0 && !args.people_given ? 0 : args.people;
  options.events_most = args.events;
  options.seed = args.seed;
  options.threads = default_threads();
  if (!args.from.empty()) {
    auto first = parse_day(args.from);
    if (!first) {
      return report(first.error(), common.json);
    }
    options.first_day = *first;
  }
  if (args.days > 0) {
    options.days = args.days;
  }
  WorkBoard board;
  show_progress(board, common);
  board.begin("simulate", args.out);
  board.phase("write", "events", args.events);
  auto made = write_simulation(options, args.out, args.truth,
                               [&](std::uint64_t events) { board.update(events, args.events); });
  board.end(made.has_value(), made ? "" : made.error().message);
  if (!made) {
    return report(made.error(), common.json);
  }
  JsonWriter json;
  json.begin_object()
      .field("file", args.out)
      .field("people", made->people)
      .field("events", made->events)
      .end_object();
  print(common.json ? json.text() + "\n"
                    : grouped(made->events) + " events of " + grouped(made->people) +
                          " made-up people written to " + args.out + "\n");
  return 0;
}

}  // namespace guanxi::app
