#include "doors/kafka_client.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <mutex>

namespace guanxi::doors {
namespace {

using Setting = std::pair<std::string, std::string>;

std::vector<Setting> settings_of(const KafkaAddress& address) {
  std::vector<Setting> settings = {
      {"bootstrap.servers", address.brokers},
      {"client.id", address.client_id},
      // Asked for by librdkafka, told to no broker: nothing is subscribed to or committed.
      {"group.id", address.client_id},
      {"security.protocol", address.security},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "false"},
      {"isolation.level", "read_committed"},
      {"auto.offset.reset", "earliest"},
      {"allow.auto.create.topics", "false"},
      {"queued.max.messages.kbytes", "16384"},
      {"fetch.message.max.bytes", "4194304"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"reconnect.backoff.max.ms", "5000"},
      {"log_level", "0"}};
  if (address.security.starts_with("sasl")) {
    settings.emplace_back("sasl.mechanism", address.sasl_mechanism);
    settings.emplace_back("sasl.username", address.username);
    settings.emplace_back("sasl.password", address.password);
  }
  if (!address.ca_file.empty()) {
    settings.emplace_back("ssl.ca.location", address.ca_file);
  }
  return settings;
}

Unexpected cluster_error(rd_kafka_resp_err_t error) {
  return fail(ErrorCode::unavailable, std::string("Kafka: ") + rd_kafka_err2str(error));
}

std::string_view text_of(const void* bytes, std::size_t size) {
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

struct KafkaClient::Handle {
  rd_kafka_t* kafka = nullptr;
  rd_kafka_queue_t* queue = nullptr;
  std::vector<rd_kafka_message_t*> messages;
  mutable std::mutex mutex;
  std::string trouble;  ///< under mutex

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (queue != nullptr) {
      rd_kafka_queue_destroy(queue);
    }
    if (kafka != nullptr) {
      rd_kafka_consumer_close(kafka);
      rd_kafka_destroy(kafka);
    }
  }
  void tell(std::string what) {
    const std::lock_guard lock(mutex);
    trouble = std::move(what);
  }
  static void on_error(rd_kafka_t* /*kafka*/, int error, const char* reason, void* self) {
    static_cast<Handle*>(self)->tell(
        std::string(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error))) + ": " + reason);
  }
  static void on_log(const rd_kafka_t* /*kafka*/, int /*level*/, const char* /*facility*/,
                     const char* /*text*/) {}
};

KafkaClient::KafkaClient(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
KafkaClient::~KafkaClient() = default;

Result<std::unique_ptr<KafkaClient>> KafkaClient::open(const KafkaAddress& address) {
  std::array<char, 512> why{};
  auto handle = std::make_unique<Handle>();
  rd_kafka_conf_t* const settings = rd_kafka_conf_new();
  for (const auto& [name, value] : settings_of(address)) {
    if (rd_kafka_conf_set(settings, name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(settings);
      return fail(ErrorCode::invalid, std::string("Kafka: ") + why.data());
    }
  }
  rd_kafka_conf_set_opaque(settings, handle.get());
  rd_kafka_conf_set_error_cb(settings, &Handle::on_error);
  rd_kafka_conf_set_log_cb(settings, &Handle::on_log);
  handle->kafka = rd_kafka_new(RD_KAFKA_CONSUMER, settings, why.data(), why.size());
  if (handle->kafka == nullptr) {
    rd_kafka_conf_destroy(settings);
    return fail(ErrorCode::invalid, std::string("Kafka: ") + why.data());
  }
  rd_kafka_poll_set_consumer(handle->kafka);
  handle->queue = rd_kafka_queue_get_consumer(handle->kafka);
  return std::unique_ptr<KafkaClient>(new KafkaClient(std::move(handle)));
}

Result<std::vector<std::int32_t>> KafkaClient::partitions_of(const std::string& topic,
                                                             int timeout_ms) {
  rd_kafka_topic_t* const wanted = rd_kafka_topic_new(handle_->kafka, topic.c_str(), nullptr);
  if (wanted == nullptr) {
    return fail(ErrorCode::invalid, "'" + topic + "' is no name of a topic");
  }
  const rd_kafka_metadata_t* found = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(handle_->kafka, 0, wanted, &found, timeout_ms);
  rd_kafka_topic_destroy(wanted);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return cluster_error(error);
  }
  std::vector<std::int32_t> partitions;
  for (int t = 0; t < found->topic_cnt; ++t) {
    for (int p = 0; p < found->topics[t].partition_cnt; ++p) {
      partitions.push_back(found->topics[t].partitions[p].id);
    }
  }
  rd_kafka_metadata_destroy(found);
  if (partitions.empty()) {
    return fail(ErrorCode::not_found, "there is no topic '" + topic + "'");
  }
  return partitions;
}

Result<void> KafkaClient::assign(const std::vector<KafkaPosition>& positions) {
  rd_kafka_topic_partition_list_t* const list =
      rd_kafka_topic_partition_list_new(static_cast<int>(positions.size()));
  for (const KafkaPosition& position : positions) {
    rd_kafka_topic_partition_t* const one =
        rd_kafka_topic_partition_list_add(list, position.topic.c_str(), position.partition);
    one->offset = position.offset == KafkaPosition::kBeginning ? RD_KAFKA_OFFSET_BEGINNING
                  : position.offset == KafkaPosition::kEnd     ? RD_KAFKA_OFFSET_END
                                                               : position.offset;
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_->kafka, list);
  rd_kafka_topic_partition_list_destroy(list);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? Result<void>() : cluster_error(error);
}

std::size_t KafkaClient::poll(std::size_t most, int timeout_ms,
                              const std::function<void(const KafkaMessage&)>& visit) {
  handle_->messages.resize(most);
  const ssize_t count =
      rd_kafka_consume_batch_queue(handle_->queue, timeout_ms, handle_->messages.data(), most);
  std::size_t given = 0;
  for (ssize_t i = 0; i < count; ++i) {
    rd_kafka_message_t* const message = handle_->messages[static_cast<std::size_t>(i)];
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      handle_->tell(std::string(rd_kafka_err2name(message->err)) + ": " +
                    rd_kafka_message_errstr(message));
      rd_kafka_message_destroy(message);
      continue;
    }
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    KafkaMessage shown;
    shown.topic = rd_kafka_topic_name(message->rkt);
    shown.partition = message->partition;
    shown.offset = message->offset;
    shown.timestamp_ms = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp_ms;
    shown.key = text_of(message->key, message->key_len);
    shown.value = text_of(message->payload, message->len);
    shown.has_value = message->payload != nullptr;
    visit(shown);
    ++given;
    rd_kafka_message_destroy(message);
  }
  if (given > 0) {
    handle_->tell("");
  }
  return given;
}

Result<std::pair<std::int64_t, std::int64_t>> KafkaClient::bounds(const std::string& topic,
                                                                  std::int32_t partition,
                                                                  int timeout_ms) {
  std::int64_t first = 0;
  std::int64_t end = 0;
  const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
      handle_->kafka, topic.c_str(), partition, &first, &end, timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return cluster_error(error);
  }
  return std::pair(first, end);
}

std::string KafkaClient::trouble() const {
  const std::lock_guard lock(handle_->mutex);
  return handle_->trouble;
}

}  // namespace guanxi::doors
