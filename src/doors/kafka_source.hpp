#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "access/sources.hpp"
#include "doors/kafka_client.hpp"
#include "doors/source_kinds.hpp"
#include "engine/engine.hpp"
#include "platform/clock.hpp"

namespace guanxi::doors {

/// How far one partition was read.
struct KafkaProgress {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next = 0;  ///< offset of the first message that is not in the log
  std::int64_t end = -1;  ///< one after the partition's last message; -1: not known yet
  [[nodiscard]] std::int64_t lag() const { return end > next ? end - next : 0; }
};

/// What a queue is doing, for people.
struct KafkaStatus {
  std::string source_id;
  std::string name;
  std::string trouble;  ///< why nothing comes; empty: nothing is wrong
  std::uint64_t messages = 0;
  std::uint64_t events = 0;
  std::uint64_t repeated = 0;  ///< of these known by their message id
  std::uint64_t refused = 0;
  std::uint64_t gone = 0;  ///< messages that the cluster had deleted before they were read
  std::vector<KafkaProgress> partitions;
};

/// Limits of one queue. The defaults are the product's.
struct KafkaLimits {
  std::size_t messages_most = 5000;  ///< in one transaction
  std::size_t bytes_most = 4UL << 20U;
  int refresh_ms = 30'000;  ///< how often new partitions and the ends are asked for
};

/// Reads topics of Apache Kafka into the log, each message exactly once.
///
/// The offset after the last message of a batch is written in the very transaction that writes its
/// events, so whatever ends this program, reading goes on where the log stands. The broker keeps no
/// offsets of ours. Partitions are chosen here: all of a topic's, also those that are added later.
///
/// Place       Made by KafkaSources for each source of kind kafka.
/// Invariants  At most one batch is between the queue and the log. A message is never passed over:
///             what cannot be read becomes a dead letter with its partition and offset.
/// Errors      None: what goes wrong is told by status() and tried again.
/// Threads     One of its own; status() and the destructor from any.
class KafkaSource {
 public:
  KafkaSource(std::shared_ptr<const access::Source> source, std::shared_ptr<Engine> engine,
              const KafkaLimits& limits, Clock& clock = system_clock());
  KafkaSource(const KafkaSource&) = delete;
  KafkaSource& operator=(const KafkaSource&) = delete;
  /// Waits for the batch under way.
  ~KafkaSource();

  [[nodiscard]] KafkaStatus status() const;
  [[nodiscard]] const access::Source& source() const { return *source_; }

 private:
  using Partition = std::pair<std::string, std::int32_t>;
  /// One message, copied, so that it can be decoded again when the engine is busy.
  struct Held {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;
    std::string key;
    std::string value;
    bool has_value = false;
  };

  void run();
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> refresh();
  [[nodiscard]] Result<std::int64_t> first_offset(const Partition& partition);
  void read_batch();
  void hold(const KafkaMessage& message, std::size_t& bytes);
  /// True once the batch is durable; false when it has to be tried again.
  [[nodiscard]] Result<void> hand_over();
  [[nodiscard]] Admission admission_of() const;
  void decode_held(const Held& message, Admission& admission) const;
  void advance(const Admitted& admitted, std::uint64_t events);
  void tell(std::string trouble);
  /// False when this ends.
  bool wait_ms(int milliseconds);

  std::shared_ptr<const access::Source> source_;
  std::shared_ptr<Engine> engine_;
  KafkaLimits limits_;
  Clock& clock_;
  // Of the thread alone.
  std::unique_ptr<SourceSettings> settings_;
  std::unique_ptr<KafkaClient> client_;
  std::map<Partition, std::int64_t> next_;
  std::vector<Held> batch_;
  std::int64_t refreshed_ns_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  ///< under mutex_
  KafkaStatus status_;     ///< under mutex_
  std::thread thread_;
};

/// Runs a KafkaSource for each source of that kind that is not disabled, as the book of sources
/// changes.
///
/// Place       Made by app/ once the engine is there; ends before it.
/// Threads     One of its own; status() and the destructor from any.
class KafkaSources {
 public:
  using Sources = std::function<std::vector<std::shared_ptr<const access::Source>>()>;
  KafkaSources(Sources sources, std::shared_ptr<Engine> engine, const KafkaLimits& limits = {},
               Clock& clock = system_clock());
  KafkaSources(const KafkaSources&) = delete;
  KafkaSources& operator=(const KafkaSources&) = delete;
  ~KafkaSources();

  [[nodiscard]] std::vector<KafkaStatus> status() const;

 private:
  void run();
  void follow();

  Sources sources_;
  std::shared_ptr<Engine> engine_;
  KafkaLimits limits_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;                                        ///< under mutex_
  std::map<std::string, std::unique_ptr<KafkaSource>> running_;  ///< under mutex_, by source id
  std::thread thread_;
};

/// The setting of the log that holds where a partition is to be read on.
[[nodiscard]] std::string kafka_setting(std::string_view source_id, std::string_view topic,
                                        std::int32_t partition);

}  // namespace guanxi::doors
