#include "people/givers.hpp"

#include <algorithm>

#include "people/hot_people.hpp"

namespace guanxi {

Image::Givers::Givers(Image& image, std::span<const PersonRef> people,
                      std::span<const CompactEvent> events)
    : image_(image) {
  if (image.model_ == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint32_t number = image.number_of(people[i]);
    if (RunningCredits::concerned_by(events[i]) &&
        (events[i].kind() == EventKind::referral_accepted || image.may_refer(number))) {
      givers_.push_back({.number = number});
    }
  }
  std::sort(givers_.begin(), givers_.end(),
            [](const Giver& a, const Giver& b) { return a.number < b.number; });
  givers_.erase(std::unique(givers_.begin(), givers_.end(),
                            [](const Giver& a, const Giver& b) { return a.number == b.number; }),
                givers_.end());
  for (Giver& giver : givers_) {
    if (!image.may_refer(giver.number)) {
      continue;
    }
    const std::span<const CompactEvent> timeline = image.timeline_of(giver.number).events();
    if (timeline.size() < HotPeople::kFromEvents) {
      giver.before = image.gifts_of(giver.number);
    } else {
      giver.running = image.hot_->of(giver.number, timeline).take_credits(timeline);
    }
  }
}

void Image::Givers::added(std::uint32_t number, const CompactEvent& event) {
  if (givers_.empty() || !RunningCredits::concerned_by(event)) {
    return;
  }
  const auto found =
      std::lower_bound(givers_.begin(), givers_.end(), number,
                       [](const Giver& giver, std::uint32_t n) { return giver.number < n; });
  if (found != givers_.end() && found->number == number) {
    found->added.push_back(event);
  }
}

void Image::Givers::exchange(std::vector<std::uint32_t>& changed) {
  for (Giver& giver : givers_) {
    if (giver.running) {
      exchange_running(giver, changed);
    } else if (!giver.added.empty() && image_.may_refer(giver.number)) {
      image_.exchange(giver.before, image_.gifts_of(giver.number), changed);
    }
  }
}

void Image::Givers::exchange_running(Giver& giver, std::vector<std::uint32_t>& changed) {
  RunningCredits& running = *giver.running;
  const std::span<const CompactEvent> timeline = image_.timeline_of(giver.number).events();
  const auto earlier = [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); };
  std::sort(giver.added.begin(), giver.added.end(), earlier);
  const auto gifts = [&](const std::vector<CompactEvent>& events) {
    return image_.gifts_to(running.referrer_subject(), giver.number, events);
  };
  if (giver.added.empty() || earlier(*running.last(), giver.added.front())) {
    for (const CompactEvent& event : giver.added) {
      running.take(event);
    }
    const RunningCredits::Change change = running.take_change();
    image_.exchange(gifts(change.before), gifts(change.now), changed);
  } else {
    const std::vector<Gift> before = gifts(running.credits().events);
    running = RunningCredits();
    for (const CompactEvent& event : timeline) {
      running.take(event);
    }
    running.watch();
    image_.exchange(before, gifts(running.credits().events), changed);
  }
  image_.hot_->of(giver.number, image_.timeline_of(giver.number).events())
      .put_credits(std::move(running));
}

}  // namespace guanxi
