#pragma once

#include <memory>
#include <mutex>

#include "api/brand.hpp"
#include "engine/engine.hpp"

namespace guanxi::api {

/// The brand of one data folder, which may still be being read when the first request comes.
///
/// Place       app/ makes it with the board that the engine will report to, starts the server,
/// opens
///             the engine and hands it over.
/// Invariants  Until ready() every question but work() is answered with unavailable.
/// Threads     Any.
class EngineBrand final : public Brand {
 public:
  /// REQUIRES that `board` outlives this.
  explicit EngineBrand(const WorkBoard& board) : board_(board) {}

  void ready(std::shared_ptr<Engine> engine);
  /// Whom needs are asked of; without one nothing is known of them.
  void ask_needs_of(std::shared_ptr<NeedDesk> desk);

  [[nodiscard]] Result<void> read(const std::function<void(const View&)>& use) const override;
  [[nodiscard]] Result<LogFacts> log_facts() const override;
  [[nodiscard]] Result<void> originals(
      std::span<const std::uint32_t> ordinals,
      const std::function<void(std::size_t place, const Event& event)>& visit) const override;
  [[nodiscard]] Result<void> admit(EventBatch batch) const override;
  [[nodiscard]] Result<EraseReport> erase(const std::string& id) const override;
  [[nodiscard]] WorkReport work() const override;
  [[nodiscard]] Result<std::shared_ptr<const NeedReport>> needs() const override;
  [[nodiscard]] WorkReport needs_work() const override;
  [[nodiscard]] Result<void> rebuild_needs(
      std::optional<std::uint32_t> horizon_days) const override;
  [[nodiscard]] Result<bool> cancel_needs() const override;
  [[nodiscard]] Result<DeadLetterPage> dead_letters(std::uint64_t offset, std::uint64_t limit,
                                                    const std::string& source) const override;
  [[nodiscard]] Result<std::map<std::string, DoorReport>> doors(
      const std::vector<std::string>& names) const override;
  [[nodiscard]] Result<ImportReport> resend(std::uint64_t letter,
                                            const Engine::KeyOfDoor& key_of_door,
                                            std::optional<std::string> corrected) const override;
  [[nodiscard]] Result<std::vector<DecisionRecord>> decisions() const override;
  [[nodiscard]] Result<DecisionReport> decide(const DecisionRequest& request) const override;
  [[nodiscard]] Result<FitsReport> fits() const override;
  [[nodiscard]] Result<void> fit(const FitRequest& request) const override;
  [[nodiscard]] Result<bool> stop_fit() const override;
  [[nodiscard]] Result<std::shared_ptr<LiveFeed::Watcher>> watch(
      std::size_t notes_most) const override;
  [[nodiscard]] Result<SqlAnswer> sql(const std::string& query, std::uint64_t rows_most,
                                      const Masking* masking) const override;

 private:
  [[nodiscard]] Result<std::shared_ptr<Engine>> engine() const;
  [[nodiscard]] Result<std::shared_ptr<NeedDesk>> desk() const;

  const WorkBoard& board_;
  mutable std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<NeedDesk> desk_;
};

}  // namespace guanxi::api
