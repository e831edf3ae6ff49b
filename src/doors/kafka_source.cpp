#include "doors/kafka_source.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "base/money.hpp"
#include "doors/webhooks.hpp"
#include "events/identity.hpp"

namespace guanxi::doors {
namespace {

constexpr int kPollMs = 100;
constexpr int kAskMs = 5000;
constexpr int kFirstPauseMs = 50;
constexpr int kLastPauseMs = 5000;
constexpr std::int64_t kNsPerMs = 1'000'000;

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    const std::size_t first = word.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos) {
      words.emplace_back(word.substr(first, word.find_last_not_of(" \t\r\n") - first + 1));
    }
  }
  return words;
}

// Events whose sender gave no message id are known by where they lie.
void name_by_place(EventBatch& batch, std::size_t first, const access::Source& source,
                   const std::string& place) {
  std::uint32_t number = 0;
  std::string_view kept;
  for (std::size_t i = first; i < batch.events.size(); ++i) {
    Event& event = batch.events[i];
    if (event.message_id.empty()) {
      kept = kept.empty() ? batch.keep(place) : kept;
      event.message_id = kept;
      event.id_hash = identity_of_message(source.id, place, number++);
    }
  }
}

}  // namespace

std::string kafka_setting(std::string_view source_id, std::string_view topic,
                          std::int32_t partition) {
  return "kafka." + std::string(source_id) + "." + std::string(topic) + "." +
         std::to_string(partition);
}

KafkaSource::KafkaSource(std::shared_ptr<const access::Source> source,
                         std::shared_ptr<Engine> engine, const KafkaLimits& limits, Clock& clock)
    : source_(std::move(source)), engine_(std::move(engine)), limits_(limits), clock_(clock) {
  status_.source_id = source_->id;
  status_.name = source_->name;
  thread_ = std::thread([this] { run(); });
}

KafkaSource::~KafkaSource() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

KafkaStatus KafkaSource::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void KafkaSource::tell(std::string trouble) {
  const std::lock_guard lock(mutex_);
  status_.trouble = std::move(trouble);
}

bool KafkaSource::wait_ms(int milliseconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return stopping_; });
  return !stopping_;
}

void KafkaSource::run() {
  int pause_ms = kFirstPauseMs;
  while (wait_ms(0)) {
    auto done = client_ == nullptr ? prepare() : Result<void>();
    const std::int64_t now_ns = clock_.monotonic_ns();
    if (done && (next_.empty() || now_ns - refreshed_ns_ > limits_.refresh_ms * kNsPerMs)) {
      done = refresh();
    }
    if (done && batch_.empty()) {
      read_batch();
    }
    if (done && !batch_.empty()) {
      done = hand_over();
    }
    if (done) {
      pause_ms = kFirstPauseMs;
      continue;
    }
    tell(done.error().message);
    if (!wait_ms(pause_ms)) {
      return;
    }
    pause_ms = std::min(pause_ms * 2, kLastPauseMs);
  }
}

Result<void> KafkaSource::prepare() {
  GUANXI_TRY(settings, SourceSettings::read(source_->kind, source_->settings_json));
  KafkaAddress address;
  address.brokers = settings.value("brokers");
  address.client_id = "guanxi-" + source_->id.substr(0, 8);
  address.security = settings.value("security");
  address.sasl_mechanism = settings.value("sasl_mechanism");
  address.username = settings.value("username");
  address.password = source_->secrets.empty() ? "" : source_->secrets.front();
  address.ca_file = settings.value("ca_file");
  GUANXI_TRY(client, KafkaClient::open(address));
  settings_ = std::make_unique<SourceSettings>(std::move(settings));
  client_ = std::move(client);
  return {};
}

// Where a partition that was not read yet begins: behind what is in the log, else as the settings
// say.
Result<std::int64_t> KafkaSource::first_offset(const Partition& partition) {
  GUANXI_TRY(log, engine_->log());
  GUANXI_TRY(stored, log.setting(kafka_setting(source_->id, partition.first, partition.second)));
  if (stored) {
    const auto number = parse_decimal(*stored);
    if (!number || number->scale != 0 || number->digits < 0) {
      return fail(ErrorCode::corrupted, "the log's offset of " + partition.first + "/" +
                                            std::to_string(partition.second) + " is none");
    }
    return number->digits;
  }
  GUANXI_TRY(bounds, client_->bounds(partition.first, partition.second, kAskMs));
  return settings_->value("from") == "end" ? bounds.second : bounds.first;
}

// Finds partitions that are new, and how far all of them reach.
Result<void> KafkaSource::refresh() {
  bool found = false;
  for (const std::string& topic : words_of(settings_->value("topics"))) {
    GUANXI_TRY(numbers, client_->partitions_of(topic, kAskMs));
    for (const std::int32_t number : numbers) {
      const Partition partition(topic, number);
      if (next_.find(partition) == next_.end()) {
        GUANXI_TRY(offset, first_offset(partition));
        next_[partition] = offset;
        found = true;
      }
    }
  }
  std::vector<KafkaProgress> progress;
  std::uint64_t gone = 0;
  for (auto& [partition, next] : next_) {
    GUANXI_TRY(bounds, client_->bounds(partition.first, partition.second, kAskMs));
    if (next > bounds.second) {
      return fail(ErrorCode::conflict, "topic '" + partition.first +
                                           "' ends before what the log has read of it: it was "
                                           "made anew; add a new source for it");
    }
    if (next < bounds.first) {
      gone += static_cast<std::uint64_t>(bounds.first - next);
      next = bounds.first;
      found = true;
    }
    progress.push_back({partition.first, partition.second, next, bounds.second});
  }
  if (found) {
    std::vector<KafkaPosition> positions;
    for (const auto& [partition, next] : next_) {
      positions.push_back({partition.first, partition.second, next});
    }
    GUANXI_TRY_VOID(client_->assign(positions));
  }
  refreshed_ns_ = clock_.monotonic_ns();
  const std::lock_guard lock(mutex_);
  status_.partitions = std::move(progress);
  status_.gone += gone;
  status_.trouble.clear();
  return {};
}

void KafkaSource::hold(const KafkaMessage& message, std::size_t& bytes) {
  const auto next = next_.find(Partition(message.topic, message.partition));
  // What was fetched before an assignment may come once more.
  if (next == next_.end() || message.offset < next->second) {
    return;
  }
  bytes += message.value.size();
  batch_.push_back({std::string(message.topic), message.partition, message.offset,
                    message.timestamp_ms, std::string(message.key), std::string(message.value),
                    message.has_value});
}

void KafkaSource::read_batch() {
  std::size_t bytes = 0;
  int timeout_ms = kPollMs;
  while (batch_.size() < limits_.messages_most && bytes < limits_.bytes_most) {
    const std::size_t most = std::min<std::size_t>(500, limits_.messages_most - batch_.size());
    const std::size_t got = client_->poll(
        most, timeout_ms, [this, &bytes](const KafkaMessage& message) { hold(message, bytes); });
    timeout_ms = 0;
    if (got < most) {
      break;
    }
  }
  if (batch_.empty()) {
    if (std::string trouble = client_->trouble(); !trouble.empty()) {
      tell(std::move(trouble));
    }
  }
}

void KafkaSource::decode_held(const Held& message, Admission& admission) const {
  const std::string place = message.topic + "/" + std::to_string(message.partition) + "/" +
                            std::to_string(message.offset);
  const PayloadMapping::Variables variables =
      [&message](std::string_view name) -> std::optional<std::string> {
    return name == "kafka.topic" ? std::optional(message.topic)
           : name == "kafka.key" ? std::optional(message.key)
                                 : std::nullopt;
  };
  const Instant now = clock_.now();
  const Instant sent{message.timestamp_ms / 1000};
  const std::size_t first_event = admission.batch.size();
  const std::size_t first_refused = admission.refused.size();
  decode_message({message.value, *source_, *settings_, variables,
                  sent.seconds > 0 && sent < now ? sent : now, engine_->currency()},
                 admission.batch, admission.refused);
  name_by_place(admission.batch, first_event, *source_, "kafka/" + place);
  for (std::size_t i = first_refused; i < admission.refused.size(); ++i) {
    admission.refused[i].source += " " + message.topic + "/" + std::to_string(message.partition);
    admission.refused[i].line = static_cast<std::uint64_t>(message.offset);
  }
}

Admission KafkaSource::admission_of() const {
  Admission admission;
  admission.door = access::door_name(*source_);
  std::map<Partition, std::int64_t> ends;
  for (const Held& message : batch_) {
    if (message.has_value) {
      decode_held(message, admission);
    }
    ends[Partition(message.topic, message.partition)] = message.offset + 1;
  }
  for (const auto& [partition, end] : ends) {
    admission.settings.emplace_back(kafka_setting(source_->id, partition.first, partition.second),
                                    std::to_string(end));
  }
  return admission;
}

Result<void> KafkaSource::hand_over() {
  Admission admission = admission_of();
  const std::uint64_t events = admission.batch.size();
  auto promise = std::make_shared<std::promise<Result<Admitted>>>();
  auto answer = promise->get_future();
  admission.done = [promise](const Result<Admitted>& admitted) { promise->set_value(admitted); };
  GUANXI_TRY_VOID(engine_->submit(std::move(admission)));
  GUANXI_TRY(admitted, answer.get());
  advance(admitted, events);
  return {};
}

void KafkaSource::advance(const Admitted& admitted, std::uint64_t events) {
  const std::lock_guard lock(mutex_);
  for (const Held& message : batch_) {
    next_[Partition(message.topic, message.partition)] = message.offset + 1;
  }
  for (KafkaProgress& progress : status_.partitions) {
    progress.next = next_[Partition(progress.topic, progress.partition)];
    progress.end = std::max(progress.end, progress.next);
  }
  status_.messages += batch_.size();
  status_.events += events;
  status_.repeated += admitted.repeated;
  status_.refused += admitted.refused;
  status_.trouble.clear();
  batch_.clear();
}

KafkaSources::KafkaSources(Sources sources, std::shared_ptr<Engine> engine,
                           const KafkaLimits& limits, Clock& clock)
    : sources_(std::move(sources)), engine_(std::move(engine)), limits_(limits), clock_(clock) {
  thread_ = std::thread([this] { run(); });
}

KafkaSources::~KafkaSources() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::vector<KafkaStatus> KafkaSources::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<KafkaStatus> all;
  for (const auto& [id, source] : running_) {
    all.push_back(source->status());
  }
  return all;
}

void KafkaSources::follow() {
  std::map<std::string, std::shared_ptr<const access::Source>> wanted;
  for (const auto& source : sources_()) {
    if (source->kind == access::SourceKind::kafka && !source->disabled) {
      wanted[source->id] = source;
    }
  }
  std::vector<std::unique_ptr<KafkaSource>> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = running_.begin(); at != running_.end();) {
      const auto found = wanted.find(at->first);
      const access::Source& as_it_runs = at->second->source();
      if (found == wanted.end() || found->second->settings_json != as_it_runs.settings_json ||
          found->second->secrets != as_it_runs.secrets) {
        ended.push_back(std::move(at->second));
        at = running_.erase(at);
      } else {
        ++at;
      }
    }
  }
  ended.clear();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, source] : wanted) {
    if (running_.find(id) == running_.end()) {
      running_[id] = std::make_unique<KafkaSource>(source, engine_, limits_, clock_);
    }
  }
}

void KafkaSources::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    follow();
    lock.lock();
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
  }
}

}  // namespace guanxi::doors
