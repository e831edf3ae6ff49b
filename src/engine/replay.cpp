#include <algorithm>
#include <condition_variable>
#include <thread>

#include "engine/bounded_queue.hpp"
#include "engine/core.hpp"
#include "events/decode.hpp"
#include "people/parallel.hpp"

namespace guanxi {
namespace {

/// One batch on its way from a decoding thread to the one that places it.
struct Decoded {
  EventBatch batch;
  BatchSubjects subjects;
  std::vector<CompactEvent> compacts;
  CurrencyCounts currencies;
  std::optional<Error> error;
};

/// Decodes batches on several threads and hands them out in order.
///
/// Place       One per replay.
/// Invariants  At most `window` batches wait, so memory is bounded.
/// Threads     The decoders are its own; take() is for one thread.
class BatchDecoder {
 public:
  /// `infos`: of the batches whose first event has ordinal `first`.
  BatchDecoder(EngineCore& core, Dictionary& subjects, Currency brand,
               std::span<const BatchInfo> infos, std::uint64_t first)
      : core_(core),
        subjects_(subjects),
        brand_(brand),
        infos_(infos),
        window_(core.threads * 2 + 2) {
    slots_.resize(window_);
    for (const BatchInfo& info : infos) {
      first_ordinal_.push_back(first);
      first += info.events;
    }
    for (unsigned i = 0; i < core.threads; ++i) {
      workers_.emplace_back([this] { work(); });
    }
  }
  ~BatchDecoder() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    room_.notify_all();
  }
  BatchDecoder(const BatchDecoder&) = delete;
  BatchDecoder& operator=(const BatchDecoder&) = delete;

  /// Hands a batch back for its memory.
  void give_back(std::unique_ptr<Decoded> used) { spares_.give(std::move(used)); }
  /// The next batch in order. REQUIRES called at most once per batch.
  std::unique_ptr<Decoded> take() {
    std::unique_lock lock(mutex_);
    std::unique_ptr<Decoded>& slot = slots_[taken_ % window_];
    ready_.wait(lock, [&slot] { return slot != nullptr; });
    std::unique_ptr<Decoded> decoded = std::move(slot);
    slot.reset();
    ++taken_;
    lock.unlock();
    room_.notify_all();
    return decoded;
  }

 private:
  void work() {
    auto reader = core_.reader();
    Compactor compactor(subjects_, brand_);
    for (;;) {
      std::size_t mine = 0;
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] {
          return stopped_ || started_ >= infos_.size() || started_ < taken_ + window_;
        });
        if (stopped_ || started_ >= infos_.size()) {
          return;
        }
        mine = started_++;
      }
      auto decoded = spares_.take();
      const auto done = reader ? decode(*reader, compactor, mine, *decoded)
                               : Result<void>(Unexpected{reader.error()});
      if (!done) {
        decoded->error = done.error();
      }
      const std::lock_guard lock(mutex_);
      slots_[mine % window_] = std::move(decoded);
      ready_.notify_one();
    }
  }

  Result<void> decode(LogReader& reader, Compactor& compactor, std::size_t place, Decoded& out) {
    GUANXI_TRY(stored, reader.read(infos_[place].seq));
    out.batch.clear();
    out.compacts.clear();
    out.subjects.texts.clear();
    out.subjects.codes.clear();
    const bool columns = stored.info.kind == BatchKind::columns;
    GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), out.batch,
                                  columns ? &out.subjects : nullptr));
    out.currencies.clear();
    count_currencies(out.batch.events, out.currencies);
    compactor.compact_all(out.batch.events, static_cast<std::uint32_t>(first_ordinal_[place]),
                          columns ? &out.subjects : nullptr, out.compacts);
    return {};
  }

  EngineCore& core_;
  Dictionary& subjects_;
  Currency brand_;
  std::span<const BatchInfo> infos_;
  std::vector<std::uint64_t> first_ordinal_;
  std::size_t window_;
  Spares<Decoded> spares_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable room_;
  std::vector<std::unique_ptr<Decoded>> slots_;
  std::size_t started_ = 0;
  std::size_t taken_ = 0;
  bool stopped_ = false;
  std::vector<std::jthread> workers_;
};

Result<Currency> currency_of_first(EngineCore& core) {
  GUANXI_TRY(reader, core.reader());
  GUANXI_TRY(stored, reader.read(1));
  EventBatch batch;
  GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
  CurrencyCounts counts;
  count_currencies(batch.events, counts);
  return main_currency(counts);
}

/// Puts decoded batches into an image: staged, so that everyone is folded afterwards, or live,
/// where what comes is little and everyone is folded already.
///
/// Place       replay().
/// Threads     One owner.
class Placing {
 public:
  Placing(EngineCore& core, Image& image, const OrdinalIndex& ordinals, bool live)
      : core_(core), image_(image), ordinals_(ordinals) {
    if (!live) {
      loader_.emplace(image.begin_bulk());
    }
  }

  Result<void> place(Decoded& decoded, ReplayOutcome& outcome) {
    leave_out_erased(decoded, outcome);
    const auto refs = finder_.people_of(image_, decoded.batch.events);
    for (std::size_t i = 0; i < refs.size(); ++i) {
      const bool nobody = refs[i] == PeopleFinder::kNobodyRef;
      if (loader_ && nobody) {
        loader_->push_nobody(decoded.compacts[i]);
      } else if (loader_) {
        loader_->push(refs[i], decoded.compacts[i]);
      } else if (nobody) {
        image_.add_nobody(decoded.compacts[i]);
      } else {
        people_.push_back(refs[i]);
        events_.push_back(decoded.compacts[i]);
      }
    }
    return loader_ ? Result<void>() : add_live();
  }

  Result<void> finish() {
    if (loader_) {
      core_.board->phase("place", "blocks", 0);
      loader_->finish(core_.threads, [this](std::uint64_t done, std::uint64_t all) {
        core_.board->update(done, all);
      });
    }
    return settle_people(core_, image_, ordinals_, !loader_);
  }

 private:
  void leave_out_erased(Decoded& decoded, ReplayOutcome& outcome) const {
    if (core_.erased.empty()) {
      return;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < decoded.batch.events.size(); ++i) {
      if (core_.erased.concerns(decoded.batch.events[i])) {
        ++outcome.erased_met;
        continue;
      }
      decoded.batch.events[kept] = decoded.batch.events[i];
      decoded.compacts[kept] = decoded.compacts[i];
      ++kept;
    }
    decoded.batch.events.resize(kept);
    decoded.compacts.resize(kept);
  }

  Result<void> add_live() {
    outcomes_.resize(events_.size());
    image_.add_all(people_, events_, outcomes_);
    people_.clear();
    events_.clear();
    return settle_people(core_, image_, ordinals_, true);
  }

  EngineCore& core_;
  Image& image_;
  const OrdinalIndex& ordinals_;
  std::optional<BulkLoader> loader_;
  PeopleFinder finder_;
  std::vector<PersonRef> people_;
  std::vector<CompactEvent> events_;
  std::vector<Added> outcomes_;
};

// Lines as event_json.hpp writes them: whatever the log holds was admitted, so none is refused.
Result<void> decode_lines(const BatchInfo& info, std::string_view payload, EventBatch& out) {
  Decoder decoder;
  std::vector<Refusal> refused;
  DecodeContext context;
  context.source = "log";
  context.own_export = true;
  for (std::size_t at = 0; at < payload.size();) {
    const std::size_t end = std::min(payload.find('\n', at), payload.size());
    ++context.line;
    decoder.decode_json(payload.substr(at, end - at), context, out, refused);
    at = end + 1;
  }
  if (!refused.empty()) {
    return fail(ErrorCode::corrupted,
                "batch " + std::to_string(info.seq) +
                    " of the event log holds a line that is no event: " + refused.front().reason);
  }
  return {};
}

}  // namespace

Result<void> decode_stored(const BatchInfo& info, std::string payload, EventBatch& out,
                           BatchSubjects* subjects) {
  if (info.kind == BatchKind::columns) {
    GUANXI_TRY_VOID(adopt_batch(std::move(payload), out, subjects));
  } else if (info.kind == BatchKind::json_lines) {
    GUANXI_TRY_VOID(decode_lines(info, payload, out));
  } else {
    return fail(ErrorCode::corrupted, "batch " + std::to_string(info.seq) +
                                          " of the event log is of a kind that this Guanxi does "
                                          "not know");
  }
  if (out.events.size() != info.events) {
    return fail(ErrorCode::corrupted, "batch " + std::to_string(info.seq) +
                                          " of the event log has " +
                                          std::to_string(out.events.size()) + " events, not " +
                                          std::to_string(info.events));
  }
  return {};
}

namespace {

Result<void> read_batches(EngineCore& core, Image& image, std::span<const BatchInfo> infos,
                          const OrdinalIndex& ordinals, ReplayOutcome& outcome) {
  std::uint64_t total = 0;
  for (const BatchInfo& info : infos) {
    total += info.events;
  }
  core.board->phase("read", "events", total);
  outcome.folded = image.folded() && total <= core.options.tail_live_most;
  Placing placing(core, image, ordinals, outcome.folded);
  {
    BatchDecoder decoder(core, image.subjects(), outcome.brand, infos, ordinals.total() - total);
    std::uint64_t done = 0;
    for (const BatchInfo& info : infos) {
      std::unique_ptr<Decoded> decoded = decoder.take();
      if (decoded->error) {
        return Unexpected{*decoded->error};
      }
      GUANXI_TRY_VOID(placing.place(*decoded, outcome));
      for (const auto& [code, count] : decoded->currencies) {
        outcome.currencies[code] += count;
      }
      decoder.give_back(std::move(decoded));
      done += info.events;
      core.board->update(done, total);
    }
  }
  return placing.finish();
}

}  // namespace

Result<ReplayOutcome> replay(EngineCore& core, Image& image, Currency brand, const Resumed& from) {
  ReplayOutcome outcome;
  outcome.currencies = from.currencies;
  std::vector<BatchInfo> infos;
  {
    GUANXI_TRY(reader, core.reader());
    GUANXI_TRY(found, reader.batches());
    infos = std::move(found);
    GUANXI_TRY_VOID(recall_decisions(core, reader, image, from.decision));
  }
  OrdinalIndex ordinals;
  for (const BatchInfo& info : infos) {
    outcome.batch_events.push_back(info.events);
    ordinals.add(info.events);
  }
  if (!brand.named() && !infos.empty() && from.batches == 0) {
    GUANXI_TRY(first, currency_of_first(core));
    brand = first;
  }
  outcome.brand = brand;
  GUANXI_TRY_VOID(read_batches(core, image, std::span<const BatchInfo>(infos).subspan(from.batches),
                               ordinals, outcome));
  return outcome;
}

Result<void> recall_recent(EngineCore& core) {
  constexpr std::uint64_t kRecalledMost = 1'000'000;
  GUANXI_TRY(reader, core.reader());
  const Instant now = core.clock.now();
  const std::int64_t since_s = now.seconds - RecentIds::kDays * 86'400;
  std::uint64_t recalled = 0;
  std::vector<EventBatch> batches;  // the latest first
  for (std::uint64_t seq = core.log->last_seq(); seq > 0 && recalled < kRecalledMost; --seq) {
    GUANXI_TRY(stored, reader.read(seq));
    EventBatch batch;
    GUANXI_TRY_VOID(decode_stored(stored.info, std::move(stored.payload), batch, nullptr));
    if (!batch.empty() && batch.events.back().received_at.seconds < since_s) {
      break;
    }
    recalled += batch.size();
    batches.push_back(std::move(batch));
  }
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
    for (const Event& event : batch->events) {
      static_cast<void>(core.recent.see(event.id_hash, content_of(event), now));
    }
  }
  return {};
}

}  // namespace guanxi
