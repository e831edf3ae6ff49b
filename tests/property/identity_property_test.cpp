#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/hash.hpp"
#include "people/survey.hpp"
#include "people/test_brand.hpp"
#include "relationship/fold_memory.hpp"

// Who is one as a function of a set of links and decisions, against a slow reference that follows
// the words of docs/identity.md.
namespace guanxi {
namespace {

using test_brand::model;
using test_brand::on_day;

constexpr Day kLast{test_brand::kFirstDay + 400};
using Pair = std::pair<std::string, std::string>;
using Kind = IdDecision::Kind;

/// Something that comes: an event that names one id or two.
struct Said {
  std::string person;
  std::string also;  ///< empty: nothing
  std::uint32_t at_s = 0;
  std::uint64_t id_hash = 0;
  bool alias = false;
};

/// A decision, in the order of deciding.
struct Decided {
  Kind kind = Kind::open;
  std::string a;
  std::string b;
};

/// The slow reference: sets of texts, everything from the start each time.
class Reference {
 public:
  Reference(const std::vector<Said>& said, const std::vector<Decided>& decided) {
    for (const Said& one : said) {
      named_.insert(one.person);
      note(one);
    }
    for (std::size_t i = 0; i < decided.size(); ++i) {
      decide(decided[i], i + 1);
    }
    for (const std::string& id : ids_) {
      groups_.push_back({id});
    }
  }

  /// The ids of everyone, people in order.
  std::set<std::set<std::string>> people() {
    agree();
    find_crowds();
    take_the_rest();
    std::set<std::set<std::string>> alive;
    for (const std::set<std::string>& group : groups_) {
      if (std::any_of(group.begin(), group.end(),
                      [&](const std::string& id) { return named_.count(id) != 0; })) {
        alive.insert(group);
      }
    }
    return alive;
  }

 private:
  struct Link {
    std::pair<std::uint32_t, std::uint64_t> first{UINT32_MAX, UINT64_MAX};
    bool alias = false;
    bool guess = true;
  };

  static std::string space(const std::string& id) { return id.substr(0, id.find(':')); }
  static Pair pair_of(const std::string& a, const std::string& b) { return std::minmax(a, b); }

  void note(const Said& said) {
    ids_.insert(said.person);
    if (said.also.empty() || said.also == said.person) {
      return;
    }
    const auto add = [&](const std::string& other, bool guess) {
      ids_.insert(other);
      Link& link = links_[pair_of(said.person, other)];
      link.first = std::min(link.first, {said.at_s, said.id_hash});
      link.alias = link.alias || said.alias;
      link.guess = link.guess && guess;
    };
    add(said.also, false);
    if (said.alias && space(said.person) == "user" && space(said.also) == "anonymous") {
      const std::string user = "user:" + said.also.substr(said.also.find(':') + 1);
      if (user != said.person) {
        add(user, true);
      }
    }
  }

  void decide(const Decided& decided, std::uint64_t number) {
    ids_.insert(decided.a);
    if (decided.b.empty()) {
      trust_[decided.a] = decided.kind;
      return;
    }
    ids_.insert(decided.b);
    const Pair pair = pair_of(decided.a, decided.b);
    same_.erase(pair);
    apart_.erase(pair);
    if (decided.kind == Kind::same) {
      same_[pair] = number;
    } else if (decided.kind == Kind::apart) {
      apart_.insert(pair);
    }
  }

  std::set<std::string>& group_of(const std::string& id) {
    return *std::find_if(groups_.begin(), groups_.end(),
                         [&](const auto& group) { return group.count(id) != 0; });
  }

  bool join(const Pair& pair) {
    std::set<std::string> left = group_of(pair.first);
    const std::set<std::string> right = group_of(pair.second);
    if (left == right) {
      return true;
    }
    for (const auto& [a, b] : apart_) {
      if ((left.count(a) != 0 && right.count(b) != 0) ||
          (left.count(b) != 0 && right.count(a) != 0)) {
        return false;
      }
    }
    groups_.erase(std::find(groups_.begin(), groups_.end(), left));
    groups_.erase(std::find(groups_.begin(), groups_.end(), right));
    left.insert(right.begin(), right.end());
    groups_.push_back(left);
    return true;
  }

  bool known(const std::string& id) const {
    return named_.count(id) != 0 || std::any_of(links_.begin(), links_.end(), [&](const auto& it) {
             return !it.second.guess && (it.first.first == id || it.first.second == id);
           });
  }
  bool counts(const Pair& pair, const Link& link) const {
    return apart_.count(pair) == 0 && (!link.guess || (known(pair.first) && known(pair.second)));
  }
  static bool names_users(const Pair& pair) {
    return space(pair.first) == "user" && space(pair.second) == "user";
  }

  void agree() {
    std::map<std::uint64_t, Pair> by_number;
    for (const auto& [pair, number] : same_) {
      by_number[number] = pair;
    }
    for (const auto& [number, pair] : by_number) {
      join(pair);
    }
    for (const auto& [first, pair] : in_order()) {
      if (links_[pair].alias && names_users(pair)) {
        join(pair);
      }
    }
  }

  std::multimap<std::pair<std::uint32_t, std::uint64_t>, Pair> in_order() const {
    std::multimap<std::pair<std::uint32_t, std::uint64_t>, Pair> order;
    for (const auto& [pair, link] : links_) {
      if (counts(pair, link)) {
        order.emplace(link.first, pair);
      }
    }
    return order;
  }

  void find_crowds() {
    for (const std::string& id : ids_) {
      const auto decided = trust_.find(id);
      const bool distrusted = decided != trust_.end() && decided->second == Kind::distrust;
      const bool trusted = decided != trust_.end() && decided->second == Kind::trust;
      std::set<std::set<std::string>> seen_with;
      for (const auto& [pair, link] : links_) {
        const std::string& other = pair.first == id ? pair.second : pair.first;
        if ((pair.first == id || pair.second == id) && counts(pair, link) &&
            space(other) == "user") {
          seen_with.insert(group_of(other));
        }
      }
      const bool device = space(id) == "anonymous" || space(id) == "device";
      if (distrusted || space(id) == "household" || space(id) == "staff" ||
          (device && !trusted && seen_with.size() >= 3)) {
        no_keys_.insert(id);
      }
    }
  }

  void take_the_rest() {
    const auto has_user = [](const std::set<std::string>& group) {
      return std::any_of(group.begin(), group.end(),
                         [](const std::string& id) { return space(id) == "user"; });
    };
    for (const auto& [first, pair] : in_order()) {
      const bool agreed = same_.count(pair) != 0 || (links_[pair].alias && names_users(pair));
      const bool no_key = no_keys_.count(pair.first) != 0 || no_keys_.count(pair.second) != 0;
      if (!agreed && !no_key &&
          !(has_user(group_of(pair.first)) && has_user(group_of(pair.second)))) {
        join(pair);
      }
    }
  }

  std::set<std::string> ids_;
  std::set<std::string> named_;
  std::map<Pair, Link> links_;
  std::map<Pair, std::uint64_t> same_;
  std::set<Pair> apart_;
  std::map<std::string, Kind> trust_;
  std::set<std::string> no_keys_;
  std::vector<std::set<std::string>> groups_;
};

std::string random_id(Random& random, std::uint64_t few) {
  static constexpr std::array<const char*, 8> kSpaces = {
      "user", "user", "anonymous", "anonymous", "email", "device", "phone", "household"};
  return std::string(kSpaces.at(random.below(kSpaces.size()))) + ":" +
         std::to_string(random.below(few));
}

Said random_said(Random& random, std::uint64_t number, std::uint64_t few) {
  Said said;
  said.person = random_id(random, few);
  said.also = random.below(4) == 0 ? std::string() : random_id(random, few);
  said.at_s = static_cast<std::uint32_t>(test_brand::kFirstDay * 86400 + random.below(40));
  said.id_hash = mix64(number);
  said.alias = random.below(4) == 0;
  if (said.alias && random.below(2) == 0) {
    said.also = "anonymous:" + std::to_string(random.below(few));
  }
  return said;
}

Decided random_decided(Random& random, std::uint64_t few) {
  Decided decided;
  decided.kind = static_cast<Kind>(1 + random.below(5));
  decided.a = random_id(random, few);
  if (decided.kind == Kind::same || decided.kind == Kind::apart ||
      (decided.kind == Kind::open && random.below(2) == 0)) {
    while (decided.b.empty() || decided.b == decided.a) {
      decided.b = random_id(random, few);
    }
  }
  return decided;
}

void say(Identity& identity, const Said& said) {
  const ExternalId person = parse_external_id(said.person);
  const ExternalId also = parse_external_id(said.also);
  if (said.also.empty() || also == person) {
    (void)identity.find_or_add(person);
  } else {
    (void)identity.identify(person, also, LinkEvidence{said.id_hash, said.at_s, 1, said.alias});
  }
}

IdDecision as_decision(const Decided& decided, std::uint64_t number) {
  return {number, decided.kind, parse_external_id(decided.a),
          decided.b.empty() ? ExternalId{} : parse_external_id(decided.b)};
}

std::set<std::set<std::string>> people_in(const Identity& identity) {
  std::set<std::set<std::string>> people;
  for (std::uint32_t person = 0; person < identity.people(); ++person) {
    const std::vector<std::string> ids = identity.ids(person);
    people.insert(std::set<std::string>(ids.begin(), ids.end()));
  }
  return people;
}

std::string story(const std::vector<Said>& said, const std::vector<Decided>& decided) {
  std::string text;
  for (const Said& one : said) {
    text += "\n" + one.person + " " + one.also + " at " + std::to_string(one.at_s % 86400) +
            (one.alias ? " alias" : "");
  }
  for (const Decided& one : decided) {
    text += "\n" + std::string(name_of(one.kind)) + " " + one.a + " " + one.b;
  }
  return text;
}

// Goal: whatever comes, in whatever order, settled however often, people are those of the
// reference. Method: 100,000 random sequences of links, aliases, decisions and their undoing.
TEST(IdentityProperty, AHundredThousandSequencesOfLinksAndUndoingAgreeWithTheReference) {
  for (std::uint64_t seed = 1; seed <= 100'000; ++seed) {
    Random random(seed);
    const std::uint64_t few = 1 + random.below(4);
    const std::uint64_t steps = 1 + random.below(16);
    Identity identity;
    std::vector<Said> said;
    std::vector<Decided> decided;
    for (std::uint64_t step = 0; step < steps; ++step) {
      if (random.below(3) == 0) {
        decided.push_back(random_decided(random, few));
        identity.decide(as_decision(decided.back(), decided.size()));
      } else {
        said.push_back(random_said(random, seed * 1000 + step, few));
        say(identity, said.back());
      }
      if (random.below(3) == 0) {
        (void)identity.close_gaps(identity.settle().emptied);
      }
    }
    (void)identity.close_gaps(identity.settle().emptied);
    ASSERT_FALSE(identity.unsettled());
    ASSERT_EQ(people_in(identity), Reference(said, decided).people())
        << "seed " << seed << story(said, decided);
    for (const std::set<std::string>& person : people_in(identity)) {
      const std::uint32_t number = identity.find(parse_external_id(*person.begin()));
      for (const std::string& id : person) {
        ASSERT_EQ(identity.find(parse_external_id(id)), number) << "seed " << seed;
      }
      identity.for_each_link(number, [&](const KnownLink& link) {
        EXPECT_EQ(link.verdict == LinkVerdict::accepted,
                  identity.find(link.a) == identity.find(link.b));
      });
    }
  }
}

// Events in a made-up log: what each is, and whose.
struct Brand {
  std::vector<Said> said;
  std::vector<CompactEvent::Fields> events;

  void place(Image& image, std::uint32_t ordinal) const {
    const PersonRef person = who(image, ordinal);
    (void)image.add(person, event(ordinal));
  }
  [[nodiscard]] PersonRef who(Image& image, std::uint32_t ordinal) const {
    const Said& one = said[ordinal];
    return image.identify(parse_external_id(one.person),
                          one.also.empty() ? ExternalId{} : parse_external_id(one.also),
                          LinkEvidence{one.id_hash, one.at_s, 1, one.alias});
  }
  [[nodiscard]] CompactEvent event(std::uint32_t ordinal) const {
    CompactEvent::Fields fields = events[ordinal];
    fields.ordinal = ordinal;
    return CompactEvent(fields);
  }
  [[nodiscard]] EventNames names() const {
    return [this](std::span<const std::uint32_t> ordinals, const auto& visit) -> Result<void> {
      for (std::size_t i = 0; i < ordinals.size(); ++i) {
        visit(i, parse_external_id(said.at(ordinals[i]).person));
      }
      return {};
    };
  }
};

Brand random_brand(Random& random, std::uint64_t seed, std::uint64_t few, std::size_t events) {
  Brand brand;
  for (std::size_t i = 0; i < events; ++i) {
    Said said = random_said(random, seed * 1000 + i, few);
    const std::vector<EventKind> kinds = {EventKind::order_completed, EventKind::order_completed,
                                          EventKind::review_posted,   EventKind::referral_accepted,
                                          EventKind::order_refunded,  EventKind::identified};
    CompactEvent::Fields fields = on_day(static_cast<std::int32_t>(random.below(300)),
                                         kinds[random.below(kinds.size())], said.id_hash);
    fields.order_ref = static_cast<std::uint32_t>(1 + random.below(5));
    fields.amount_minor = fields.kind == EventKind::order_refunded ? -1000 : 2000;
    said.at_s = fields.occurred_s;
    brand.said.push_back(said);
    brand.events.push_back(fields);
  }
  return brand;
}

// Referrals name a person by an id.
void intern_referrers(Image& image, Brand& brand) {
  for (std::size_t i = 0; i < brand.events.size(); ++i) {
    if (brand.events[i].kind == EventKind::referral_accepted) {
      brand.events[i].subject =
          image.subjects().intern("user:" + std::to_string(brand.said[i].id_hash % 3));
    }
  }
}

void arrive(Image& image, const Brand& brand, const std::vector<std::uint32_t>& order,
            Random& random) {
  for (std::size_t at = 0; at < order.size();) {
    const std::size_t end = std::min(order.size(), at + 1 + random.below(6));
    if (random.below(2) == 0) {
      BulkLoader loader = image.begin_bulk();
      for (; at < end; ++at) {
        loader.push(brand.who(image, order[at]), brand.event(order[at]));
      }
      (void)loader.finish(1);
      (void)image.settle_people(brand.names(), false);
      if (image.folded()) {
        image.refold(model(), kLast, 1);
      }
    } else {
      for (; at < end; ++at) {
        brand.place(image, order[at]);
      }
      (void)image.settle_people(brand.names(), true);
    }
    if (!image.folded() && random.below(3) == 0) {
      image.refold(model(), kLast, 1);
    }
  }
  if (!image.folded()) {
    image.refold(model(), kLast, 1);
  }
}

std::vector<std::uint32_t> shuffled(std::size_t count, Random& random) {
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) {
    order[i] = static_cast<std::uint32_t>(i);
  }
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[random.below(i)]);
  }
  return order;
}

void expect_kept_is_folded(const Image& image, std::uint64_t seed) {
  FoldMemory memory;
  for (std::uint32_t number = 0; number < image.people(); ++number) {
    const PersonRef person = image.ref_of(number);
    State state;
    (void)fold_reading(image.timeline(person), model(), kLast, memory, &state);
    ASSERT_TRUE(state == image.state(person)) << "seed " << seed;
  }
}

// Goal: timelines, credits and folds follow who is one, by any door, in any order of arrival, and
// decisions and their undoing leave nothing behind. Method: random brands of few ids, every order
// by random doors; then random decisions, compared with an image that has known them from the
// start; then all of them taken back, compared with the image before.
TEST(IdentityProperty, ImagesFollowLinksAndDecisionsAndUndoingLeavesNothing) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const std::uint64_t few = 1 + random.below(3);
    Image first(1U << random.below(3));
    Brand brand = random_brand(random, seed, few, 4 + random.below(20));
    intern_referrers(first, brand);
    arrive(first, brand, shuffled(brand.said.size(), random), random);
    const Digest before = digest(first, model(), kLast, 1);
    expect_kept_is_folded(first, seed);

    std::vector<Decided> decided;
    for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
      decided.push_back(random_decided(random, few));
      first.decide(as_decision(decided.back(), decided.size()));
      if (random.below(2) == 0) {
        ASSERT_TRUE(first.settle_people(brand.names(), true));
      }
    }
    ASSERT_TRUE(first.settle_people(brand.names(), true));
    expect_kept_is_folded(first, seed);

    Image second(1U << random.below(3));
    intern_referrers(second, brand);
    for (std::size_t i = 0; i < decided.size(); ++i) {
      second.decide(as_decision(decided[i], i + 1));
    }
    arrive(second, brand, shuffled(brand.said.size(), random), random);
    ASSERT_EQ(digest(first, model(), kLast, 1), digest(second, model(), kLast, 1))
        << "seed " << seed;
    ASSERT_EQ(first.events(), second.events());
    ASSERT_EQ(first.derived_events(), second.derived_events());

    for (Decided& one : decided) {
      one.kind = Kind::open;
      first.decide(as_decision(one, 100));
    }
    ASSERT_TRUE(first.settle_people(brand.names(), true));
    ASSERT_EQ(digest(first, model(), kLast, 1), before) << "seed " << seed;
    expect_kept_is_folded(first, seed);
  }
}

// Goal: two ids kept apart whose only link is that of one event are as if the event had not named
// the second. Method: people in pairs, one link each, undone; against events without the link.
TEST(IdentityProperty, AnUndoneLinkWasNeverThere) {
  Brand linked;
  Random random(7);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::string who = std::to_string(random.below(200));
    Said said{random.below(2) == 0 ? "user:" + who : "anonymous:" + who, "", 0, mix64(i + 1),
              false};
    if (said.person.starts_with("user") && random.below(3) == 0) {
      said.also = "anonymous:" + who;
    }
    CompactEvent::Fields fields = on_day(static_cast<std::int32_t>(random.below(300)),
                                         EventKind::order_completed, said.id_hash);
    fields.amount_minor = 3000;
    fields.order_ref = static_cast<std::uint32_t>(i + 1);
    said.at_s = fields.occurred_s;
    linked.said.push_back(said);
    linked.events.push_back(fields);
  }
  Brand bare = linked;
  for (Said& said : bare.said) {
    said.also.clear();
  }
  Image undone(4);
  arrive(undone, linked, shuffled(linked.said.size(), random), random);
  const std::uint32_t united = undone.people();
  std::uint64_t number = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string who = std::to_string(i);
    undone.decide(as_decision({Kind::apart, "user:" + who, "anonymous:" + who}, ++number));
  }
  ASSERT_TRUE(undone.settle_people(linked.names(), true));
  Image never(2);
  arrive(never, bare, shuffled(bare.said.size(), random), random);
  EXPECT_LT(united, never.people());
  EXPECT_EQ(digest(undone, model(), kLast, 1), digest(never, model(), kLast, 1));
}

}  // namespace
}  // namespace guanxi
