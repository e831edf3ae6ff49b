#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "people/image.hpp"
#include "relationship/running_credits.hpp"

namespace guanxi {

/// Whoever may give to those who brought them by one run of events: what they gave before it, and
/// how the receivers' timelines come to say what they give after it.
///
/// Place       Image::add_all() makes one before it places its events.
/// Invariants  Costs a long timeline's length only when an event of theirs was not the latest.
/// Threads     The image's writer.
class Image::Givers {
 public:
  Givers(Image& image, std::span<const PersonRef> people, std::span<const CompactEvent> events);
  /// After the event has been put on the timeline of this person.
  void added(std::uint32_t number, const CompactEvent& event);
  /// After all of them; adds to `changed` whose timelines it changed.
  void exchange(std::vector<std::uint32_t>& changed);

 private:
  struct Giver {
    std::uint32_t number = 0;
    std::vector<Gift> before{};               ///< of a short timeline
    std::optional<RunningCredits> running{};  ///< of a long one
    std::vector<CompactEvent> added{};
  };
  void exchange_running(Giver& giver, std::vector<std::uint32_t>& changed);

  Image& image_;
  std::vector<Giver> givers_;  ///< by number
};

}  // namespace guanxi
