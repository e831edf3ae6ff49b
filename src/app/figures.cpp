#include "app/figures.hpp"

#include <chrono>
#include <filesystem>

#include "platform/clock.hpp"
#include "platform/log.hpp"
#include "relationship/words.hpp"

namespace guanxi::app {
namespace {

using operations::FigurePage;

constexpr std::string_view kLogin = "/api/v1/login";

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_doors(FigurePage& page, const Engine& engine) {
  const DoorFigures* const door = engine.door_figures();
  if (door == nullptr) {
    return;
  }
  const std::string name = "guanxi_events_total";
  const std::string help = "Events that came through a door, by what became of them.";
  for (const auto& [from, sum] : door->by_door()) {
    page.counter(name, help, number(sum.added), {{"door", from}, {"outcome", "added"}});
    page.counter(name, help, number(sum.repeated), {{"door", from}, {"outcome", "repeated"}});
    page.counter(name, help, number(sum.conflicting), {{"door", from}, {"outcome", "conflicting"}});
    page.counter(name, help, number(sum.erased), {{"door", from}, {"outcome", "erased"}});
    page.counter(name, help, number(sum.refused), {{"door", from}, {"outcome", "refused"}});
  }
  page.histogram("guanxi_group_events", "New events written with one sync.", door->group_events);
  page.histogram("guanxi_sync_seconds", "Time of one write and fsync of the log.",
                 door->sync_seconds);
  page.counter("guanxi_groups_failed_total", "Groups that could not be written.",
               number(door->groups_failed.value()));
  page.gauge("guanxi_door_waiting_bytes", "What waits to be logged or to be seen in the image.",
             number(engine.door_waiting_bytes()));
}

void add_image(FigurePage& page, const Engine& engine) {
  const ReadAccess access = engine.read();
  const Image& image = access.image();
  const MemoryUse memory = image.memory();
  page.gauge("guanxi_people", "People known.", number(image.people()));
  page.gauge("guanxi_events", "Events in the image.", number(image.events()));
  const std::string name = "guanxi_image_bytes";
  const std::string help = "Memory of the image, by what holds it.";
  page.gauge(name, help, number(memory.event_bytes + memory.nobody_bytes), {{"of", "events"}});
  page.gauge(name, help, number(memory.person_bytes), {{"of", "people"}});
  page.gauge(name, help, number(memory.subject_bytes), {{"of", "subjects"}});
  page.gauge(name, help, number(memory.cache_bytes), {{"of", "caches"}});
  if (!image.folded()) {
    return;
  }
  std::array<std::uint64_t, kTiers> people{};
  for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
    for (const std::uint8_t tier : image.columns(shard).tier) {
      ++people.at(tier);
    }
  }
  for (std::size_t tier = 0; tier < people.size(); ++tier) {
    page.gauge("guanxi_tier_people", "People by tier of trust.", number(people.at(tier)),
               {{"tier", std::string(name_of(static_cast<Tier>(tier)))}});
  }
}

void add_log(FigurePage& page, const Engine& engine, const std::string& folder) {
  page.gauge("guanxi_read_only", "1 when nothing can be written, since a sync failed.",
             engine.read_only_because() ? 1 : 0);
  if (auto log = engine.log()) {
    if (const auto letters = log->dead_letters_kept()) {
      page.gauge("guanxi_dead_letters", "Refused events that are kept.", number(*letters));
    }
  }
  std::error_code error;
  std::uint64_t bytes = 0;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) {
      bytes += it->file_size(ignored);
    }
  }
  page.gauge("guanxi_data_folder_bytes", "Size of the files of the data folder.", number(bytes));
  const auto space = std::filesystem::space(folder, error);
  if (!error) {
    page.gauge("guanxi_data_free_bytes", "What the disk of the data folder still has.",
               number(space.available));
  }
}

void add_ingest(FigurePage& page, const doors::IngestDoor& ingest) {
  const doors::IngestCounts counts = ingest.counts();
  const std::string name = "guanxi_ingest_requests_refused_total";
  const std::string help = "Requests of SDKs that were told to come again or go away.";
  page.counter("guanxi_ingest_requests_total", "Requests of SDKs.", number(counts.requests));
  page.counter(name, help, number(counts.unknown_key), {{"reason", "unknown_key"}});
  page.counter(name, help, number(counts.overloaded), {{"reason", "overloaded"}});
  page.counter(name, help, number(counts.unavailable), {{"reason", "unavailable"}});
}

void add_webhooks(FigurePage& page, const doors::WebhookDoor& webhooks) {
  const doors::WebhookCounts counts = webhooks.counts();
  page.counter("guanxi_webhook_requests_total", "Requests of webhooks.", number(counts.requests));
  page.counter("guanxi_webhook_unsigned_total", "Of these, with a signature that is not good.",
               number(counts.unsigned_));
}

void add_kafka(FigurePage& page, const doors::KafkaSources& kafka) {
  for (const doors::KafkaStatus& queue : kafka.status()) {
    page.gauge("guanxi_kafka_trouble", "1 when nothing can be read from the queue now.",
               queue.trouble.empty() ? 0 : 1, {{"source", queue.name}});
    for (const doors::KafkaProgress& part : queue.partitions) {
      page.gauge("guanxi_kafka_lag_messages",
                 "Messages of a partition that are not in the log yet.",
                 static_cast<double>(part.lag()),
                 {{"source", queue.name},
                  {"topic", part.topic},
                  {"partition", std::to_string(part.partition)}});
    }
  }
}

}  // namespace

void RequestWatch::saw(const http::Exchange& exchange) {
  by_status_.at(exchange.status < by_status_.size() ? exchange.status : 0).add();
  bytes_in_.add(exchange.bytes_in);
  const bool refused = exchange.status == 401 || exchange.status == 403 || exchange.status == 429;
  if (refused && exchange.route != nullptr && exchange.route->pattern == kLogin) {
    logins_refused_.add();
  }
  const double seconds = static_cast<double>(exchange.took.count()) / 1e6;
  const bool door = exchange.route != nullptr && http::is_door(*exchange.route);
  if (door && exchange.status == 200) {
    ack_seconds_.observe(seconds);
  } else if (!door) {
    answer_seconds_.observe(seconds);
  }
  write_line(exchange);
}

void RequestWatch::write_line(const http::Exchange& exchange) {
  const LogLevel level = exchange.status >= 500   ? LogLevel::warning
                         : exchange.status >= 400 ? LogLevel::info
                                                  : LogLevel::debug;
  if (!logs(level)) {
    return;
  }
  const std::int64_t now = system_clock().monotonic_ns() / 1'000'000'000;
  lines_ = now == second_ ? lines_ + 1 : 0;
  second_ = now;
  if (lines_ >= kLinesASecond) {
    lines_left_out_.add();
    return;
  }
  log_line(
      level, "request",
      {{"request", exchange.request_id},
       {"method", name_of(exchange.method)},
       {"route", exchange.route == nullptr ? std::string_view("file") : exchange.route->pattern},
       {"status", exchange.status},
       {"microseconds", exchange.took.count()},
       {"bytes_in", exchange.bytes_in},
       {"bytes_out", exchange.bytes_out}});
}

void RequestWatch::add_to(operations::FigurePage& page) const {
  for (std::size_t status = 0; status < by_status_.size(); ++status) {
    if (by_status_.at(status).value() > 0) {
      page.counter("guanxi_http_requests_total", "Answers of the server, by status.",
                   number(by_status_.at(status).value()), {{"status", std::to_string(status)}});
    }
  }
  page.counter("guanxi_http_received_bytes_total", "Bodies, as they came.",
               number(bytes_in_.value()));
  page.counter("guanxi_logins_refused_total", "Logins with a wrong name or password, or too many.",
               number(logins_refused_.value()));
  page.histogram("guanxi_ack_seconds",
                 "From the last byte of events to the answer that they are "
                 "on the disk.",
                 ack_seconds_);
  page.histogram("guanxi_answer_seconds", "The same for everything but doors.", answer_seconds_);
  page.counter("guanxi_log_lines_left_out_total", "Lines about requests beyond 50 a second.",
               number(lines_left_out_.value()));
}

std::string figures_text(const FigureSources& sources) {
  FigurePage page;
  page.gauge("guanxi_ready", "1 when the log has been read.",
             sources.engine != nullptr && sources.engine->ready() ? 1 : 0);
  if (sources.requests != nullptr) {
    sources.requests->add_to(page);
  }
  if (sources.server != nullptr) {
    page.gauge("guanxi_http_connections", "Connections that are open.",
               number(sources.server->connections()));
  }
  if (sources.ingest != nullptr) {
    add_ingest(page, *sources.ingest);
  }
  if (sources.webhooks != nullptr) {
    add_webhooks(page, *sources.webhooks);
  }
  if (sources.kafka != nullptr) {
    add_kafka(page, *sources.kafka);
  }
  if (sources.engine != nullptr) {
    add_doors(page, *sources.engine);
    if (sources.engine->ready()) {
      add_image(page, *sources.engine);
      add_log(page, *sources.engine, sources.data_folder);
    }
  }
  operations::add_process_figures(page);
  return page.text();
}

}  // namespace guanxi::app
