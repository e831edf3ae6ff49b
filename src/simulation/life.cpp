#include "simulation/life.hpp"

#include <algorithm>
#include <array>

#include "events/event.hpp"
#include "events/kind_table.hpp"
#include "simulation/catalogue.hpp"

namespace guanxi {
namespace {

using K = EventKind;

constexpr std::uint32_t kDay = 86400;
constexpr std::uint32_t kHour = 3600;

// A share of a thousand as Random::chance() takes it.
constexpr std::uint32_t per_mille(std::uint32_t thousandths) {
  return thousandths * 65536U / 1000U;
}
// a + b * trust, all as shares of a thousand.
constexpr std::uint32_t by_trust(std::uint32_t a, std::uint32_t b, std::uint32_t trust) {
  return per_mille(a) + static_cast<std::uint32_t>(std::uint64_t{per_mille(b)} * trust >> 16U);
}

// Orders of a day by hour: quiet nights, a bump at noon, most in the evening. Out of 256.
constexpr std::array<std::uint8_t, 24> kHours = {2,  1,  1,  0,  0,  1,  3,  7,  11, 14, 15, 15,
                                                 17, 14, 13, 13, 12, 12, 14, 18, 24, 24, 17, 8};

// Scores 1 to 5 out of 1000 by lateness: Olist.
constexpr std::array<std::uint32_t, 5> kScoresInTime = {67, 27, 83, 204, 619};
constexpr std::array<std::uint32_t, 5> kScoresLate = {533, 87, 119, 99, 162};

// Lines of an order out of 256, for 1, 2, 3 ...: mean 2.4, as CDNOW's discs an order.
constexpr std::array<std::uint32_t, 8> kLines = {96, 66, 40, 24, 14, 8, 5, 3};

// What friends of the brand do besides buying, with weights.
struct Deed {
  K kind;
  std::uint32_t weight;
};
constexpr std::array<Deed, 16> kDeeds = {{{K::community_posted, 20},
                                          {K::event_attended, 10},
                                          {K::idea_submitted, 5},
                                          {K::test_joined, 6},
                                          {K::role_taken, 2},
                                          {K::staff_met, 22},
                                          {K::store_visited, 14},
                                          {K::product_shared, 12},
                                          {K::preference_stated, 8},
                                          {K::suggestion_taken, 10},
                                          {K::suggestion_refused, 4},
                                          {K::cause_joined, 4},
                                          {K::value_affirmed, 6},
                                          {K::service_delivered, 6},
                                          {K::score_answered, 12},
                                          {K::chat_started, 12}}};

template <std::size_t N>
std::uint32_t drawn(const std::array<std::uint32_t, N>& weights, std::uint32_t total,
                    Random& chance) {
  auto lot = static_cast<std::uint32_t>(chance.below(total));
  for (std::uint32_t i = 0; i < N; ++i) {
    if (lot < weights[i]) {
      return i;
    }
    lot -= weights[i];
  }
  return N - 1;
}

class Life {
 public:
  Life(const BrandLife& brand, std::uint32_t person, std::vector<Draft>& out)
      : brand_(brand),
        person_(person),
        out_(out),
        path_(latent_path(brand.seed, person, brand.days)),
        chance_(stream_of(brand.seed, person, Stream::life)) {}

  void live() {
    arrive();
    for (std::uint32_t month = 0; month < path_.months; ++month) {
      month_ = month;
      trust_ = path_.trust[month];
      shock(path_.shock[month]);
      buy();
      look();
      be_contacted();
      take_part();
      suffer();
      subscribe();
    }
  }

 private:
  // ---- time and chance

  std::uint32_t second_of_day() {
    const std::uint64_t lot = chance_.next();
    auto quarter = static_cast<std::uint32_t>(lot & 255U);
    std::uint32_t hour = 0;
    while (hour < 23 && quarter >= kHours[hour]) {
      quarter -= kHours[hour];
      ++hour;
    }
    return hour * kHour + static_cast<std::uint32_t>((lot >> 8U) % kHour);
  }
  std::uint32_t moment_of_month() {
    const std::uint32_t day = path_.first_day + month_ * LatentPath::kMonthDays +
                              static_cast<std::uint32_t>(chance_.below(LatentPath::kMonthDays));
    return day * kDay + second_of_day();
  }
  std::uint32_t within(std::uint32_t seconds) {
    return static_cast<std::uint32_t>(chance_.below(seconds));
  }
  // How often something of so many a month (1/65536) happens in one: eight chances of an eighth.
  std::uint32_t times(std::uint64_t a_month_16) {
    const auto eighth = static_cast<std::uint32_t>(std::min<std::uint64_t>(a_month_16 / 8, 65535));
    const std::uint64_t first = chance_.next();
    const std::uint64_t second = chance_.next();
    std::uint32_t count = 0;
    for (unsigned lane = 0; lane < 64; lane += 16) {
      count += (first >> lane & 0xFFFFU) < eighth ? 1U : 0U;
      count += (second >> lane & 0xFFFFU) < eighth ? 1U : 0U;
    }
    return count;
  }
  std::uint16_t topic_for(K kind) {
    const std::size_t topics = topics_of(kind).size();
    return topics == 0 ? Draft::kNone : static_cast<std::uint16_t>(chance_.below(topics));
  }
  // The popular ones far more often: the smaller of two; and the favourite again and again.
  std::uint16_t product_on(std::uint32_t at_s) {
    const std::size_t count = products().size();
    std::uint64_t product = std::min(chance_.below(count), chance_.below(count));
    if (chance_.chance(by_trust(150, 450, trust_))) {
      product = mix64(brand_.seed ^ person_) % count;
    }
    return products()[product].released_on * kDay > at_s ? 0 : static_cast<std::uint16_t>(product);
  }
  std::uint16_t own_staff() const {
    return static_cast<std::uint16_t>(mix64(person_ + 77) % staff().size());
  }

  Draft& add(K kind, std::uint32_t at_s, std::uint32_t thread = 0) {
    Draft draft;
    draft.kind = kind;
    draft.at_s = at_s;
    draft.person = person_;
    draft.number = number_++;
    draft.thread = thread;
    draft.topic = topic_for(kind);
    const KindEntry& entry = entry_of(kind);
    draft.flags = static_cast<std::uint8_t>((entry.by_customer ? kByCustomer : 0) |
                                            (entry.reachable ? kReachable : 0));
    if (at_s >= brand_.days * kDay) {
      beyond_ = draft;
      return beyond_;
    }
    out_.push_back(draft);
    return out_.back();
  }
  Draft& add_about(K kind, std::uint32_t at_s, std::uint16_t product, std::uint32_t thread = 0) {
    Draft& draft = add(kind, at_s, thread);
    draft.product = product;
    return draft;
  }
  Draft& add_by_staff(K kind, std::uint32_t at_s, std::uint32_t thread = 0) {
    Draft& draft = add(kind, at_s, thread);
    draft.staff = own_staff();
    return draft;
  }

  // ---- coming

  void arrive() {
    trust_ = path_.trust[0];
    const std::uint32_t at = path_.first_day * kDay + second_of_day();
    Draft& who = add(K::identified, at);
    const Referrer referrer = path_.befriended ? referrer_of(brand_, person_, path_) : Referrer{};
    who.quantity = static_cast<std::int32_t>(origin(referrer));
    who.flags =
        static_cast<std::uint8_t>(who.flags | (chance_.chance(per_mille(850)) ? kReachable : 0));
    if (referrer.found) {
      add(K::referral_accepted, at + 60).other = referrer.person;
    }
    contactable_ = chance_.chance(per_mille(700));
    if (contactable_) {
      add(K::consent_given, at + 90);
    }
    add(K::visit, at + 30).quantity = 1 + static_cast<std::int32_t>(within(9));
    // A group that a friend opened is joined by somebody in 42 of 100 cases (BeiBei).
    const std::uint32_t first =
        referrer.found ? by_trust(420, 500, trust_) : by_trust(280, 600, trust_);
    if (chance_.chance(first)) {
      place_order(at + 600 + within(20) * kDay);
    }
    if (chance_.chance(per_mille(2))) {
      add(K::unknown, at + 120);
    }
    if (chance_.chance(by_trust(0, 300, trust_))) {
      add_by_staff(K::staff_assigned, at + kDay);
    }
    if (chance_.chance(per_mille(2))) {
      Draft& books = add_about(K::stock_adjusted, at, product_on(at));
      books.quantity = -1 - static_cast<std::int32_t>(within(5));
    }
  }

  Origin origin(const Referrer& referrer) {
    if (referrer.found) {
      return Origin::friend_referral;
    }
    constexpr std::array<Origin, 8> kOthers = {
        Origin::advertisement, Origin::advertisement, Origin::product, Origin::open_rating,
        Origin::brand,         Origin::endorsement,   Origin::store,   Origin::unknown};
    return kOthers[chance_.below(kOthers.size())];
  }

  // ---- buying

  void buy() {
    const std::uint32_t count = times(orders_a_month_16(path_.trust[month_], path_.rhythm));
    for (std::uint32_t i = 0; i < count; ++i) {
      place_order(moment_of_month());
    }
  }

  void look_before(std::uint32_t at, std::uint16_t product) {
    // Taobao: 43 views, 2.6 carts and 1.35 favourites a purchase. One view in 32 is kept here.
    const std::uint32_t before = at - std::min(at, 1 + within(2 * kHour));
    if (chance_.chance(per_mille(800))) {
      add_about(K::product_viewed, before, product);
    }
    if (chance_.chance(per_mille(300))) {
      const std::uint32_t earlier = before - std::min(before, within(kDay));
      add_about(K::product_viewed, earlier, product_on(earlier));
    }
    if (chance_.chance(per_mille(400))) {
      add_about(K::product_added, at - std::min(at, 300U), product).quantity = 1;
    }
    if (chance_.chance(per_mille(60))) {
      add_about(K::product_removed, at - std::min(at, 200U), product_on(at)).quantity = 1;
    }
    if (chance_.chance(per_mille(210))) {
      add_about(K::wishlist_added, before, product);
    }
    if (chance_.chance(per_mille(80))) {
      add(K::products_searched, before);
    }
    if (chance_.chance(per_mille(200))) {
      add(K::checkout_started, at - std::min(at, 90U), threads_);
    }
  }

  struct Order {
    std::uint32_t number = 0;
    std::uint32_t at = 0;
    std::uint32_t lines = 0;
    std::int32_t lines_minor = 0;
    std::int32_t rest_minor = 0;
    std::uint16_t last_product = 0;
    std::int32_t last_minor = 0;
  };

  void place_order(std::uint32_t at) {
    Order order{++threads_, at, 1 + drawn(kLines, 256, chance_)};
    const bool full_price = chance_.chance(by_trust(350, 550, trust_));
    const bool prepaid = chance_.chance(by_trust(0, 120, trust_));
    for (std::uint32_t line = 0; line < order.lines; ++line) {
      add_line(order, full_price, prepaid);
    }
    look_before(at, order.last_product);
    order.rest_minor = order.lines_minor >= 19900 ? 0 : 800;
    if (!full_price) {
      order.rest_minor -= order.lines_minor / 10;
      if (chance_.chance(per_mille(600))) {
        add(K::coupon_applied, at - std::min(at, 30U), order.number);
      }
    }
    Draft& whole = add(K::order_completed, at, order.number);
    whole.amount_minor = order.rest_minor;
    whole.flags = static_cast<std::uint8_t>(whole.flags | (full_price ? kFullPrice : 0) |
                                            (prepaid ? kPrepaid : 0));
    if (prepaid) {
      add(K::prepayment_made, at + 30, order.number).amount_minor = order.lines_minor;
    }
    if (chance_.chance(per_mille(20))) {
      add(K::fee_charged, at + 40, order.number).amount_minor = 1500;
    }
    if (chance_.chance(per_mille(30))) {
      add(K::order_updated, at + kHour, order.number);
    }
    if (chance_.chance(per_mille(8))) {  // Olist: 0.75 % cancelled
      add(K::order_cancelled, at + 2 * kHour, order.number).amount_minor =
          -(order.lines_minor + order.rest_minor);
      return;
    }
    deliver(order);
  }

  void add_line(Order& order, bool full_price, bool prepaid) {
    const std::uint16_t product = product_on(order.at);
    const Product& what = products()[product];
    const auto units =
        static_cast<std::int32_t>(chance_.chance(per_mille(180)) ? 2 + within(2) : 1);
    Draft& line = add_about(K::order_line, order.at, product, order.number);
    line.quantity = units;
    line.amount_minor = static_cast<std::int32_t>(what.price_minor) * units;
    const bool early = what.released_on > 0 && order.at < (what.released_on + 45) * kDay;
    line.flags = static_cast<std::uint8_t>(line.flags | (full_price ? kFullPrice : 0) |
                                           (prepaid ? kPrepaid : 0) | (early ? kEarly : 0));
    order.lines_minor += line.amount_minor;
    order.last_product = product;
    order.last_minor = line.amount_minor;
  }

  void deliver(const Order& order) {
    // Olist: half of the parcels come within 10 days, 23 are promised, 6.6 % come late.
    const std::uint32_t promised = order.at + 23 * kDay;
    const std::uint32_t shocked = path_.shock[month_] == Shock::bad ? 250U : 0U;
    const bool late = chance_.chance(per_mille(95 + shocked) - by_trust(0, 70, trust_));
    const std::uint32_t arrives =
        late ? promised + (1 + within(12)) * kDay : order.at + (2 + within(9) + within(9)) * kDay;
    if (chance_.chance(per_mille(300))) {
      add(K::promise_made, order.at + 60, order.number).topic = 0;
    }
    const std::uint32_t came = arrives / kDay * kDay + 9 * kHour + within(9 * kHour);
    add(late ? K::promise_broken : K::promise_kept, came, order.number).topic = 0;
    if (late && chance_.chance(per_mille(150))) {
      add(K::complaint_raised, came + kHour, order.number).topic = 0;
    }
    review(order, came, late);
    give_back(order, came);
    if (chance_.chance(per_mille(40))) {
      ask_for_help(came + within(3 * kDay));
    }
  }

  void review(const Order& order, std::uint32_t came, bool late) {
    if (!chance_.chance(by_trust(100, 300, trust_))) {
      return;
    }
    const auto& scores = late ? kScoresLate : kScoresInTime;
    std::uint32_t stars = 1 + drawn(scores, 1000, chance_);
    const std::uint32_t again = 1 + drawn(scores, 1000, chance_);
    if (chance_.chance(by_trust(0, 600, trust_))) {
      stars = std::max(stars, again);
    } else if (chance_.chance(per_mille(400) - by_trust(0, 400, trust_))) {
      stars = std::min(stars, again);
    }
    Draft& words = add_about(K::review_posted, came + kHour + within(6 * kDay), order.last_product,
                             order.number);
    words.quantity = static_cast<std::int32_t>(stars - 1) * 25;
    words.topic = static_cast<std::uint16_t>(within(3));
  }

  // Online Retail II: 21 returns for 100 orders, 6 % of the value.
  void give_back(const Order& order, std::uint32_t came) {
    const std::uint32_t at = came + kDay + within(8 * kDay);
    const std::uint32_t ill = per_mille(1350) - by_trust(0, 700, trust_);
    const auto scaled = [ill](std::uint32_t thousandths) {
      return static_cast<std::uint32_t>(std::uint64_t{per_mille(thousandths)} * ill >> 16U);
    };
    if (chance_.chance(scaled(25))) {
      add(K::order_refunded, at, order.number).amount_minor =
          -(order.lines_minor + order.rest_minor);
    } else if (chance_.chance(scaled(45))) {
      Draft& part = add(K::order_refunded, at, order.number);
      part.amount_minor = -(order.lines_minor / 4);
      part.flags = static_cast<std::uint8_t>(part.flags | kPartial);
    } else if (chance_.chance(scaled(120))) {
      Draft& back = add_about(K::line_returned, at, order.last_product, order.number);
      back.amount_minor = -order.last_minor;
      back.quantity = 1;
    } else if (chance_.chance(scaled(3))) {
      add(K::payment_disputed, at, order.number).amount_minor = -order.lines_minor;
    }
  }

  void subscribe() {
    const std::uint32_t at = moment_of_month();
    if (subscription_ == 0) {
      if (trust_ > 30000 && chance_.chance(per_mille(8))) {
        subscription_ = ++threads_;
        add(K::subscription_started, at, subscription_).amount_minor = 8800;
      }
      return;
    }
    if (trust_ < 24000 || chance_.chance(per_mille(30))) {
      add(K::subscription_cancelled, at, subscription_);
      subscription_ = 0;
    } else {
      add(K::subscription_renewed, at, subscription_).amount_minor = 8800;
    }
  }

  // ---- looking and being written to

  void look() {
    const std::uint32_t count = times(by_trust(20, 600, trust_));
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t at = moment_of_month();
      add(K::visit, at).quantity = 1 + static_cast<std::int32_t>(within(12));
      if (chance_.chance(per_mille(300))) {
        add_about(K::product_viewed, at + 40, product_on(at));
      }
    }
  }

  // The Complete Journey: 27 campaigns in 16 months, 4.2 for a home that is written to at all.
  void be_contacted() {
    if (!contactable_ || !chance_.chance(per_mille(180))) {
      return;
    }
    const std::uint32_t day = moment_of_month() / kDay;
    const std::uint32_t at = day * kDay + 10 * kHour + within(kHour);
    const std::uint16_t campaign = topic_for(K::contact_delivered);
    const auto tell = [&](K kind, std::uint32_t later_s) {
      add(kind, at + later_s).topic = campaign;
    };
    if (chance_.chance(per_mille(15))) {
      tell(K::contact_bounced, 5);
      return;
    }
    tell(K::contact_delivered, 0);
    if (chance_.chance(by_trust(150, 450, trust_))) {
      tell(K::contact_opened, 60 + within(9 * kHour));
      // Hillstrom: 15 and 18 of 100 came within two weeks, 11 without any mail.
      if (chance_.chance(by_trust(100, 350, trust_))) {
        tell(K::contact_clicked, 120 + 9 * kHour);
      }
    }
    if (chance_.chance(per_mille(12) - by_trust(0, 11, trust_))) {
      tell(K::unsubscribed, 10 * kHour);
      contactable_ = false;
    } else if (chance_.chance(per_mille(4) - by_trust(0, 4, trust_))) {
      tell(K::marked_as_spam, 10 * kHour);
    } else if (chance_.chance(per_mille(10))) {
      add(K::wrong_contact, at + 11 * kHour);
    }
  }

  // ---- taking part

  void take_part() {
    const std::uint32_t squared = trust_ * trust_ >> 16U;
    const std::uint32_t count = times(std::uint64_t{squared} * 13 / 10);
    for (std::uint32_t i = 0; i < count; ++i) {
      auto lot = static_cast<std::uint32_t>(chance_.below(153));
      const Deed* deed = kDeeds.data();
      while (lot >= deed->weight) {
        lot -= deed->weight;
        ++deed;
      }
      act(deed->kind, moment_of_month());
    }
  }

  void act(K kind, std::uint32_t at) {
    if (kind == K::chat_started) {
      talk(at);
    } else if (kind == K::staff_met || kind == K::service_delivered) {
      add_by_staff(kind, at).quantity = 20 + static_cast<std::int32_t>(within(40));
    } else if (kind == K::score_answered) {
      add(kind, at).quantity = score();
    } else if (kind == K::product_shared || kind == K::suggestion_taken ||
               kind == K::suggestion_refused) {
      add_about(kind, at, product_on(at));
    } else if (kind == K::event_attended) {
      Draft& evening = add(kind, at);
      evening.flags = static_cast<std::uint8_t>(evening.flags | kByCustomer);
      evening.quantity = 90;
    } else {
      add(kind, at);
    }
  }

  std::int32_t score() {
    const std::uint32_t tenths = std::min(10U, trust_ * 8 / 65536 + within(4));
    return static_cast<std::int32_t>(tenths) * 10;
  }

  void talk(std::uint32_t at) {
    const std::uint32_t number = ++threads_;
    add_by_staff(K::chat_started, at, number);
    const std::uint16_t topic = topic_for(K::message_received);
    Draft& asked = add_by_staff(K::message_received, at + 20, number);
    asked.topic = topic;
    Draft& answered = add_by_staff(K::message_sent, at + 90 + within(200), number);
    answered.topic = topic;
    add_by_staff(K::chat_ended, at + 400 + within(600), number).quantity = 10;
  }

  // ---- what goes wrong, and right

  void ask_for_help(std::uint32_t at) {
    const std::uint32_t number = ++threads_;
    const std::uint16_t topic = add(K::ticket_opened, at, number).topic;
    if (chance_.chance(per_mille(50))) {
      return;  // never solved
    }
    // Help desk: a quarter within 0.3 days, half within 3.9, three quarters within 14.2.
    constexpr std::array<std::uint32_t, 5> kHoursTaken = {1, 7, 94, 341, 626};
    const std::size_t quarter = chance_.below(4);
    const std::uint32_t hours =
        kHoursTaken.at(quarter) + within(kHoursTaken.at(quarter + 1) - kHoursTaken.at(quarter));
    Draft& solved = add_by_staff(K::ticket_solved, at + hours * kHour, number);
    solved.topic = topic;
    solved.quantity = static_cast<std::int32_t>(hours * 60);
  }

  void suffer() {
    if (!chance_.chance(per_mille(16) - by_trust(0, 13, trust_))) {
      return;
    }
    const std::uint32_t at = moment_of_month();
    switch (chance_.below(5)) {
      case 0:
        add(K::wrong_contact, at);
        break;
      case 1:
        add(K::complaint_raised, at);
        break;
      case 2:
        add(K::promise_broken, at);
        break;
      case 3:
        add(K::consent_withdrawn, at);
        break;
      default:
        ask_for_help(at);
    }
  }

  void shock(Shock shock) {
    const std::uint32_t at = moment_of_month();
    switch (shock) {
      case Shock::nothing:
        return;
      case Shock::breach:
        if (chance_.chance(per_mille(500))) {
          add(K::safety_incident, at);
        } else {
          add(K::values_conflict, at);
        }
        break;
      case Shock::bad:
        add(K::promise_broken, at).topic = 2;
        add(K::complaint_raised, at + kHour);
        if (chance_.chance(per_mille(500))) {
          add(K::score_answered, at + kDay).quantity = static_cast<std::int32_t>(within(5)) * 10;
        }
        break;
      case Shock::good:
        add_by_staff(K::service_delivered, at);
        add(K::promise_kept, at + kDay).topic = 2;
        if (chance_.chance(per_mille(300))) {
          add(K::score_answered, at + 2 * kDay).quantity = 100;
        }
        break;
    }
  }

  const BrandLife& brand_;
  std::uint32_t person_;
  std::vector<Draft>& out_;
  LatentPath path_;
  Random chance_;
  Draft beyond_;
  std::uint32_t month_ = 0;
  std::uint32_t trust_ = 0;
  std::uint32_t number_ = 0;
  std::uint32_t threads_ = 0;
  std::uint32_t subscription_ = 0;
  bool contactable_ = false;
};

}  // namespace

Referrer referrer_of(const BrandLife& brand, std::uint32_t person, const LatentPath& path) {
  Random chance = stream_of(brand.seed, person, Stream::referrer);
  for (int attempt = 0; person > 0 && attempt < 8; ++attempt) {
    const auto other = static_cast<std::uint32_t>(chance.below(person));
    const LatentPath theirs = latent_path(brand.seed, other, brand.days);
    if (theirs.first_day + 30 > path.first_day) {
      continue;
    }
    const std::uint32_t trust = theirs.trust_on(path.first_day);
    if (chance.chance(trust * trust >> 16U)) {
      return {true, other};
    }
  }
  return {};
}

void live(const BrandLife& brand, std::uint32_t person, std::vector<Draft>& out) {
  Life(brand, person, out).live();
}

}  // namespace guanxi
