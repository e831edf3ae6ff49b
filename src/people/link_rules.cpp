#include "people/link_rules.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/sorted.hpp"

namespace guanxi {
namespace {

/// The groups of ids while links are taken in, one after the other.
///
/// Place       resolve_people().
/// Invariants  A group's root is its smallest place.
/// Threads     One owner.
class Groups {
 public:
  Groups(std::span<const LinkedId> ids, std::span<const IdLink> links)
      : root_(ids.size()), has_user_(ids.size()) {
    std::iota(root_.begin(), root_.end(), 0U);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      has_user_[i] = ids[i].name_space == IdNamespace::user;
    }
    for (const IdLink& link : links) {
      if (link.decided_apart) {
        apart_.emplace_back(link.a, link.b);
      }
    }
  }

  [[nodiscard]] std::uint32_t of(std::uint32_t id) {
    while (root_[id] != id) {
      root_[id] = root_[root_[id]];
      id = root_[id];
    }
    return id;
  }

  // Whether two different user ids would meet.
  [[nodiscard]] bool both_have_users(std::uint32_t a, std::uint32_t b) {
    return has_user_[of(a)] && has_user_[of(b)];
  }

  [[nodiscard]] bool kept_apart(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t left = of(a);
    const std::uint32_t right = of(b);
    return std::any_of(apart_.begin(), apart_.end(), [&](const auto& pair) {
      const std::uint32_t one = of(pair.first);
      const std::uint32_t other = of(pair.second);
      return (one == left && other == right) || (one == right && other == left);
    });
  }

  void join(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t left = of(a);
    const std::uint32_t right = of(b);
    const std::uint32_t first = std::min(left, right);
    const std::uint32_t second = std::max(left, right);
    root_[second] = first;
    has_user_[first] = has_user_[first] || has_user_[second];
  }

 private:
  std::vector<std::uint32_t> root_;
  std::vector<bool> has_user_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> apart_;
};

using Order = std::vector<std::uint32_t>;

// By decision, then by the first event that says so.
Order in_order(std::span<const IdLink> links) {
  Order order(links.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t i) {
    const IdLink& link = links[i];
    const std::uint64_t decided = link.decided_same == 0 ? UINT64_MAX : link.decided_same;
    return std::tuple(decided, link.occurred_s, link.id_hash, link.tie);
  };
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t x, std::uint32_t y) { return key(x) < key(y); });
  return order;
}

bool counts(const IdLink& link, std::span<const LinkedId> ids) {
  return !link.decided_apart &&
         (!link.guess || (ids[link.a].known && ids[link.b].known) || link.decided_same != 0);
}

// By id: the device ids that are seen with the user ids of kCrowd people or more.
std::vector<bool> crowded_ids(std::span<const LinkedId> ids, std::span<const IdLink> links,
                              Groups& groups) {
  std::vector<std::vector<std::uint32_t>> seen_with(ids.size());
  for (const IdLink& link : links) {
    if (!link.seen || !counts(link, ids)) {
      continue;
    }
    for (const auto& [device, other] : {std::pair(link.a, link.b), std::pair(link.b, link.a)}) {
      if (names_a_device(ids[device].name_space) && ids[other].name_space == IdNamespace::user) {
        seen_with[device].push_back(groups.of(other));
      }
    }
  }
  std::vector<bool> crowded(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::vector<std::uint32_t>& people = seen_with[i];
    sort_unique(people);
    crowded[i] = !ids[i].trusted && (ids[i].crowded || people.size() >= kCrowd);
  }
  return crowded;
}

bool is_key(const LinkedId& id, bool crowded) {
  return !crowded && !id.distrusted && names_one_person(id.name_space);
}

}  // namespace

std::string_view name_of(LinkVerdict verdict) {
  switch (verdict) {
    case LinkVerdict::accepted:
      return "accepted";
    case LinkVerdict::unknown_id:
      return "unknown_id";
    case LinkVerdict::kept_apart:
      return "kept_apart";
    case LinkVerdict::key_refused:
      return "key_refused";
    case LinkVerdict::two_users:
      return "two_users";
  }
  return "";
}

std::string_view name_of(IdDecision::Kind kind) {
  switch (kind) {
    case IdDecision::Kind::same:
      return "same";
    case IdDecision::Kind::apart:
      return "apart";
    case IdDecision::Kind::open:
      return "open";
    case IdDecision::Kind::distrust:
      return "distrust";
    case IdDecision::Kind::trust:
      return "trust";
  }
  return "";
}

bool is_agreed(const IdLink& link, IdNamespace a, IdNamespace b) {
  return link.decided_same != 0 || (link.alias && a == IdNamespace::user && b == IdNamespace::user);
}

PeopleOfLinks resolve_people(std::span<const LinkedId> ids, std::span<const IdLink> links) {
  Groups groups(ids, links);
  PeopleOfLinks people;
  people.verdicts.assign(links.size(), LinkVerdict::accepted);
  const Order order = in_order(links);
  const auto agreed = [&](const IdLink& link) {
    return is_agreed(link, ids[link.a].name_space, ids[link.b].name_space);
  };
  const auto take = [&](std::uint32_t i) {
    const IdLink& link = links[i];
    if (groups.kept_apart(link.a, link.b)) {
      people.verdicts[i] = LinkVerdict::kept_apart;
    } else {
      groups.join(link.a, link.b);
    }
  };
  for (const std::uint32_t i : order) {
    if (!counts(links[i], ids)) {
      people.verdicts[i] =
          links[i].decided_apart ? LinkVerdict::kept_apart : LinkVerdict::unknown_id;
    } else if (agreed(links[i])) {
      take(i);
    }
  }
  people.crowded = crowded_ids(ids, links, groups);
  for (const std::uint32_t i : order) {
    const IdLink& link = links[i];
    if (!counts(link, ids) || agreed(link) || groups.of(link.a) == groups.of(link.b)) {
      continue;
    }
    if (!is_key(ids[link.a], people.crowded[link.a]) ||
        !is_key(ids[link.b], people.crowded[link.b])) {
      people.verdicts[i] = LinkVerdict::key_refused;
    } else if (groups.both_have_users(link.a, link.b)) {
      people.verdicts[i] = LinkVerdict::two_users;
    } else {
      take(i);
    }
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (groups.of(links[i].a) == groups.of(links[i].b)) {
      people.verdicts[i] = LinkVerdict::accepted;  // one by other links
    }
  }
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    people.group.push_back(groups.of(i));
  }
  return people;
}

}  // namespace guanxi
