#include "people/duplicate_traits.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "events/json_tree.hpp"

namespace guanxi {
namespace {

using Kind = DuplicateSign::Kind;

constexpr std::size_t kNameBytesLeast = 5;
constexpr std::size_t kAddressBytesLeast = 8;
constexpr std::size_t kDateDigits = 8;
constexpr std::size_t kTextBytesMost = 300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_foreign(char c) { return static_cast<unsigned char>(c) >= 0x80; }
char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_part(char c) {
  return is_digit(c) || is_foreign(c) || (folded(c) >= 'a' && folded(c) <= 'z');
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text.substr(0, kTextBytesMost)) {
    if (is_part(c)) {
      if (!inside) {
        words.emplace_back();
      }
      words.back() += folded(c);
    }
    inside = is_part(c);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

std::string_view cut_short(std::string_view word) {
  struct Short {
    std::string_view whole;
    std::string_view cut;
  };
  constexpr std::array kShort = {
      Short{"street", "st"}, Short{"road", "rd"},     Short{"avenue", "ave"}, Short{"lane", "ln"},
      Short{"square", "sq"}, Short{"strasse", "str"}, Short{"straße", "str"}};
  const auto* const found = std::find_if(kShort.begin(), kShort.end(),
                                         [&](const Short& one) { return one.whole == word; });
  return found == kShort.end() ? word : found->cut;
}

std::string text_of(const JsonNode* node) {
  return node != nullptr && (node->type == JsonType::string || node->type == JsonType::number)
             ? std::string(node->text)
             : std::string();
}

std::string first_of(const JsonNode& traits, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::string text = text_of(traits.find(name)); !text.empty()) {
      return text;
    }
  }
  return {};
}

std::string name_in(const JsonNode& traits) {
  const std::string first = first_of(traits, {"firstName", "first_name"});
  const std::string last = first_of(traits, {"lastName", "last_name"});
  return comparable_name(!first.empty() && !last.empty() ? first + " " + last
                                                         : first_of(traits, {"name", "full_name"}));
}

std::string address_in(const JsonNode& traits) {
  const JsonNode* address = traits.find("address");
  if (address == nullptr || address->type != JsonType::object) {
    return comparable_address(text_of(address));
  }
  const std::string street = first_of(*address, {"street", "address1", "line1"});
  const std::string place = first_of(*address, {"postalCode", "postal_code", "zip", "city"});
  return street.empty() || place.empty() ? std::string() : comparable_address(street + " " + place);
}

}  // namespace

std::string comparable_name(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  const bool spelt_apart = words.size() >= 2;
  const bool one_foreign = words.size() == 1 && is_foreign(words[0][0]);
  std::sort(words.begin(), words.end());
  std::string name = joined(words);
  return (spelt_apart || one_foreign) && name.size() >= kNameBytesLeast ? name : std::string();
}

std::string comparable_address(std::string_view text) {
  std::vector<std::string> words = words_of(text);
  for (std::string& word : words) {
    word = std::string(cut_short(word));
  }
  std::sort(words.begin(), words.end());
  std::string address = joined(words);
  const bool numbered = std::any_of(address.begin(), address.end(), is_digit);
  return numbered && address.size() >= kAddressBytesLeast ? address : std::string();
}

std::string comparable_date(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, kDateDigits + 2)) {
    digits += is_digit(c) ? std::string(1, c) : std::string();
  }
  const bool year_first =
      text.size() >= kDateDigits && std::all_of(text.begin(), text.begin() + 4, is_digit);
  return year_first && digits.size() == kDateDigits ? digits : std::string();
}

std::vector<std::uint32_t> trait_ordinals(const Image& image) {
  std::vector<std::uint32_t> last;
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    if ((image.stance(person) & kNotFolded) != 0) {
      continue;
    }
    const std::span<const CompactEvent> events = image.timeline(person);
    const auto told = std::find_if(events.rbegin(), events.rend(), [](const CompactEvent& event) {
      return event.kind() == EventKind::identified && !event.has(kDerived);
    });
    if (told != events.rend()) {
      last.push_back(told->ordinal());
    }
  }
  std::sort(last.begin(), last.end());
  const std::size_t too_many = last.size() - std::min(last.size(), kTraitPlacesMost);
  const auto first = std::find_if(
      last.begin() + static_cast<std::ptrdiff_t>(too_many), last.end(),
      [&](std::uint32_t ordinal) { return last.back() - ordinal <= kTraitEventsBack; });
  last.erase(last.begin(), first);
  return last;
}

void look_at_traits(const Event& event, std::vector<TraitSight>& sights) {
  thread_local JsonTree tree;
  if (event.properties.empty() || event.person.value.empty() || !tree.parse(event.properties)) {
    return;
  }
  const std::string name = name_in(tree.root());
  if (name.empty()) {
    return;
  }
  const auto add = [&](Kind kind, const std::string& with) {
    if (!with.empty()) {
      sights.push_back({hash64(name + "\n" + with, static_cast<std::uint64_t>(kind) + 1), kind,
                        to_string(event.person)});
    }
  };
  add(Kind::same_name_address, address_in(tree.root()));
  add(Kind::same_name_birthday,
      comparable_date(first_of(tree.root(), {"birthday", "birth_date", "date_of_birth"})));
}

}  // namespace guanxi
