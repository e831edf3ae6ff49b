#include "people/duplicates.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/hash.hpp"

namespace guanxi {
namespace {

using Kind = DuplicateSign::Kind;
using Pair = std::pair<std::uint32_t, std::uint32_t>;

constexpr std::size_t kSharedMost = 5;  // people who share something that still says something
constexpr std::size_t kPhoneDigits = 9;
constexpr std::size_t kTextBytesLeast = 6;
constexpr std::uint32_t kPointsMost = 99;

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return folded(c) >= 'a' && folded(c) <= 'z'; }

std::uint32_t weight_of(const DuplicateSign& sign) {
  switch (sign.kind) {
    case Kind::same_email:
    case Kind::same_card:
      return 60;
    case Kind::same_phone:
      return 50;
    case Kind::same_text:
    case Kind::same_name_birthday:
      return 40;
    case Kind::same_name_address:
      return 45;
    case Kind::refused_link:
      return 30 + static_cast<std::uint32_t>(std::min<std::uint64_t>(sign.times, 20));
  }
  return 0;
}

// One text that an id stands for, and whose id it is.
struct Sight {
  std::uint64_t key = 0;
  std::uint32_t person = 0;
  Kind kind = Kind::same_text;
  ExternalId id;
};

bool names_by_text(IdNamespace name_space) {
  return name_space == IdNamespace::user || name_space == IdNamespace::anonymous ||
         name_space == IdNamespace::device || name_space == IdNamespace::wecom ||
         name_space == IdNamespace::card;
}

void look_at(const ExternalId& id, std::uint32_t person, std::vector<Sight>& sights) {
  const auto add = [&](Kind kind, const std::string& text) {
    if (!text.empty()) {
      sights.push_back({hash64(text, static_cast<std::uint64_t>(kind) + 1), person, kind, id});
    }
  };
  add(Kind::same_email, comparable_email(id.value));
  if (id.name_space == IdNamespace::phone) {
    add(Kind::same_phone, comparable_phone(id.value));
  }
  if (id.name_space == IdNamespace::card) {
    add(Kind::same_card, comparable_card(id.value));
  }
  if (names_by_text(id.name_space) && id.value.size() >= kTextBytesLeast &&
      comparable_email(id.value).empty()) {
    add(Kind::same_text, std::string(id.value));
  }
}

/// Pairs and what speaks for each.
///
/// Place       find_duplicates().
/// Threads     One owner.
class PairBook {
 public:
  explicit PairBook(const Image& image) : image_(image) {}

  void note(std::uint32_t one, std::uint32_t other, DuplicateSign sign) {
    if (one == other || only_stored(one) || only_stored(other) ||
        apart_.count(std::minmax(one, other)) != 0 ||
        (pairs_.size() >= Duplicates::kPairsMost && pairs_.count(std::minmax(one, other)) == 0)) {
      return;
    }
    if (other < one) {
      std::swap(sign.a, sign.b);
    }
    pairs_[std::minmax(one, other)].push_back(std::move(sign));
  }

  // What was decided and refused about people whose links are contested.
  void read_links() {
    const Identity& identity = image_.identity();
    for (const bool deciding : {true, false}) {
      for (std::uint32_t person = 0; person < image_.people(); ++person) {
        if (identity.is_contested(person)) {
          identity.for_each_link(person,
                                 [&](const KnownLink& link) { read_link(person, link, deciding); });
        }
      }
    }
  }

  [[nodiscard]] Duplicates ranked(std::size_t most) const {
    Duplicates found;
    found.found = pairs_.size();
    for (const auto& [pair, signs] : pairs_) {
      Duplicate duplicate;
      duplicate.a = image_.id_text(image_.ref_of(pair.first));
      duplicate.b = image_.id_text(image_.ref_of(pair.second));
      duplicate.signs = signs;
      if (duplicate.b < duplicate.a) {
        std::swap(duplicate.a, duplicate.b);
        for (DuplicateSign& sign : duplicate.signs) {
          std::swap(sign.a, sign.b);
        }
      }
      std::uint32_t points = 0;
      for (const DuplicateSign& sign : signs) {
        points += weight_of(sign);
      }
      duplicate.points = std::min(points, kPointsMost);
      std::sort(duplicate.signs.begin(), duplicate.signs.end(),
                [](const DuplicateSign& x, const DuplicateSign& y) {
                  return std::tie(x.kind, x.a, x.b) < std::tie(y.kind, y.a, y.b);
                });
      found.pairs.push_back(std::move(duplicate));
    }
    std::sort(found.pairs.begin(), found.pairs.end(), [](const Duplicate& x, const Duplicate& y) {
      return x.points != y.points ? x.points > y.points : std::tie(x.a, x.b) < std::tie(y.a, y.b);
    });
    found.pairs.resize(std::min(found.pairs.size(), most));
    return found;
  }

 private:
  [[nodiscard]] bool only_stored(std::uint32_t person) const {
    return image_.only_stored(image_.ref_of(person));
  }

  void read_link(std::uint32_t person, const KnownLink& link, bool deciding) {
    const std::uint32_t one = image_.identity().find(link.a);
    const std::uint32_t other = image_.identity().find(link.b);
    if (one == Identity::kNobody || other == Identity::kNobody || one == other) {
      return;
    }
    if (deciding && link.decided_apart) {
      apart_.insert(std::minmax(one, other));
    } else if (!deciding && link.verdict == LinkVerdict::two_users && person == one) {
      note(one, other,
           {Kind::refused_link, to_string(link.a), to_string(link.b), link.evidence.times,
            Instant{link.evidence.occurred_s}});
    }
  }

  const Image& image_;
  std::set<Pair> apart_;
  std::map<Pair, std::vector<DuplicateSign>> pairs_;
};

// Notes every two people of one run of sights, unless too many share it.
void note_run(std::span<const Sight> run, PairBook& book) {
  std::map<std::uint32_t, ExternalId> people;
  for (const Sight& sight : run) {
    people.try_emplace(sight.person, sight.id);
    if (people.size() > kSharedMost) {
      return;
    }
  }
  for (auto one = people.begin(); one != people.end(); ++one) {
    for (auto other = std::next(one); other != people.end(); ++other) {
      book.note(one->first, other->first,
                {run.front().kind, to_string(one->second), to_string(other->second), 0, {}});
    }
  }
}

}  // namespace

std::string_view name_of(DuplicateSign::Kind kind) {
  switch (kind) {
    case Kind::refused_link:
      return "refused_link";
    case Kind::same_email:
      return "same_email";
    case Kind::same_phone:
      return "same_phone";
    case Kind::same_card:
      return "same_card";
    case Kind::same_text:
      return "same_text";
    case Kind::same_name_address:
      return "same_name_address";
    case Kind::same_name_birthday:
      return "same_name_birthday";
  }
  return "";
}

std::string comparable_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() ||
      text.find('@', at + 1) != std::string_view::npos) {
    return {};
  }
  const std::size_t plus = text.substr(0, at).find('+');
  std::string address(text.substr(0, plus == 0 ? at : std::min(plus, at)));
  address += text.substr(at);
  std::transform(address.begin(), address.end(), address.begin(), folded);
  return address;
}

std::string comparable_phone(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  return digits.size() < kPhoneDigits ? std::string() : digits.substr(digits.size() - kPhoneDigits);
}

std::string comparable_card(std::string_view text) {
  std::string number;
  for (const char c : text) {
    if (is_digit(c) || is_letter(c)) {
      number += folded(c);
    }
  }
  return number.size() < kTextBytesLeast ? std::string() : number;
}

Duplicates find_duplicates(const Image& image, std::size_t most,
                           std::span<const TraitSight> traits) {
  std::vector<Sight> sights;
  for (std::uint32_t person = 0; person < image.people(); ++person) {
    image.identity().for_each_id(person,
                                 [&](const ExternalId& id) { look_at(id, person, sights); });
  }
  for (const TraitSight& trait : traits) {
    const std::uint32_t person = image.identity().find(parse_external_id(trait.person));
    if (person != Identity::kNobody) {
      sights.push_back({trait.key, person, trait.kind, image.identity().primary(person)});
    }
  }
  std::sort(sights.begin(), sights.end(), [](const Sight& a, const Sight& b) {
    return a.key != b.key ? a.key < b.key : to_string(a.id) < to_string(b.id);
  });
  PairBook book(image);
  book.read_links();
  for (std::size_t first = 0; first < sights.size();) {
    std::size_t end = first + 1;
    while (end < sights.size() && sights[end].key == sights[first].key) {
      ++end;
    }
    if (end - first > 1) {
      note_run(std::span(sights).subspan(first, end - first), book);
    }
    first = end;
  }
  return book.ranked(most);
}

}  // namespace guanxi
