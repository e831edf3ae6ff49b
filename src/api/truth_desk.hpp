#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/brand.hpp"
#include "engine/work_board.hpp"
#include "people/validation.hpp"

namespace guanxi::api {

/// One standing back in time that has ended well.
struct TruthRun {
  std::uint64_t number = 0;
  Validation validation;
  Testimony testimony;  ///< whose people were given back when `listed` is false
  bool listed = true;   ///< whether its people can still be listed
  std::string model_name;
  std::string model_version;
  std::uint64_t model_hash = 0;
  Currency currency;
  Instant finished_at;
};

/// Stands at earlier days in the background, one at a time, and keeps what it found.
///
/// Place       One behind the routes of the truth page.
/// Invariants  Holds the image only while people are gathered; models are fitted without it. At
///             most kRunsMost runs are kept, and the people of older ones only as long as all kept
///             are kListedMost at most. A run ends with this.
/// Threads     Any; one of its own while a run lasts.
class TruthDesk {
 public:
  static constexpr std::size_t kRunsMost = 8;
  static constexpr std::size_t kListedMost = 2'000'000;

  explicit TruthDesk(std::shared_ptr<const Brand> brand);
  TruthDesk(const TruthDesk&) = delete;
  TruthDesk& operator=(const TruthDesk&) = delete;
  ~TruthDesk();

  /// What is asked for.
  struct Ask {
    Day at;
    std::uint32_t horizon_days = 0;
  };
  /// Begins one. Errors: conflict while one runs.
  [[nodiscard]] Result<void> begin(const Ask& ask);
  /// The one that runs ends soon, without a result. Nothing when none does.
  void stop();

  /// What runs, or was asked for last, and how far it is; nothing before the first.
  struct Doing {
    Ask ask;
    bool running = false;
    Work work;
  };
  [[nodiscard]] std::optional<Doing> doing() const;
  /// Newest first.
  [[nodiscard]] std::vector<std::shared_ptr<const TruthRun>> runs() const;
  /// Null when it is not kept.
  [[nodiscard]] std::shared_ptr<const TruthRun> run(std::uint64_t number) const;

 private:
  void work(const Ask& ask);
  [[nodiscard]] Result<TruthRun> stand(const Ask& ask);
  void keep(TruthRun run);

  std::shared_ptr<const Brand> brand_;
  WorkBoard board_;
  mutable std::mutex mutex_;
  std::optional<Ask> ask_;  ///< under mutex_, as all below
  bool running_ = false;
  std::uint64_t next_ = 1;
  std::vector<std::shared_ptr<const TruthRun>> kept_;  ///< newest first
  std::atomic<bool> stopping_{false};
  std::jthread thread_;
};

}  // namespace guanxi::api
