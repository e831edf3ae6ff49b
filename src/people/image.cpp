#include "people/image.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"
#include "people/hot_people.hpp"
#include "people/people_classes.hpp"
#include "people/people_values.hpp"
#include "people/sort_cache.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

constexpr std::uint32_t kPeoplePerItem = 2048;
constexpr std::size_t kFirstRows = 16;

}  // namespace

bool same_content(const CompactEvent& a, const CompactEvent& b) {
  return a.occurred_s() == b.occurred_s() && same_message(a, b);
}

bool same_message(const CompactEvent& a, const CompactEvent& b) {
  return a.id_hash() == b.id_hash() && a.order_ref() == b.order_ref() &&
         a.subject() == b.subject() && a.kind() == b.kind() && a.flags() == b.flags() &&
         a.quantity() == b.quantity() && a.amount_minor() == b.amount_minor();
}

Image::Image(std::uint32_t shards)
    : shards_(std::bit_ceil(std::max(1U, shards))),
      shard_bits_(static_cast<unsigned>(std::countr_zero(shards_.size()))),
      nobody_(kNobodyParts),
      memory_(std::make_unique<FoldMemory>()),
      hot_(std::make_unique<HotPeople>()),
      sort_cache_(std::make_unique<SortCache>()) {}

Image::~Image() = default;

void Image::set_next_needs(std::shared_ptr<const NextNeeds> needs) {
  next_needs_ = std::move(needs);
  ++version_;
  sort_cache_->clear();
}

Timeline& Image::timeline_of(std::uint32_t number) {
  return shards_[number % shards()].timelines[number / shards()];
}

const Timeline& Image::timeline_of(std::uint32_t number) const {
  return shards_[number % shards()].timelines[number / shards()];
}

std::uint32_t Image::people(std::uint32_t shard) const {
  return static_cast<std::uint32_t>(shards_[shard].timelines.size());
}

// Who.

std::optional<PersonRef> Image::find(const ExternalId& id) const {
  const std::uint32_t number = identity_.find(id);
  return number == Identity::kNobody ? std::nullopt : std::optional(ref_of(number));
}

// Shards fill evenly, so each grows by another share: or they would all grow at once, and whoever
// came then would wait for it.
void Image::Shard::make_room_for_one(std::size_t number) {
  const std::size_t rows = timelines.size();
  if (rows < timelines.capacity()) {
    return;
  }
  const std::size_t room = std::max(kFirstRows, rows + rows / 2 + rows / 32 * (number % 16));
  timelines.reserve(room);
  states.reserve(room);
  columns.reserve(room);
}

// The row of a person who has come. REQUIRES number is one more than the last.
void Image::add_row(std::uint32_t number) {
  Shard& home = shards_[number % shards()];
  home.make_room_for_one(number % shards());
  home.timelines.emplace_back();
  home.states.push_back(blank_state_);
  home.columns.resize(home.timelines.size());
  home.columns.set(home.timelines.size() - 1, blank_reading_, blank_state_);
  if (values_ != nullptr) {
    values_->forget(number);
  }
  if (classes_ != nullptr) {
    classes_->forget(number);
  }
  ++version_;
  ++people_version_;
}

PersonRef Image::find_or_add(const ExternalId& id) {
  const std::uint32_t known = identity_.people();
  const std::uint32_t number = identity_.find_or_add(id);
  if (number == known) {
    add_row(number);
    greet_id(id);
  }
  return ref_of(number);
}

void Image::find_or_add(std::span<const ExternalId> ids, std::span<PersonRef> refs) {
  std::vector<std::uint32_t> numbers(ids.size());
  identity_.find_named(ids, numbers);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    refs[i] = numbers[i] == Identity::kNobody ? find_or_add(ids[i]) : ref_of(numbers[i]);
  }
}

PersonRef Image::identify(const ExternalId& id, const ExternalId& also_known_as,
                          const LinkEvidence& evidence) {
  if (also_known_as.value.empty() || also_known_as == id) {
    return find_or_add(id);
  }
  const std::uint32_t known = identity_.people();
  const bool fresh = identity_.find(id) == Identity::kNobody;
  const bool other_fresh = identity_.find(also_known_as) == Identity::kNobody;
  const std::uint32_t number = identity_.identify(id, also_known_as, evidence);
  if (number == known) {
    add_row(number);
  }
  for (const auto& [come, name] : {std::pair(fresh, id), std::pair(other_fresh, also_known_as)}) {
    if (come && identity_.find(name) != Identity::kNobody) {
      ++version_;
      ++people_version_;
      greet_id(name);
    }
  }
  return ref_of(number);
}

void Image::decide(const IdDecision& decision) { identity_.decide(decision); }

std::string Image::id_text(PersonRef person) const {
  return to_string(identity_.primary(number_of(person)));
}

std::vector<std::string> Image::ids(PersonRef person) const {
  return identity_.ids(number_of(person));
}

// What.

std::span<const CompactEvent> Image::timeline(PersonRef person) const {
  return shards_[person.shard].timelines[person.index].events();
}

const State& Image::state(PersonRef person) const {
  return shards_[person.shard].states[person.index];
}

std::uint64_t Image::nobody_events() const {
  std::uint64_t count = 0;
  for (const std::vector<CompactEvent>& part : nobody_) {
    count += part.size();
  }
  return count;
}

const Model& Image::model() const {
  GUANXI_CHECK(model_ != nullptr, "a model is there once everyone has been folded");
  return *model_;
}

// Writing.

Added Image::add_nobody(const CompactEvent& event) {
  std::vector<CompactEvent>& part = nobody_[event.id_hash() >> 54U];
  const auto found = std::lower_bound(
      part.begin(), part.end(), event.id_hash(),
      [](const CompactEvent& there, std::uint64_t id_hash) { return there.id_hash() < id_hash; });
  if (found != part.end() && found->id_hash() == event.id_hash()) {
    return same_message(*found, event) ? Added::duplicate : Added::conflict;
  }
  part.insert(found, event);
  ++version_;
  return Added::added;
}

void Image::loaded(std::vector<Referral> referrals, std::uint32_t last_event_s) {
  hot_->clear();
  note_referrals(std::move(referrals));
  last_event_s_ = std::max(last_event_s_, last_event_s);
  std::uint64_t held = 0;
  for (Shard& shard : shards_) {
    shard.timelines.shrink_to_fit();
    shard.states.shrink_to_fit();
    shard.columns.fit();
    for (const Timeline& timeline : shard.timelines) {
      held += timeline.size;
    }
  }
  own_events_ = held - derived_events_;
  identity_.fit();
  ++version_;
}

void Image::fold_one(std::uint32_t number, FoldMemory& memory) {
  Shard& shard = shards_[number % shards()];
  const std::uint32_t row = number / shards();
  State& state = shard.states[row];
  const Reading reading =
      fold_reading(shard.timelines[row].events(), *model_, as_of_, memory, &state);
  shard.columns.set(row, reading, state);
}

void Image::fold_everyone(unsigned threads, const Progress& progress) {
  std::vector<PersonRef> items;
  for (std::uint32_t shard = 0; shard < shards(); ++shard) {
    for (std::uint32_t index = 0; index < people(shard); index += kPeoplePerItem) {
      items.push_back(PersonRef{shard, index});
    }
  }
  std::vector<FoldMemory> memories(threads);
  for_each_item(
      items.size(), threads,
      [&](unsigned worker, std::size_t item) {
        const PersonRef first = items[item];
        const std::uint32_t end = std::min(people(first.shard), first.index + kPeoplePerItem);
        for (std::uint32_t index = first.index; index < end; ++index) {
          fold_one(number_of(PersonRef{first.shard, index}), memories[worker]);
        }
      },
      progress);
}

void Image::refold(const Model& active, Day as_of, unsigned threads, const Progress& progress) {
  const unsigned workers = threads == 0 ? default_threads() : threads;
  if (model_.get() != &active) {
    model_ = std::make_unique<const Model>(active);
  }
  as_of_ = as_of;
  hot_->clear();
  blank_reading_ = fold_reading({}, *model_, as_of_, *memory_, &blank_state_);
  renew_gifts(workers);
  for_each_item(shards_.size(), workers, [&](unsigned, std::size_t shard) {
    shards_[shard].store.settle(shards_[shard].timelines);
  });
  fold_everyone(workers, progress);
  ++version_;
}

void Image::show_values(std::unique_ptr<PeopleValues> values) {
  values_ = std::move(values);
  ++version_;
}

void Image::show_classes(std::unique_ptr<PeopleClasses> classes) {
  classes_ = std::move(classes);
  ++version_;
}

MemoryUse Image::memory() const {
  MemoryUse use;
  use.events = own_events_ + derived_events_;
  use.nobody_events = nobody_events();
  use.people = people();
  for (const Shard& shard : shards_) {
    use.event_bytes += shard.store.bytes();
    use.person_bytes += shard.timelines.capacity() * sizeof(Timeline) +
                        shard.states.capacity() * sizeof(State) + shard.columns.bytes();
  }
  for (const std::vector<CompactEvent>& part : nobody_) {
    use.nobody_bytes += part.capacity() * sizeof(CompactEvent);
  }
  use.person_bytes += identity_.bytes() + referrals_.capacity() * sizeof(Referral) +
                      credited_.capacity() * sizeof(std::uint32_t);
  constexpr std::size_t kNodeBytes = 48;  // of a tree, beside what it holds
  use.event_bytes += repeats_.size() * (sizeof(CompactEvent) + kNodeBytes);
  use.person_bytes += values_ == nullptr ? 0 : values_->bytes();
  use.person_bytes += classes_ == nullptr ? 0 : classes_->bytes();
  use.subject_bytes = subjects_.bytes();
  use.cache_bytes = sort_cache_->bytes() + hot_->warm().bytes();
  return use;
}

double MemoryUse::bytes_per_event() const {
  const std::uint64_t all = events + nobody_events;
  return all == 0 ? 0 : static_cast<double>(event_bytes + nobody_bytes) / static_cast<double>(all);
}

double MemoryUse::bytes_per_person() const {
  return people == 0 ? 0 : static_cast<double>(person_bytes) / static_cast<double>(people);
}

}  // namespace guanxi
