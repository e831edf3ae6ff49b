#include "people/image_parts.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/check.hpp"
#include "people/hot_people.hpp"
#include "people/sort_cache.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi {
namespace {

using Part = ImagePart;

constexpr std::uint32_t kSlab = TimelineStore::kPeoplePerSlab;
constexpr std::size_t kSampleEventsMost = 4096;

static_assert(std::is_trivially_copyable_v<CompactEvent> && sizeof(CompactEvent) == 32);
static_assert(std::is_trivially_copyable_v<State>);

// Calls visit(piece, vector) for every column, `columns` const or not.
template <typename AnyColumns, typename Visit>
void for_each_column(AnyColumns& columns, Visit&& visit) {
  auto& [tier, velocity, index_milli, trust, uncertainty, depth, depth_of, orders, spent_minor,
         first_day, last_order_day, tier_since, stance] = columns;
  visit(0U, tier);
  visit(1U, velocity);
  visit(2U, index_milli);
  visit(3U, trust);
  visit(4U, uncertainty);
  visit(5U, depth);
  visit(6U, orders);
  visit(7U, spent_minor);
  visit(8U, first_day);
  visit(9U, last_order_day);
  visit(10U, tier_since);
  visit(11U, stance);
  for (std::uint32_t dimension = 0; dimension < depth_of.size(); ++dimension) {
    visit(32U + dimension, depth_of[dimension]);
  }
}

std::uint32_t rows_of(std::uint32_t people, std::uint32_t shards, std::uint32_t shard) {
  return people / shards + (shard < people % shards ? 1 : 0);
}

constexpr std::uint32_t number(Part part) { return static_cast<std::uint32_t>(part); }

Unexpected unfitting(const std::string& what) {
  return fail(ErrorCode::corrupted, "its parts do not fit together: " + what);
}

}  // namespace

struct ImageParts::Numbers {
  std::uint32_t people = 0;
  std::uint32_t shards = 0;
  std::uint64_t own_events = 0;
  std::uint64_t derived_events = 0;
  std::uint32_t last_event_s = 0;
  std::int32_t as_of = 0;
  std::uint64_t ids_used = 0;
  std::uint64_t record_bytes = 0;
};

struct ImageParts::Trusted {
  std::uint32_t place = 0;
  std::uint32_t kind = 0;
};

struct ImageParts::Decided {
  std::uint64_t decision = 0;
  std::uint64_t link = 0;
};

// Writing.

ImageParts::Numbers ImageParts::numbers_of(const Image& image) {
  const Identity& identity = image.identity_;
  const std::uint64_t blocks = identity.blocks_.size();
  return Numbers{image.people(),
                 image.shards(),
                 image.own_events_,
                 image.derived_events_,
                 image.last_event_s_,
                 image.as_of_.number,
                 identity.used_,
                 blocks == 0 ? 0 : (blocks - 1) * Identity::kBlockBytes + identity.block_used_};
}

void ImageParts::plan(const Image& image, ImageFileWriter& file) {
  // Everything that an image consists of. What is not written: the model, which the log holds;
  // scratch and caches; what is worked out of the model, or of a fit; versions.
  const auto& [shards, shard_bits, identity, subjects, referrals, credited, nobody, repeats, model,
               memory, hot, sort_cache, values, classes, next_needs, blank_state, blank_reading,
               as_of, own_events, derived_events, version, people_version, last_event_s] = image;
  GUANXI_CHECK(model != nullptr && !identity.unsettled(), "a settled, folded image is kept");
  const Numbers numbers = numbers_of(image);
  file.add_copy(Part::numbers, std::span(&numbers, 1));
  for (std::uint32_t shard = 0; shard < shards.size(); ++shard) {
    plan_shard(image, shard, file);
  }
  plan_nobody(image, file);
  std::vector<CompactEvent> repeated;
  for (const auto& [id_hash, event] : repeats) {
    repeated.push_back(event);
  }
  file.add_copy(Part::repeats, std::span<const CompactEvent>(repeated));
  file.add(Part::referrals, 0, 0, std::span<const Image::Referral>(referrals));
  file.add(Part::credited, 0, 0, std::span<const std::uint32_t>(credited));
  plan_subjects(subjects, file);
  plan_identity(identity, file);
}

void ImageParts::plan_shard(const Image& image, std::uint32_t shard, ImageFileWriter& file) {
  const auto& [timelines, states, columns, store] = image.shards_[shard];
  const std::span<const Timeline> all(timelines);
  file.add(ImageSection{number(Part::timeline_sizes), shard, 0, 4, all.size(), 0},
           [all](ImageFileWriter::Sink& sink) {
             for (const Timeline& timeline : all) {
               sink.put(std::as_bytes(std::span(&timeline.size, 1)));
             }
           });
  for (std::size_t first = 0; first < all.size(); first += kSlab) {
    const auto people = all.subspan(first, std::min<std::size_t>(kSlab, all.size() - first));
    std::uint64_t events = 0;
    for (const Timeline& timeline : people) {
      events += timeline.size;
    }
    const auto slab = static_cast<std::uint32_t>(first / kSlab);
    file.add(ImageSection{number(Part::events), shard, slab, sizeof(CompactEvent), events, 0},
             [people](ImageFileWriter::Sink& sink) {
               for (const Timeline& timeline : people) {
                 sink.put(std::as_bytes(timeline.events()));
               }
             });
  }
  file.add(Part::states, shard, 0, std::span<const State>(states));
  for_each_column(columns, [&](std::uint32_t piece, const auto& column) {
    file.add(Part::columns, shard, piece, std::span(column.data(), column.size()));
  });
}

void ImageParts::plan_nobody(const Image& image, ImageFileWriter& file) {
  std::vector<std::uint32_t> sizes;
  for (const std::vector<CompactEvent>& part : image.nobody_) {
    sizes.push_back(static_cast<std::uint32_t>(part.size()));
  }
  file.add_copy(Part::nobody_sizes, std::span<const std::uint32_t>(sizes));
  const auto* parts = &image.nobody_;
  file.add(ImageSection{number(Part::nobody_events), 0, 0, sizeof(CompactEvent),
                        image.nobody_events(), 0},
           [parts](ImageFileWriter::Sink& sink) {
             for (const std::vector<CompactEvent>& part : *parts) {
               sink.put(std::as_bytes(std::span(part)));
             }
           });
}

// More may be interned meanwhile, by a thread that waits with its events: those are left out.
void ImageParts::plan_subjects(const Dictionary& subjects, ImageFileWriter& file) {
  std::vector<std::uint32_t> lengths;
  std::uint64_t bytes = 0;
  const auto most = static_cast<std::uint32_t>(subjects.size());
  for (std::uint32_t subject = 1; subject <= most; ++subject) {
    const auto length = static_cast<std::uint32_t>(subjects.text(subject).size());
    lengths.push_back(length == 0 ? Dictionary::kForgotten : length);
    bytes += length;
  }
  file.add_copy(Part::subject_sizes, std::span<const std::uint32_t>(lengths));
  file.add(ImageSection{number(Part::subject_texts), 0, 0, 1, bytes, 0},
           [&subjects, most](ImageFileWriter::Sink& sink) {
             for (std::uint32_t subject = 1; subject <= most; ++subject) {
               sink.put(std::as_bytes(std::span(subjects.text(subject))));
             }
           });
}

void ImageParts::plan_identity(const Identity& identity, ImageFileWriter& file) {
  const auto& [slots, used, first, contested, blocks, block_used, links, free_links, dirty_links,
               dirty_ids, crowded, trust, decisions] = identity;
  file.add(Part::id_slots, 0, 0, std::span<const Identity::Slot>(slots));
  file.add(Part::id_first, 0, 0, std::span<const std::uint32_t>(first));
  const std::vector<std::uint8_t> contested_bytes(contested.begin(), contested.end());
  file.add_copy(Part::id_contested, std::span<const std::uint8_t>(contested_bytes));
  for (std::uint32_t block = 0; block < blocks.size(); ++block) {
    const std::size_t held = block + 1 < blocks.size() ? Identity::kBlockBytes : block_used;
    file.add(Part::id_records, 0, block, std::span<const char>(blocks[block].get(), held));
  }
  file.add(Part::links, 0, 0, std::span<const Identity::Link>(links));
  file.add(Part::free_links, 0, 0, std::span<const std::uint32_t>(free_links));
  std::vector<std::uint32_t> crowded_places(crowded.begin(), crowded.end());
  std::sort(crowded_places.begin(), crowded_places.end());
  file.add_copy(Part::crowded, std::span<const std::uint32_t>(crowded_places));
  std::vector<Trusted> trusted;
  for (const auto& [place, kind] : trust) {
    trusted.push_back({place, static_cast<std::uint32_t>(kind)});
  }
  file.add_copy(Part::trust, std::span<const Trusted>(trusted));
  std::vector<Decided> decided;
  for (const auto& [link, decision] : decisions) {
    decided.push_back({decision, link});
  }
  file.add_copy(Part::decisions, std::span<const Decided>(decided));
}

// Reading.

/// One reading of a file: what is wanted is planned, read at once by all threads, and then looked
/// at.
///
/// Place       ImageParts::load() and for_each_name().
/// Invariants  Makes room for nothing that the file is too short to hold.
/// Threads     One owner.
class ImageParts::Loading {
 public:
  Loading(ImageFileReader& file, unsigned threads) : file_(file), threads_(threads) {}
  ~Loading() { file_.want_nothing(); }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

  Result<void> read_image(Image& image) {
    GUANXI_TRY_VOID(read_numbers());
    if (numbers_.shards != image.shards()) {
      return fail(ErrorCode::corrupted, "it holds people in " + std::to_string(numbers_.shards) +
                                            " shards, not " + std::to_string(image.shards()));
    }
    for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
      want_shard(image, shard);
    }
    want(Part::repeats, repeated_);
    want(Part::referrals, image.referrals_);
    want(Part::credited, image.credited_);
    want(Part::nobody_sizes, nobody_sizes_);
    want(Part::nobody_events, nobody_events_);
    want_identity(image.identity_);
    GUANXI_TRY_VOID(read());
    for (std::uint32_t shard = 0; shard < image.shards(); ++shard) {
      GUANXI_TRY_VOID(place_timelines(image, shard));
    }
    GUANXI_TRY_VOID(take_identity(image.identity_));
    if (!image.subjects_.fill(subject_sizes_, subject_texts_)) {
      return unfitting("subjects");
    }
    return take_rest(image);
  }

  Result<void> read_names(Identity& identity, Dictionary& subjects) {
    GUANXI_TRY_VOID(read_numbers());
    want_identity(identity);
    GUANXI_TRY_VOID(read());
    GUANXI_TRY_VOID(take_identity(identity));
    return subjects.fill(subject_sizes_, subject_texts_) ? Result<void>() : unfitting("subjects");
  }

 private:
  Result<void> read_numbers() {
    std::vector<Numbers> numbers;
    want(Part::numbers, numbers, 1);
    GUANXI_TRY_VOID(read());
    numbers_ = numbers[0];
    return {};
  }

  // `items`: as many there must be.
  template <typename Vector>
  void want(Part part, Vector& into, std::optional<std::uint64_t> items = {},
            std::uint32_t shard = 0, std::uint32_t piece = 0) {
    const ImageSection* section = section_of(part, sizeof(into[0]), items, shard, piece);
    if (section != nullptr) {
      into.resize(section->items);
      file_.want(*section, 0, std::as_writable_bytes(std::span(into.data(), into.size())));
    }
  }

  const ImageSection* section_of(Part part, std::size_t item_bytes,
                                 std::optional<std::uint64_t> items, std::uint32_t shard,
                                 std::uint32_t piece) {
    const ImageSection* section = file_.find(part, shard, piece);
    if (section == nullptr || section->item_bytes != item_bytes ||
        (items && section->items != *items)) {
      missing_ = number(part);
      return nullptr;
    }
    return section;
  }

  Result<void> read() {
    if (missing_) {
      return unfitting("part " + std::to_string(*missing_));
    }
    return file_.read(threads_);
  }

  void want_shard(Image& image, std::uint32_t shard) {
    auto& [timelines, states, columns, store] = image.shards_[shard];
    const std::uint32_t rows = rows_of(numbers_.people, numbers_.shards, shard);
    sizes_.emplace_back();
    slabs_.emplace_back();
    want(Part::timeline_sizes, sizes_.back(), rows, shard);
    if (missing_) {
      return;  // so many people are not in the file
    }
    timelines.resize(rows);
    want(Part::states, states, rows, shard);
    for_each_column(columns, [&](std::uint32_t piece, auto& column) {
      want(Part::columns, column, rows, shard, piece);
    });
    for (std::uint32_t slab = 0; std::uint64_t{slab} * kSlab < rows; ++slab) {
      const ImageSection* section = section_of(Part::events, sizeof(CompactEvent), {}, shard, slab);
      if (section == nullptr) {
        return;
      }
      EventMemory memory(section->items);
      file_.want(*section, 0, std::as_writable_bytes(std::span(memory.get(), section->items)));
      slabs_.back().push_back({memory.get(), section->items});
      store.set_slab(slab, std::move(memory), section->items);
    }
  }

  Result<void> place_timelines(Image& image, std::uint32_t shard) {
    std::vector<Timeline>& timelines = image.shards_[shard].timelines;
    for (std::size_t slab = 0; slab < slabs_[shard].size(); ++slab) {
      CompactEvent* place = slabs_[shard][slab].first;
      std::uint64_t left = slabs_[shard][slab].second;
      const std::size_t first = slab * kSlab;
      for (std::size_t row = first; row < std::min(first + kSlab, timelines.size()); ++row) {
        const std::uint32_t size = sizes_[shard][row];
        if (size > left) {
          return unfitting("timelines");
        }
        timelines[row] = Timeline{size > 0 ? place : nullptr, size, 0};
        place += size;
        left -= size;
      }
      if (left != 0) {
        return unfitting("timelines");
      }
    }
    return {};
  }

  void want_identity(Identity& identity) {
    auto& [slots, used, first, contested, blocks, block_used, links, free_links, dirty_links,
           dirty_ids, crowded, trust, decisions] = identity;
    want(Part::id_slots, slots);
    want(Part::id_first, first, numbers_.people);
    want(Part::id_contested, contested_, numbers_.people);
    want(Part::links, links);
    want(Part::free_links, free_links);
    want(Part::crowded, crowded_);
    want(Part::trust, trusted_);
    want(Part::decisions, decided_);
    want(Part::subject_sizes, subject_sizes_);
    want(Part::subject_texts, subject_texts_);
    for (std::uint64_t at = 0; at < numbers_.record_bytes && !missing_;) {
      const std::uint64_t held =
          std::min<std::uint64_t>(Identity::kBlockBytes, numbers_.record_bytes - at);
      const ImageSection* section =
          section_of(Part::id_records, 1, held, 0, static_cast<std::uint32_t>(blocks.size()));
      if (section != nullptr) {
        blocks.push_back(std::make_unique_for_overwrite<char[]>(Identity::kBlockBytes));
        file_.want(*section, 0, std::as_writable_bytes(std::span(blocks.back().get(), held)));
      }
      at += held;
      block_used = held;
    }
  }

  Result<void> take_identity(Identity& identity) {
    auto& [slots, used, first, contested, blocks, block_used, links, free_links, dirty_links,
           dirty_ids, crowded, trust, decisions] = identity;
    used = numbers_.ids_used;
    contested.assign(contested_.begin(), contested_.end());
    crowded.insert(crowded_.begin(), crowded_.end());
    for (const Trusted& id : trusted_) {
      trust.emplace(id.place, static_cast<IdDecision::Kind>(id.kind));
    }
    for (const Decided& link : decided_) {
      decisions.emplace(static_cast<std::uint32_t>(link.link), link.decision);
    }
    const auto is_place = [&](std::uint32_t place) {
      const std::uint64_t byte = std::uint64_t{place} * Identity::kUnit;
      return byte + kRecordBytes <= numbers_.record_bytes &&
             byte % Identity::kBlockBytes + kRecordBytes <= Identity::kBlockBytes;
    };
    std::uint64_t taken = 0;
    for (const Identity::Slot& slot : slots) {
      if (slot.place != Identity::kEnd) {
        ++taken;
        if (!is_place(slot.place) ||
            (slot.person >= numbers_.people && slot.person != Identity::kNobody)) {
          return unfitting("ids");
        }
      }
    }
    if (taken != used || (taken > 0 && taken >= slots.size()) ||
        !std::all_of(first.begin(), first.end(), is_place)) {
      return unfitting("ids");
    }
    for (const Identity::Link& link : links) {
      if (link.a != Identity::kEnd && (!is_place(link.a) || !is_place(link.b))) {
        return unfitting("links");
      }
    }
    return {};
  }

  Result<void> take_rest(Image& image) {
    if (nobody_sizes_.size() != image.nobody_.size()) {
      return unfitting("events of nobody");
    }
    std::span<const CompactEvent> events(nobody_events_);
    for (std::size_t part = 0; part < nobody_sizes_.size(); ++part) {
      if (nobody_sizes_[part] > events.size()) {
        return unfitting("events of nobody");
      }
      const auto taken = events.first(nobody_sizes_[part]);
      image.nobody_[part].assign(taken.begin(), taken.end());
      events = events.subspan(nobody_sizes_[part]);
    }
    for (const CompactEvent& event : repeated_) {
      image.repeats_.emplace_hint(image.repeats_.end(), event.id_hash(), event);
    }
    image.own_events_ = numbers_.own_events;
    image.derived_events_ = numbers_.derived_events;
    image.last_event_s_ = numbers_.last_event_s;
    image.as_of_ = Day{numbers_.as_of};
    ++image.version_;
    ++image.people_version_;
    return events.empty() ? Result<void>() : unfitting("events of nobody");
  }

  static constexpr std::uint64_t kRecordBytes = 10;  // of an id before its text

  ImageFileReader& file_;
  unsigned threads_;
  Numbers numbers_;
  std::optional<std::uint32_t> missing_;
  std::vector<std::vector<std::uint32_t>> sizes_;                            ///< by shard and row
  std::vector<std::vector<std::pair<CompactEvent*, std::uint64_t>>> slabs_;  ///< by shard
  std::vector<CompactEvent> repeated_;
  std::vector<std::uint32_t> nobody_sizes_;
  std::vector<CompactEvent> nobody_events_;
  std::vector<std::uint8_t> contested_;
  std::vector<std::uint32_t> crowded_;
  std::vector<Trusted> trusted_;
  std::vector<Decided> decided_;
  std::vector<std::uint32_t> subject_sizes_;
  std::string subject_texts_;
};

Result<void> ImageParts::load(ImageFileReader& file, Image& image, const Model* model,
                              unsigned threads) {
  GUANXI_CHECK(image.people() == 0, "an image is read into an empty one");
  Loading loading(file, threads);
  GUANXI_TRY_VOID(loading.read_image(image));
  if (model == nullptr) {
    image.model_ = nullptr;
    image.as_of_ = kNoDay;
    return {};
  }
  image.model_ = std::make_unique<const Model>(*model);
  image.blank_reading_ =
      fold_reading({}, *image.model_, image.as_of_, *image.memory_, &image.blank_state_);
  return {};
}

bool ImageParts::sample_agrees(const Image& image, std::uint32_t people) {
  FoldMemory memory;
  const std::uint32_t step = std::max(1U, image.people() / std::max(1U, people));
  for (std::uint64_t number = 0; number < image.people(); number += step) {
    const PersonRef person = image.ref_of(static_cast<std::uint32_t>(number));
    const std::span<const CompactEvent> events = image.timeline(person);
    if (events.size() > kSampleEventsMost) {
      continue;
    }
    State state;
    const Reading reading = fold_reading(events, image.model(), image.as_of(), memory, &state);
    Columns columns;
    columns.resize(1);
    columns.set(0, reading, state);
    Columns kept;
    kept.resize(1);
    image.columns(person.shard).move_row(person.index, 0, kept);
    bool same = state == image.state(person);
    std::vector<std::uint64_t> values;
    for_each_column(columns, [&](std::uint32_t, const auto& column) {
      values.push_back(static_cast<std::uint64_t>(column[0]));
    });
    std::size_t at = 0;
    for_each_column(kept, [&](std::uint32_t, const auto& column) {
      same = same && values[at++] == static_cast<std::uint64_t>(column[0]);
    });
    if (!same) {
      return false;
    }
  }
  return true;
}

Result<void> ImageParts::for_each_name(ImageFileReader& file,
                                       const std::function<void(std::string_view)>& visit) {
  Identity identity;
  Dictionary subjects;
  Loading loading(file, 1);
  GUANXI_TRY_VOID(loading.read_names(identity, subjects));
  for (const Identity::Slot& slot : identity.slots_) {
    if (slot.place != Identity::kEnd) {
      const std::uint64_t byte =
          std::uint64_t{slot.place} * Identity::kUnit % Identity::kBlockBytes;
      const ExternalId id = identity.id_at(slot.place);
      if (id.name_space > IdNamespace::order || byte + id.value.size() > Identity::kBlockBytes) {
        return unfitting("ids");
      }
      visit(to_string(id));
    }
  }
  for (std::uint32_t subject = 1; subject <= subjects.size(); ++subject) {
    visit(subjects.text(subject));
  }
  return {};
}

}  // namespace guanxi
