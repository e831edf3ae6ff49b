#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/check.hpp"
#include "base/sorted.hpp"
#include "people/hot_people.hpp"
#include "people/image.hpp"
#include "people/sort_cache.hpp"
#include "relationship/encounter.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

/// Events of several timelines on their way onto one.
///
/// Place       Image::Resettling.
/// Invariants  Each run is in canonical order without repeats.
/// Threads     One owner.
struct Gathered {
  std::vector<std::vector<CompactEvent>> runs;

  // Whether some identity stands in two runs.
  [[nodiscard]] bool repeats() const {
    if (runs.size() < 2) {
      return false;
    }
    const auto longest = std::max_element(
        runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    std::unordered_set<std::uint64_t> seen;
    for (auto run = runs.begin(); run != runs.end(); ++run) {
      for (const CompactEvent& event : *run) {
        if (run != longest && !seen.insert(event.id_hash()).second) {
          return true;
        }
      }
    }
    return std::any_of(longest->begin(), longest->end(),
                       [&](const CompactEvent& event) { return seen.count(event.id_hash()) != 0; });
  }

  // All events in canonical order; the first of each identity to arrive stays, `dropped` takes the
  // others.
  [[nodiscard]] std::vector<CompactEvent> united(std::vector<CompactEvent>& dropped) {
    const bool any = repeats();
    std::vector<CompactEvent> all;
    for (const std::vector<CompactEvent>& run : runs) {
      all.insert(all.end(), run.begin(), run.end());
    }
    if (any) {
      std::sort(all.begin(), all.end(), [](const CompactEvent& a, const CompactEvent& b) {
        return a.id_hash() != b.id_hash() ? a.id_hash() < b.id_hash() : a.ordinal() < b.ordinal();
      });
      std::size_t kept = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (kept > 0 && all[kept - 1].id_hash() == all[i].id_hash()) {
          dropped.push_back(all[i]);
        } else {
          all[kept++] = all[i];
        }
      }
      all.resize(kept);
    }
    const auto in_order = [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); };
    if (!std::is_sorted(all.begin(), all.end(), in_order)) {
      std::sort(all.begin(), all.end(), in_order);
    }
    return all;
  }
};

}  // namespace

/// One settling of people, from what identity says to timelines and folds.
///
/// Place       Image::settle_people().
/// Invariants  People keep their numbers until close_gaps(), which is last.
/// Threads     The image's writer.
class Image::Resettling {
 public:
  Resettling(Image& image, bool fold) : image_(image), fold_(fold && image.model_ != nullptr) {}

  Result<Resettled> run(const EventNames& names) {
    const std::uint32_t before = image_.identity_.people();
    moves_ = image_.identity_.settle();
    if (moves_.empty()) {
      return done_;
    }
    for (std::uint32_t number = before; number < image_.identity_.people(); ++number) {
      image_.add_row(number);
      concerned_.push_back(number);
    }
    for (const Regrouping::Move& move : moves_.moves) {
      concerned_.push_back(move.from);
      if (move.to != Identity::kNobody) {
        concerned_.push_back(move.to);
      }
    }
    sort_unique(concerned_);
    done_.moved_people = moves_.moves.size();
    take_gifts_back();
    gather();
    GUANXI_TRY_VOID(gather_by_event(names));
    place();
    renew_referrals();
    give_gifts();
    close_gaps();
    if (fold_) {
      sort_unique(changed_);
      for (const std::uint32_t number : changed_) {
        image_.fold_changed(number);
      }
    }
    return done_;
  }

 private:
  [[nodiscard]] bool is_concerned(std::uint32_t number) const {
    return std::binary_search(concerned_.begin(), concerned_.end(), number);
  }

  // Takes back what people concerned gave to others; what they got is left behind by gather().
  void take_gifts_back() {
    for (const std::uint32_t giver : concerned_) {
      if (!fold_) {
        return;
      }
      for (const Gift& gift : image_.gifts_of(giver)) {
        if (!is_concerned(gift.receiver)) {
          image_.take_gift(gift);
          changed_.push_back(gift.receiver);
        }
      }
    }
  }

  [[nodiscard]] std::vector<CompactEvent> own_events(std::uint32_t number) {
    std::vector<CompactEvent> own;
    for (const CompactEvent& event : image_.timeline_of(number).events()) {
      if (event.has(kDerived)) {
        --image_.derived_events_;
      } else {
        own.push_back(event);
      }
    }
    image_.own_events_ -= own.size();
    return own;
  }

  void gather() {
    std::unordered_map<std::uint32_t, const Regrouping::Move*> move_of;
    for (const Regrouping::Move& move : moves_.moves) {
      move_of.emplace(move.from, &move);
    }
    for (const std::uint32_t number : concerned_) {
      std::vector<CompactEvent> own = own_events(number);
      const auto move = move_of.find(number);
      if (move != move_of.end() && move->second->by_event) {
        by_event_.insert(by_event_.end(), own.begin(), own.end());
        continue;
      }
      const std::uint32_t to = move == move_of.end() ? number : move->second->to;
      if (!own.empty()) {
        GUANXI_CHECK(to != Identity::kNobody, "events are somebody's");
        onto_[to].runs.push_back(std::move(own));
      }
    }
  }

  Result<void> gather_by_event(const EventNames& names) {
    if (by_event_.empty()) {
      return {};
    }
    for (std::size_t i = by_event_.size(); i > 0; --i) {
      const auto [first, last] = image_.repeats_.equal_range(by_event_[i - 1].id_hash());
      for (auto repeat = first; repeat != last; ++repeat) {
        by_event_.push_back(repeat->second);
        revived_ = true;
      }
      image_.repeats_.erase(first, last);
    }
    std::sort(by_event_.begin(), by_event_.end(), [](const CompactEvent& a, const CompactEvent& b) {
      return a.ordinal() < b.ordinal();
    });
    std::vector<std::uint32_t> ordinals;
    for (const CompactEvent& event : by_event_) {
      ordinals.push_back(event.ordinal());
    }
    done_.read_events = ordinals.size();
    if (!names) {
      return fail(ErrorCode::invalid, "people part, and nothing tells whose their events are");
    }
    std::unordered_map<std::uint32_t, std::vector<CompactEvent>> runs;
    GUANXI_TRY_VOID(names(ordinals, [&](std::size_t place, const ExternalId& id) {
      const std::uint32_t person = image_.identity_.find(id);
      GUANXI_CHECK(person != Identity::kNobody, "an id that an event is of names somebody");
      runs[person].push_back(by_event_[place]);
    }));
    for (const std::uint32_t number : concerned_) {
      const auto run = runs.find(number);
      if (run == runs.end()) {
        continue;
      }
      // One run of each event, so that repeats among them are seen.
      std::vector<CompactEvent> unique;
      std::unordered_set<std::uint64_t> seen;
      for (const CompactEvent& event : run->second) {
        if (seen.insert(event.id_hash()).second) {
          unique.push_back(event);
        } else {
          image_.repeats_.emplace(event.id_hash(), event);
        }
      }
      onto_[number].runs.push_back(std::move(unique));
      runs.erase(run);
    }
    GUANXI_CHECK(runs.empty(), "events stay with the people concerned");
    return {};
  }

  void place() {
    std::vector<CompactEvent> dropped;
    for (const std::uint32_t number : concerned_) {
      Shard& home = image_.shards_[number % image_.shards()];
      const auto onto = onto_.find(number);
      const std::vector<CompactEvent> events =
          onto == onto_.end() ? std::vector<CompactEvent>() : onto->second.united(dropped);
      home.store.assign(home.timelines[number / image_.shards()], events);
      image_.own_events_ += events.size();
      image_.hot_->forget(number);
      changed_.push_back(number);
      onto_.erase(number);
    }
    std::erase_if(image_.credited_, [&](std::uint32_t number) { return is_concerned(number); });
    for (const CompactEvent& event : dropped) {
      image_.repeats_.emplace(event.id_hash(), event);
    }
  }

  void renew_referrals() {
    const auto gone = std::erase_if(
        image_.referrals_, [&](const Referral& referral) { return is_concerned(referral.person); });
    if (gone == 0 && !revived_) {
      return;
    }
    std::vector<Referral> now;
    for (const std::uint32_t number : concerned_) {
      for (const CompactEvent& event : image_.timeline_of(number).events()) {
        if (is_referral(event)) {
          now.push_back(Referral{event.subject(), number});
        }
      }
    }
    image_.note_referrals(std::move(now));
  }

  // What people concerned give now, and what they get from others.
  void give_gifts() {
    if (!fold_) {
      return;
    }
    std::vector<std::uint32_t> givers = concerned_;
    for (const std::uint32_t number : concerned_) {
      if (std::binary_search(moves_.emptied.begin(), moves_.emptied.end(), number)) {
        continue;
      }
      image_.identity_.for_each_id(number, [&](const ExternalId& id) {
        for (const std::uint32_t subject : image_.subjects_naming(id)) {
          for (const std::uint32_t giver : image_.people_naming(subject)) {
            givers.push_back(giver);
          }
        }
      });
    }
    sort_unique(givers);
    for (const std::uint32_t giver : givers) {
      for (const Gift& gift : image_.gifts_of(giver)) {
        if (is_concerned(giver) || is_concerned(gift.receiver)) {
          image_.place_gift(gift);
          changed_.push_back(gift.receiver);
        }
      }
    }
  }

  void close_gaps() {
    std::unordered_map<std::uint32_t, std::uint32_t> now;
    for (const auto& [from, to] : image_.identity_.close_gaps(moves_.emptied)) {
      image_.move_row(from, to);
      image_.hot_->forget(from);
      image_.hot_->forget(to);
      now[from] = to;
    }
    const std::uint32_t people = image_.identity_.people();
    for (std::uint32_t shard = 0; shard < image_.shards(); ++shard) {
      const std::uint32_t rows = (people + image_.shards() - 1 - shard) / image_.shards();
      Shard& home = image_.shards_[shard];
      home.timelines.resize(rows);
      home.states.resize(rows);
      home.columns.resize(rows);
    }
    const auto renumber = [&](std::uint32_t& number) {
      const auto moved = now.find(number);
      number = moved == now.end() ? number : moved->second;
    };
    if (!now.empty()) {
      for (Referral& referral : image_.referrals_) {
        renumber(referral.person);
      }
      std::sort(image_.referrals_.begin(), image_.referrals_.end());
      std::for_each(image_.credited_.begin(), image_.credited_.end(), renumber);
      std::sort(image_.credited_.begin(), image_.credited_.end());
    }
    std::erase_if(changed_, [&](std::uint32_t number) {
      return std::binary_search(moves_.emptied.begin(), moves_.emptied.end(), number);
    });
    std::for_each(changed_.begin(), changed_.end(), renumber);
    ++image_.version_;
    ++image_.people_version_;
    image_.sort_cache_->clear();
  }

  Image& image_;
  bool fold_;
  Regrouping moves_;
  Resettled done_;
  std::vector<std::uint32_t> concerned_;  ///< sorted: whose events may change
  std::vector<std::uint32_t> changed_;    ///< to be folded
  std::vector<CompactEvent> by_event_;    ///< of people who part
  bool revived_ = false;
  std::unordered_map<std::uint32_t, Gathered> onto_;
};

Result<Resettled> Image::settle_people(const EventNames& names, bool fold) {
  if (!identity_.unsettled()) {
    return Resettled{};
  }
  Resettling settling(*this, fold);
  return settling.run(names);
}

}  // namespace guanxi
