// What tests/kafka/kafka_test.py needs beside a broker: a producer, and a process that reads a
// topic into a data folder with nothing else around it, so that it can be killed at any moment.
//
//   kafka_tool create BROKERS TOPIC PARTITIONS       makes the topic, or adds partitions to it
//   kafka_tool produce BROKERS TOPIC FIRST COUNT     orders FIRST .. FIRST + COUNT - 1, 1.00 each
//   kafka_tool send BROKERS TOPIC TEXT               one message
//   kafka_tool consume BROKERS TOPIC FOLDER BATCH    until standard input ends; a status line a
//   step kafka_tool crowd BROKERS TOPIC FOLDER BATCH      the same, through a door that others keep
//   full
//                                                    until standard input says a letter
//   kafka_tool count FOLDER                          events, people and money of a folder

#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/json_writer.hpp"
#include "doors/kafka_source.hpp"
#include "relationship/shipped_models.hpp"

namespace {

using guanxi::Engine;
using guanxi::JsonWriter;

constexpr int kWaitMs = 20'000;
constexpr std::int64_t kPeople = 1000;
constexpr std::int64_t kVisits = 500;  // tests/kafka/kafka_test.py counts them
constexpr std::size_t kDoorBytes = 64UL << 20U;
constexpr std::size_t kNarrowDoorBytes = 64UL << 10U;

int complain(const std::string& why) {
  std::cerr << why << "\n";
  return 1;
}

rd_kafka_t* producer(const char* brokers) {
  std::array<char, 512> why{};
  rd_kafka_conf_t* const settings = rd_kafka_conf_new();
  rd_kafka_conf_set(settings, "bootstrap.servers", brokers, why.data(), why.size());
  rd_kafka_conf_set(settings, "enable.idempotence", "true", why.data(), why.size());
  return rd_kafka_new(RD_KAFKA_PRODUCER, settings, why.data(), why.size());
}

int create(const char* brokers, const char* topic, int partitions) {
  std::array<char, 512> why{};
  rd_kafka_t* const kafka = producer(brokers);
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(kafka);
  rd_kafka_NewTopic_t* made = rd_kafka_NewTopic_new(topic, partitions, 1, why.data(), why.size());
  rd_kafka_CreateTopics(kafka, &made, 1, nullptr, queue);
  rd_kafka_event_destroy(rd_kafka_queue_poll(queue, kWaitMs));
  rd_kafka_NewPartitions_t* more = rd_kafka_NewPartitions_new(
      topic, static_cast<std::size_t>(partitions), why.data(), why.size());
  rd_kafka_CreatePartitions(kafka, &more, 1, nullptr, queue);
  rd_kafka_event_destroy(rd_kafka_queue_poll(queue, kWaitMs));
  rd_kafka_NewTopic_destroy(made);
  rd_kafka_NewPartitions_destroy(more);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(kafka);
  return 0;
}

// Without message ids: reading one twice would count it twice, were it not for its place.
std::string order(std::int64_t number) {
  JsonWriter json;
  json.begin_object().field("type", "track").field("event", "Order Completed");
  json.field("userId", "u-" + std::to_string(number % kPeople));
  json.key("properties").begin_object();
  json.field("order_id", "o-" + std::to_string(number));
  json.field("total", "1.00").field("currency", "CNY").end_object().end_object();
  return json.take();
}

int send(const char* brokers, const char* topic, const std::vector<std::string>& texts) {
  rd_kafka_t* const kafka = producer(brokers);
  rd_kafka_topic_t* const target = rd_kafka_topic_new(kafka, topic, nullptr);
  for (std::string text : texts) {
    while (rd_kafka_produce(target, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, text.data(),
                            text.size(), nullptr, 0, nullptr) != 0) {
      rd_kafka_poll(kafka, 50);
    }
  }
  const bool sent = rd_kafka_flush(kafka, kWaitMs) == RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_destroy(target);
  rd_kafka_destroy(kafka);
  return sent ? 0 : complain("the broker did not take everything");
}

int produce(const char* brokers, const char* topic, std::int64_t first, std::int64_t count) {
  std::vector<std::string> orders;
  for (std::int64_t number = first; number < first + count; ++number) {
    orders.push_back(order(number));
  }
  return send(brokers, topic, orders);
}

guanxi::Result<std::shared_ptr<Engine>> open_engine(const std::string& folder,
                                                    std::size_t door_bytes_most) {
  Engine::Options options;
  options.door_bytes_most = door_bytes_most;
  options.folder = folder;
  options.default_model_toml = std::string(guanxi::shipped_model("retail"));
  options.threads = 1;
  GUANXI_TRY(engine, Engine::open(options));
  return std::shared_ptr<Engine>(std::move(engine));
}

void show(const guanxi::doors::KafkaStatus& status) {
  JsonWriter json;
  std::int64_t lag = 0;
  std::int64_t next = 0;
  for (const guanxi::doors::KafkaProgress& one : status.partitions) {
    lag += one.lag();
    next += one.next;
  }
  json.begin_object().field("trouble", status.trouble).field("messages", status.messages);
  json.field("events", status.events).field("repeated", status.repeated);
  json.field("refused", status.refused).field("gone", status.gone);
  json.field("partitions", status.partitions.size()).field("next", next).field("lag", lag);
  json.end_object();
  std::cout << json.text() << std::endl;
}

/// Offers the same visits over and over, so that the door is never long without them.
///
/// Place       `crowd`.
/// Threads     Some of its own.
class Crowd {
 public:
  explicit Crowd(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {
    for (int i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          if (!engine_->submit(visits())) {
            std::this_thread::yield();
          }
        }
      });
    }
  }

 private:
  static constexpr int kThreads = 3;
  static guanxi::Admission visits() {
    guanxi::Admission admission;
    admission.door = "crowd";
    for (std::int64_t n = 0; n < kVisits; ++n) {
      guanxi::Event event;
      event.kind = guanxi::EventKind::visit;
      event.id_hash = static_cast<std::uint64_t>(n) + 1;
      event.occurred_at = event.received_at = guanxi::Instant{1'780'000'000};
      event.person = {guanxi::IdNamespace::user, "u-0"};
      admission.batch.events.push_back(event);
    }
    return admission;
  }
  std::shared_ptr<Engine> engine_;
  std::vector<std::jthread> threads_;
};

int consume(const char* brokers, const char* topic, const char* folder, const char* batch,
            bool crowded) {
  auto engine = open_engine(folder, crowded ? kNarrowDoorBytes : kDoorBytes);
  if (!engine) {
    return complain(engine.error().message);
  }
  auto source = std::make_shared<guanxi::access::Source>();
  source->id = "feedfacefeedfacefeedfacefeedface";
  source->name = "orders";
  source->kind = guanxi::access::SourceKind::kafka;
  JsonWriter settings;
  settings.begin_object().field("brokers", brokers).field("topics", topic).end_object();
  source->settings_json = settings.text();
  guanxi::doors::KafkaLimits limits;
  limits.messages_most = std::stoul(batch);
  limits.refresh_ms = 1000;
  const guanxi::doors::KafkaSource reading(source, *engine, limits);
  std::optional<Crowd> crowd;
  if (crowded) {
    crowd.emplace(*engine);
  }
  pollfd input{STDIN_FILENO, POLLIN, 0};
  for (;;) {
    char letter = 0;
    if (::poll(&input, 1, 100) != 0 && ::read(STDIN_FILENO, &letter, 1) != 1) {
      return 0;
    }
    if (letter != 0) {
      crowd.reset();
    }
    show(reading.status());
  }
}

int count(const char* folder) {
  auto engine = open_engine(folder, kDoorBytes);
  if (!engine) {
    return complain(engine.error().message);
  }
  std::int64_t spent = 0;
  const guanxi::ReadAccess access = (*engine)->read();
  for (std::int64_t person = 0; person < kPeople; ++person) {
    const std::string id = "u-" + std::to_string(person);
    const auto found = access.image().find({guanxi::IdNamespace::user, id});
    spent += found ? access.image().state(*found).spent_minor : 0;
  }
  std::cout << access.image().events() << " " << access.image().people() << " " << spent << "\n";
  return 0;
}

}  // namespace

int main(int arguments, char** words) {
  const std::vector<std::string> given(words + 1, words + arguments);
  if (given.size() == 4 && given[0] == "create") {
    return create(words[2], words[3], std::stoi(given[3]));
  }
  if (given.size() == 5 && given[0] == "produce") {
    return produce(words[2], words[3], std::stoll(given[3]), std::stoll(given[4]));
  }
  if (given.size() == 4 && given[0] == "send") {
    return send(words[2], words[3], {given[3]});
  }
  if (given.size() == 5 && (given[0] == "consume" || given[0] == "crowd")) {
    return consume(words[2], words[3], words[4], words[5], given[0] == "crowd");
  }
  if (given.size() == 2 && given[0] == "count") {
    return count(words[2]);
  }
  return complain("usage: kafka_tool create|produce|send|consume|crowd|count ...");
}
