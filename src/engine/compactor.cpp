#include "engine/compactor.hpp"

#include "base/hash.hpp"

namespace guanxi {

Currency main_currency(const CurrencyCounts& counts) {
  Currency main;
  std::uint64_t most = 0;
  for (const auto& [code, count] : counts) {
    if (count > most) {
      main.code = code;
      most = count;
    }
  }
  return main;
}

Compactor::Compactor(Dictionary& subjects, Currency brand)
    : subjects_(subjects), brand_(brand), known_(kKnown) {}

void count_currencies(std::span<const Event> events, CurrencyCounts& counts) {
  Currency last;
  std::uint64_t run = 0;
  const auto close_run = [&] {
    if (run > 0) {
      counts[last.code] += run;
    }
    run = 0;
  };
  for (const Event& event : events) {
    if (event.amount_minor == 0 || !event.currency.named()) {
      continue;
    }
    if (!(event.currency == last)) {
      close_run();
      last = event.currency;
    }
    ++run;
  }
  close_run();
}

std::uint32_t Compactor::number_of(std::string_view subject) {
  if (subject.empty()) {
    return 0;
  }
  Known& known = known_[hash64(subject) % kKnown];
  if (known.text != subject) {
    const std::uint32_t number = subjects_.intern(subject);
    if (number == 0) {
      return 0;
    }
    known = Known{subjects_.text(number), number};
  }
  return known.number;
}

CompactEvent Compactor::compact_one(const Event& event, std::uint32_t subject,
                                    std::uint32_t ordinal) const {
  const bool foreign = event.amount_minor != 0 && event.currency.named() && brand_.named() &&
                       !(event.currency == brand_);
  if (foreign == ((event.flags & kForeignCurrency) != 0)) [[likely]] {
    return compact(event, subject, ordinal);
  }
  Event flagged = event;
  flagged.flags = static_cast<std::uint8_t>(event.flags ^ kForeignCurrency);
  return compact(flagged, subject, ordinal);
}

void Compactor::compact_all(std::span<const Event> events, std::uint32_t first_ordinal,
                            const BatchSubjects* subjects, std::vector<CompactEvent>& out) {
  out.reserve(out.size() + events.size());
  if (subjects == nullptr) {
    for (std::size_t i = 0; i < events.size(); ++i) {
      out.push_back(compact_one(events[i], number_of(events[i].subject),
                                first_ordinal + static_cast<std::uint32_t>(i)));
    }
    return;
  }
  numbers_.clear();
  for (const std::string_view text : subjects->texts) {
    numbers_.push_back(number_of(text));
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    out.push_back(compact_one(events[i], numbers_[subjects->codes[i]],
                              first_ordinal + static_cast<std::uint32_t>(i)));
  }
}

std::span<const PersonRef> PeopleFinder::people_of(Image& image, std::span<const Event> events) {
  refs_.assign(events.size(), kNobodyRef);
  const ExternalId* last = nullptr;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (event.person.value.empty()) {
      continue;
    }
    if (!event.also_known_as.value.empty()) {
      look_up(image);
      last = nullptr;
      refs_[i] = image.identify(
          event.person, event.also_known_as,
          LinkEvidence{event.id_hash, static_cast<std::uint32_t>(event.occurred_at.seconds), 1,
                       is_alias(event)});
      continue;
    }
    if (last == nullptr || !(*last == event.person)) {
      ids_.push_back(event.person);
      last = &event.person;
    }
    run_of_.push_back(static_cast<std::uint32_t>(ids_.size() - 1));
    place_of_.push_back(static_cast<std::uint32_t>(i));
  }
  look_up(image);
  return refs_;
}

std::span<const PersonRef> PeopleFinder::known_people_of(const Image& image,
                                                         std::span<const Event> events) {
  refs_.assign(events.size(), kNobodyRef);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!events[i].person.value.empty()) {
      ids_.push_back(events[i].person);
      place_of_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  numbers_.resize(ids_.size());
  image.identity().find(ids_, numbers_);
  for (std::size_t i = 0; i < place_of_.size(); ++i) {
    if (numbers_[i] != Identity::kNobody) {
      refs_[place_of_[i]] = image.ref_of(numbers_[i]);
    }
  }
  ids_.clear();
  place_of_.clear();
  return refs_;
}

void PeopleFinder::look_up(Image& image) {
  found_.resize(ids_.size());
  image.find_or_add(ids_, found_);
  for (std::size_t i = 0; i < place_of_.size(); ++i) {
    refs_[place_of_[i]] = found_[run_of_[i]];
  }
  ids_.clear();
  run_of_.clear();
  place_of_.clear();
}

}  // namespace guanxi
