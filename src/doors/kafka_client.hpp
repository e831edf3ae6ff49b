#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace guanxi::doors {

/// How to reach a cluster.
struct KafkaAddress {
  std::string brokers;
  std::string client_id;
  std::string security = "plaintext";  ///< or ssl, sasl_plaintext, sasl_ssl
  std::string sasl_mechanism;
  std::string username;
  std::string password;
  std::string ca_file;
};

/// One partition, and the offset of the first message that is wanted of it.
struct KafkaPosition {
  static constexpr std::int64_t kBeginning = -2;
  static constexpr std::int64_t kEnd = -1;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = kBeginning;
};

/// One message as it lies in its partition. Views live as long as the visit.
struct KafkaMessage {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;  ///< 0: none
  std::string_view key;
  std::string_view value;
  bool has_value = false;  ///< false: a deletion mark of a compacted topic
};

/// A reader of partitions that this program chooses itself: no group of the broker moves them, and
/// nothing is committed there. kafka_client.cpp is the one file that knows librdkafka.
///
/// Place       Owned by a KafkaSource.
/// Invariants  After assign(), messages of a partition come in order from its position on. Lost
///             connections are made again without anybody asking.
/// Errors      unavailable while the cluster cannot be reached.
/// Threads     One owner; librdkafka has threads of its own.
class KafkaClient {
 public:
  /// Errors: invalid when librdkafka refuses a setting.
  [[nodiscard]] static Result<std::unique_ptr<KafkaClient>> open(const KafkaAddress& address);
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;
  ~KafkaClient();

  /// Numbers of the partitions that a topic has. Errors: not_found when there is no such topic.
  [[nodiscard]] Result<std::vector<std::int32_t>> partitions_of(const std::string& topic,
                                                                int timeout_ms);
  /// Reads these from now on, and no others.
  [[nodiscard]] Result<void> assign(const std::vector<KafkaPosition>& positions);
  /// Hands out at most `most` messages that are there, after waiting up to `timeout_ms` for the
  /// first; their number.
  std::size_t poll(std::size_t most, int timeout_ms,
                   const std::function<void(const KafkaMessage&)>& visit);
  /// First offset that is there and the one after the last. Errors: unavailable.
  [[nodiscard]] Result<std::pair<std::int64_t, std::int64_t>> bounds(const std::string& topic,
                                                                     std::int32_t partition,
                                                                     int timeout_ms);
  /// What went wrong last, or nothing; forgotten once messages come again.
  [[nodiscard]] std::string trouble() const;

 private:
  struct Handle;
  explicit KafkaClient(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
};

}  // namespace guanxi::doors
