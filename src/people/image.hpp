#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "events/event.hpp"
#include "people/dictionary.hpp"
#include "people/identity.hpp"
#include "people/parallel.hpp"
#include "people/timeline_store.hpp"
#include "relationship/fold.hpp"
#include "relationship/stance.hpp"

namespace guanxi {

/// A person's place in the image. Not stable across restarts or erasures, and never shown;
/// external ids are.
struct PersonRef {
  std::uint32_t shard = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(const PersonRef&, const PersonRef&) = default;
};

/// A day in two bytes: its number plus one; 0 is no day. Holds every day an event can have.
using SmallDay = std::uint16_t;
[[nodiscard]] constexpr SmallDay small_day(Day day) {
  return day.number < 0 || day.number >= UINT16_MAX ? SmallDay{0}
                                                    : static_cast<SmallDay>(day.number + 1);
}
[[nodiscard]] constexpr Day day_of(SmallDay day) { return day == 0 ? kNoDay : Day{day - 1}; }

/// Columns over the people of one shard, as of one day (Image::as_of): what lists, counts, segments
/// and SQL read first. Row i is the person with index i. What is not here stands in State.
struct Columns {
  std::vector<std::uint8_t> tier;
  std::vector<std::uint8_t> velocity;
  std::vector<std::uint32_t> index_milli;                        ///< 0..100,000
  std::vector<std::uint16_t> trust;                              ///< ten-thousandths
  std::vector<std::uint16_t> uncertainty;                        ///< ten-thousandths
  std::vector<std::uint16_t> depth;                              ///< ten-thousandths
  std::array<std::vector<std::uint16_t>, kDimensions> depth_of;  ///< ten-thousandths
  std::vector<std::uint32_t> orders;                             ///< completed
  std::vector<std::int64_t> spent_minor;                         ///< returns taken off
  std::vector<SmallDay> first_day;                               ///< of their first event
  std::vector<SmallDay> last_order_day;
  std::vector<SmallDay> tier_since;
  std::vector<std::uint8_t> stance;  ///< Stance bits

  void resize(std::size_t rows);
  void reserve(std::size_t rows);
  /// Gives back what growth keeps in hand.
  void fit();
  /// Row `to` of `target` (which may be this) becomes row `from` of this.
  void move_row(std::size_t from, std::size_t to, Columns& target) const;
  void set(std::size_t row, const Reading& reading, const State& state);
  /// set() of a row where set() of `shown` and `was` stands: writes what differs.
  void change(std::size_t row, const Reading& reading, const State& state, const Reading& shown,
              const State& was);
  [[nodiscard]] std::size_t rows() const { return tier.size(); }
  [[nodiscard]] std::size_t bytes() const;
};

/// Whether two events are the same in all but their place in the log.
[[nodiscard]] bool same_content(const CompactEvent& a, const CompactEvent& b);
/// The same in all but their time besides: a retry may come with its time corrected otherwise.
[[nodiscard]] bool same_message(const CompactEvent& a, const CompactEvent& b);

/// What became of an event offered to the image.
enum class Added : std::uint8_t {
  added,
  duplicate,  ///< the same event was there already
  conflict    ///< an event of the same identity but other content was: the one there stays
};

/// What a bulk load came to.
struct BulkOutcome {
  std::uint64_t offered = 0;
  std::uint64_t added = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
};

/// Real bytes held, measured where they are held.
struct MemoryUse {
  std::uint64_t events = 0;       ///< with a person, derived credits included
  std::uint64_t event_bytes = 0;  ///< of their timelines
  std::uint64_t nobody_events = 0;
  std::uint64_t nobody_bytes = 0;
  std::uint64_t people = 0;
  std::uint64_t person_bytes = 0;   ///< identity, timeline heads, states, columns
  std::uint64_t subject_bytes = 0;  ///< texts of products, staff ...
  std::uint64_t cache_bytes = 0;    ///< sort orders, people heard of lately
  [[nodiscard]] double bytes_per_event() const;
  [[nodiscard]] double bytes_per_person() const;
};

/// Tells whose the events at some places of the log are: calls `visit` once for each, with the id
/// that the event itself names. Ordinals rise.
using EventNames = std::function<Result<void>(
    std::span<const std::uint32_t> ordinals,
    const std::function<void(std::size_t place, const ExternalId& person)>& visit)>;

/// What settling people came to.
struct Resettled {
  std::uint64_t moved_people = 0;  ///< whose events became another's, or several people's
  std::uint64_t read_events = 0;   ///< that had to be asked for in the log
};

class BulkLoader;
class FoldMemory;
class HotPeople;
class ImageParts;
class PeopleClasses;
class NextNeeds;
class SortCache;
struct PeopleValues;

/// Everyone the brand knows, live in memory: who they are, their timelines, where they stand.
///
/// Place       One per engine. Import, replay and the live door write; surveys, SQL, lists read.
/// Invariants  A timeline is in canonical order without repeats: the first to arrive (the smallest
///             ordinal) stays. Derived credits on it are those that the people they brought give
///             now. After refold(), states and columns are the fold of every timeline through
///             as_of() under model(); add() keeps that true.
///             Once settled, people are those of resolve_people() over all links and decisions,
///             and an event is its person's whom the id that it names itself names now.
///             Nothing readable depends on shards, threads or the order of arrival, except
///             PersonRefs, dictionary numbers and which of two conflicting events came first.
/// Threads     Readers together, or one writer alone (the engine's lock). Dictionary: any thread.
class Image {
 public:
  static constexpr std::uint32_t kNobodyParts = 1024;
  using Added = guanxi::Added;

  /// `shards` is rounded up to a power of two.
  explicit Image(std::uint32_t shards = 16);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  // Who.
  [[nodiscard]] std::optional<PersonRef> find(const ExternalId& id) const;
  PersonRef find_or_add(const ExternalId& id);
  /// Many at once, several times faster. REQUIRES refs.size() == ids.size(), no empty ids.
  void find_or_add(std::span<const ExternalId> ids, std::span<PersonRef> refs);
  /// The person of an event that names them twice: that of `id`. What the link means for others is
  /// seen by settle_people(). An empty `also_known_as` is left out. `evidence` is the event.
  PersonRef identify(const ExternalId& id, const ExternalId& also_known_as,
                     const LinkEvidence& evidence);
  /// Takes a decision about who is who in; settle_people() carries it out.
  void decide(const IdDecision& decision);
  /// Whether links or decisions have come that settle_people() has not seen.
  [[nodiscard]] bool people_unsettled() const { return identity_.unsettled(); }
  /// "user:13085": the primary id; and all of them, sorted.
  [[nodiscard]] std::string id_text(PersonRef person) const;
  [[nodiscard]] std::vector<std::string> ids(PersonRef person) const;
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] std::uint32_t number_of(PersonRef person) const {
    return person.index << shard_bits_ | person.shard;
  }
  [[nodiscard]] PersonRef ref_of(std::uint32_t number) const {
    return PersonRef{number & (shards() - 1), number >> shard_bits_};
  }

  // What.
  /// In canonical order, derived credits included. Valid until the next change.
  [[nodiscard]] std::span<const CompactEvent> timeline(PersonRef person) const;
  [[nodiscard]] const State& state(PersonRef person) const;
  /// What the person has said of the use of their data: Stance bits.
  [[nodiscard]] std::uint8_t stance(PersonRef person) const {
    return shards_[person.shard].columns.stance[person.index];
  }
  /// Whether the person is only stored: no list, count or table but their own names them.
  [[nodiscard]] bool only_stored(PersonRef person) const {
    return (stance(person) & kRestricted) != 0;
  }
  [[nodiscard]] const Columns& columns(std::uint32_t shard) const { return shards_[shard].columns; }
  [[nodiscard]] std::uint32_t shards() const { return static_cast<std::uint32_t>(shards_.size()); }
  /// People in one shard; in all.
  [[nodiscard]] std::uint32_t people(std::uint32_t shard) const;
  [[nodiscard]] std::uint32_t people() const { return identity_.people(); }
  /// Events with a person, without derived ones; derived ones; events of nobody.
  [[nodiscard]] std::uint64_t events() const { return own_events_; }
  [[nodiscard]] std::uint64_t derived_events() const { return derived_events_; }
  [[nodiscard]] std::uint64_t nobody_events() const;
  /// Events of nobody, part by part in order of id_hash. REQUIRES part < kNobodyParts.
  [[nodiscard]] std::span<const CompactEvent> nobody(std::uint32_t part) const {
    return nobody_[part];
  }
  /// The people who say that this one brought them, in order of their ids.
  [[nodiscard]] std::vector<PersonRef> referred_by(PersonRef person) const;
  /// Who brought this person (the first referral counts), when known.
  [[nodiscard]] std::optional<PersonRef> referrer_of(PersonRef person) const;
  /// Everyone whom somebody brought, and by whom: numbers, in order of the first.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, std::uint32_t>> bringers() const;
  [[nodiscard]] Dictionary& subjects() { return subjects_; }
  [[nodiscard]] const Dictionary& subjects() const { return subjects_; }
  /// The latest moment of any event with a person; 0 without any.
  [[nodiscard]] Instant last_event_at() const { return Instant{last_event_s_}; }

  // Writing.
  /// The live path: puts the event in its place, folds that person again, and credits whoever
  /// brought them. Cost: one fold of the timeline.
  Added add(PersonRef person, const CompactEvent& event);
  /// Many, in order of arrival; everyone concerned is folded once, at the end. What came of
  /// events[i] is outcomes[i]. REQUIRES all spans of one size.
  void add_all(std::span<const PersonRef> people, std::span<const CompactEvent> events,
               std::span<Added> outcomes);
  Added add_nobody(const CompactEvent& event);
  /// Makes people what links and decisions say: unites timelines, and parts them by what their
  /// events name. Call it after the events of links have been added, and after a bulk load is
  /// finished; until then people may be apart who are one. PersonRefs change. `fold`: everyone
  /// concerned is folded and credits are carried over; else a refold() must follow.
  /// Errors: those of `names`; then the image must be read again.
  Result<Resettled> settle_people(const EventNames& names, bool fold);
  /// Import and replay: push, then finish, then settle_people(), then refold().
  [[nodiscard]] BulkLoader begin_bulk();
  /// Folds everyone through the close of `as_of` under `active`, derived credits first.
  /// Deterministic for any number of threads.
  void refold(const Model& active, Day as_of, unsigned threads, const Progress& progress = {});
  /// Forgets a person: ids, timeline, state, their credits to others, and their name as the
  /// referrer of others (those referral events lose their subject). The PersonRef of the last
  /// person of all changes.
  void erase(PersonRef person);
  /// Forgets everyone.
  void clear();

  /// Shows what everyone is worth from now on, or nothing. REQUIRES made of this image, unchanged
  /// since.
  void show_values(std::unique_ptr<PeopleValues> values);
  /// Null before the first fit, and after clear().
  [[nodiscard]] const PeopleValues* values() const { return values_.get(); }
  /// Shows which class everyone is in from now on. REQUIRES made of this image, unchanged since.
  void show_classes(std::unique_ptr<PeopleClasses> classes);
  /// Null before the first classification, and after clear().
  [[nodiscard]] const PeopleClasses* classes() const { return classes_.get(); }

  // As of.
  /// kNoDay before the first refold().
  [[nodiscard]] Day as_of() const { return as_of_; }
  /// The active model. REQUIRES a refold() before.
  [[nodiscard]] const Model& model() const;
  [[nodiscard]] bool folded() const { return model_ != nullptr; }
  /// Rises with every change of anything readable.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Rises with every change of who is there and by which ids.
  [[nodiscard]] std::uint64_t people_version() const { return people_version_; }
  [[nodiscard]] MemoryUse memory() const;
  [[nodiscard]] SortCache& sort_cache() const { return *sort_cache_; }

  // What they need next (need_model.hpp): null until it has been worked out; gone with clear().
  [[nodiscard]] const NextNeeds* next_needs() const { return next_needs_.get(); }
  void set_next_needs(std::shared_ptr<const NextNeeds> needs);

 private:
  friend class BulkLoader;
  friend class ImageParts;  // lists every member: a new one stands in image_parts.cpp too
  struct Shard {
    std::vector<Timeline> timelines;
    std::vector<State> states;
    Columns columns;
    TimelineStore store;
    void prefetch(std::size_t row) const;
    void make_room_for_one(std::size_t number);
  };
  /// "This person says that they were brought by the one called so."
  struct Referral {
    std::uint32_t subject = 0;
    std::uint32_t person = 0;
    friend auto operator<=>(const Referral&, const Referral&) = default;
  };
  /// A derived event and whose timeline it belongs on.
  struct Gift {
    std::uint32_t receiver = 0;
    CompactEvent event;
  };

  [[nodiscard]] Timeline& timeline_of(std::uint32_t number);
  [[nodiscard]] const Timeline& timeline_of(std::uint32_t number) const;
  /// What a bulk load leaves to do once its events stand.
  void loaded(std::vector<Referral> referrals, std::uint32_t last_event_s);
  void fold_one(std::uint32_t number, FoldMemory& memory);
  void fold_changed(std::uint32_t number);
  void prefetch(std::span<const std::uint32_t> numbers) const;
  [[nodiscard]] bool may_refer(std::uint32_t number);
  Added place(std::uint32_t number, const CompactEvent& event);
  void note_referrals(std::vector<Referral> referrals);
  [[nodiscard]] std::vector<std::uint32_t> subjects_naming(const ExternalId& id) const;
  [[nodiscard]] std::vector<std::uint32_t> people_naming(std::uint32_t subject) const;
  void greet_id(const ExternalId& id);
  [[nodiscard]] std::vector<Gift> gifts_of(std::uint32_t giver) const;
  [[nodiscard]] std::vector<Gift> gifts_to(std::uint32_t subject, std::uint32_t giver,
                                           std::span<const CompactEvent> events) const;
  void exchange(const std::vector<Gift>& before, const std::vector<Gift>& after);
  void exchange(const std::vector<Gift>& before, const std::vector<Gift>& after,
                std::vector<std::uint32_t>& changed);
  void place_gift(const Gift& gift);
  void take_gift(const Gift& gift);
  [[nodiscard]] std::vector<Gift> all_gifts(unsigned threads) const;
  void renew_gifts(unsigned threads);
  void replace_derived(std::uint32_t number, std::span<const Gift> gifts);
  void fold_everyone(unsigned threads, const Progress& progress);
  [[nodiscard]] bool subject_in_use(std::uint32_t subject) const;
  void forget_referrer(std::uint32_t subject);
  void take_over(std::uint32_t last, std::uint32_t number);
  void move_row(std::uint32_t from, std::uint32_t to);
  void add_row(std::uint32_t number);
  class Resettling;
  class Givers;

  std::vector<Shard> shards_;
  unsigned shard_bits_;
  Identity identity_;
  Dictionary subjects_;
  std::vector<Referral> referrals_;      ///< sorted
  std::vector<std::uint32_t> credited_;  ///< sorted: who has derived events
  std::vector<std::vector<CompactEvent>> nobody_;
  /// Events left off a timeline because another of their identity stands there, though another id
  /// may have brought it: they come back when the two ids part. By id_hash.
  std::multimap<std::uint64_t, CompactEvent> repeats_;
  std::unique_ptr<const Model> model_;
  std::unique_ptr<FoldMemory> memory_;
  std::unique_ptr<HotPeople> hot_;
  std::unique_ptr<SortCache> sort_cache_;
  std::unique_ptr<PeopleValues> values_;
  std::unique_ptr<PeopleClasses> classes_;
  std::shared_ptr<const NextNeeds> next_needs_;
  State blank_state_;  ///< of a person without events, under the model
  Reading blank_reading_;
  Day as_of_ = kNoDay;
  std::uint64_t own_events_ = 0;
  std::uint64_t derived_events_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t people_version_ = 0;
  std::uint32_t last_event_s_ = 0;
};

/// Takes in events by the million: staged by blocks of people, then grouped, sorted, freed of
/// repeats and placed exactly, block by block in parallel.
///
/// Place       Image::begin_bulk(); import and replay push into it.
/// Invariants  The image is unchanged until finish(), except that people may be added to it.
///             The result is that of adding the events one by one in order of ordinal.
/// Threads     push() from one thread; finish() uses `threads`.
class BulkLoader {
 public:
  explicit BulkLoader(Image& image);
  ~BulkLoader();
  BulkLoader(BulkLoader&&) noexcept;
  BulkLoader& operator=(BulkLoader&&) = delete;
  BulkLoader(const BulkLoader&) = delete;
  BulkLoader& operator=(const BulkLoader&) = delete;

  void push(PersonRef person, const CompactEvent& event);
  void push_nobody(const CompactEvent& event);
  [[nodiscard]] std::uint64_t pushed() const;
  /// Places everything. Call Image::refold() afterwards. REQUIRES not called before.
  BulkOutcome finish(unsigned threads, const Progress& progress = {});

 private:
  struct Stage;
  std::unique_ptr<Stage> stage_;
};

}  // namespace guanxi
