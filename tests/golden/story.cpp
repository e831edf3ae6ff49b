#include "golden/story.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "base/hash.hpp"
#include "relationship/explain.hpp"
#include "relationship/facts.hpp"
#include "relationship/fold_memory.hpp"

namespace guanxi::story {
namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  Words words;
  for (std::string word; in >> word;) {
    words.push_back(word);
  }
  return words;
}

struct Told {
  std::string person;
  CompactEvent event;
};

class Runner {
 public:
  explicit Runner(std::string models_folder) : models_folder_(std::move(models_folder)) {}

  void line(const std::string& text, int number) {
    number_ = number;
    const Words words = words_of(text);
    if (words.empty() || words[0] == "story" || words[0] == "why") {
      return;
    }
    if (words[0] == "model") {
      load_model(words.at(1));
    } else if (words[0] == "observe") {
      observe(words);
    } else if (words[0] == "brand") {
      brand(words);
    } else if (words[0] == "every") {
      repeat(words);
    } else if (words[0] == "at") {
      stand_at(words.at(1));
    } else if (words[0].size() == 10 && words[0][4] == '-') {
      tell(words, day_number(words[0]));
    } else {
      expect(words);
    }
  }

  std::vector<std::string> problems;

 private:
  void problem(const std::string& what) {
    problems.push_back("line " + std::to_string(number_) + ": " + what);
  }

  void load_model(const std::string& name) {
    std::ifstream file(models_folder_ + "/" + name + ".toml");
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = Model::parse(text.str());
    if (!parsed) {
      problem(parsed.error().message);
      return;
    }
    model_ = *parsed;
  }

  // "observe all" or "observe kind kind ...": besides what the story's own events show.
  void observe(const Words& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "all") {
        observed_.observed_kinds = ~std::uint64_t{0};
        observed_.observed_flags = 0xFF;
      } else if (const auto kind = kind_named(words[i])) {
        observed_.observed_kinds |= std::uint64_t{1} << static_cast<unsigned>(*kind);
      } else {
        problem("no such kind: " + words[i]);
      }
    }
  }

  // "brand order 50.00 gap 30"
  void brand(const Words& words) {
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
      if (words[i] == "order") {
        observed_.typical_order_minor = minor(words[i + 1]);
      } else if (words[i] == "gap") {
        observed_.typical_gap_days = static_cast<std::uint32_t>(std::stoul(words[i + 1]));
      } else {
        problem("brand knows: order, gap");
      }
    }
  }

  std::int32_t day_number(const std::string& text) {
    auto day = parse_day(text);
    if (!day) {
      problem(day.error().message);
      return 0;
    }
    return day->number;
  }

  std::int64_t minor(const std::string& text) {
    auto decimal = parse_decimal(text);
    auto amount = decimal ? to_minor(*decimal, 2) : Result<std::int64_t>(forward_error(decimal));
    if (!amount) {
      problem(amount.error().message);
      return 0;
    }
    return *amount;
  }

  // "every 30 days 10 times from 2026-01-05 order_line ada ...": product=x* gets a new name each
  // time.
  void repeat(const Words& words) {
    const int gap = std::stoi(words.at(1));
    const int times = std::stoi(words.at(3));
    const std::int32_t first = day_number(words.at(6));
    for (int i = 0; i < times; ++i) {
      Words once(words.begin() + 6, words.end());
      for (std::string& word : once) {
        if (!word.empty() && word.back() == '*') {
          word.back() = '-';
          word += std::to_string(i);
        }
      }
      tell(once, first + i * gap);
    }
  }

  void tell(const Words& words, std::int32_t day) {
    const auto kind = kind_named(words.at(1));
    if (!kind) {
      problem("no such kind: " + words.at(1));
      return;
    }
    CompactEvent::Fields fields;
    fields.kind = *kind;
    fields.occurred_s = static_cast<std::uint32_t>(day) * 86400U + 36000U +
                        static_cast<std::uint32_t>(told_.size() % 30000);
    fields.ordinal = static_cast<std::uint32_t>(told_.size());
    fields.id_hash = hash64("story", told_.size() + 1);
    for (std::size_t i = 3; i < words.size(); ++i) {
      property(fields, words[i]);
    }
    const auto taken = *kind == EventKind::line_returned || *kind == EventKind::order_refunded ||
                       *kind == EventKind::order_cancelled || *kind == EventKind::payment_disputed;
    if (taken && fields.amount_minor > 0) {
      fields.amount_minor = -fields.amount_minor;
    }
    told_.push_back({words.at(2), CompactEvent(fields)});
    observed_.observed_kinds |= std::uint64_t{1} << static_cast<unsigned>(*kind);
    observed_.observed_flags = static_cast<std::uint8_t>(observed_.observed_flags | fields.flags);
    observed_.products_named = observed_.products_named || named_product_;
  }

  std::uint32_t subject(const std::string& name) {
    return subjects_.emplace(name, subjects_.size() + 1).first->second;
  }

  void property(CompactEvent::Fields& fields, const std::string& word) {
    static const std::map<std::string, std::uint8_t> kFlags = {
        {"full_price", kFullPrice}, {"prepaid", kPrepaid},     {"early", kEarly},
        {"partial", kPartial},      {"reachable", kReachable}, {"by_customer", kByCustomer}};
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (key == "product") {
      fields.subject = subject(value);
      named_product_ = true;
    } else if (key == "staff" || key == "by") {
      fields.subject = subject(value);
    } else if (key == "order") {
      fields.order_ref = order_ref_of(value);
    } else if (key == "amount") {
      fields.amount_minor = minor(value);
    } else if (key == "rating" || key == "minutes") {
      fields.quantity = std::stoi(value);
    } else if (key == "origin") {
      fields.quantity = static_cast<std::int32_t>(origin_named(value));
    } else if (kFlags.count(key) != 0) {
      fields.flags = static_cast<std::uint8_t>(fields.flags | kFlags.at(key));
    } else {
      problem("no such property: " + word);
    }
  }

  std::vector<CompactEvent> timeline_of(const std::string& person) {
    std::vector<CompactEvent> events;
    std::map<std::string, std::vector<CompactEvent>> of;
    for (const Told& told : told_) {
      of[told.person].push_back(told.event);
    }
    for (const auto& [name, own] : of) {
      const Credits credits = referral_credits(own);
      if (credits.referrer_subject != 0 && subject(person) == credits.referrer_subject) {
        events.insert(events.end(), credits.events.begin(), credits.events.end());
      }
    }
    events.insert(events.end(), of[person].begin(), of[person].end());
    std::sort(events.begin(), events.end(),
              [](const CompactEvent& a, const CompactEvent& b) { return before(a, b); });
    return events;
  }

  void stand_at(const std::string& day) {
    day_ = Day{day_number(day)};
    if (model_.name.empty()) {
      load_model("retail");
    }
    active_ = model_.with(observed_);
    explained_.clear();
  }

  const Explanation& explained(const std::string& person) {
    const auto known = explained_.find(person);
    if (known != explained_.end()) {
      return known->second;
    }
    FoldMemory memory;
    return explained_.emplace(person, explain(timeline_of(person), active_, day_, memory))
        .first->second;
  }

  void expect(const Words& words) {
    const Explanation& why = explained(words[0]);
    const std::string& what = words.at(1);
    if (what == "tier") {
      same("tier", std::string(name_of(why.reading.tier)), words.at(2));
    } else if (what == "velocity") {
      same("velocity", std::string(name_of(why.reading.velocity)), words.at(2));
    } else if (what == "next") {
      same("next gate", std::string(name_of(why.next)), words.at(2));
    } else if (what == "lacks") {
      expect_lack(why, words.at(2));
    } else if (what == "postings") {
      same("number of postings", std::to_string(why.postings.size()), words.at(2));
    } else if (what == "posting") {
      expect_posting(why, words);
    } else if (what == "tipped") {
      expect_tipped(why, words.at(2), words.at(3));
    } else if (what == "unobservable") {
      expect_unobservable(why, words.at(2));
    } else if (what == "sums") {
      expect_sums(why);
    } else {
      expect_value(words);
    }
  }

  void same(const std::string& what, const std::string& is, const std::string& wanted) {
    if (is != wanted) {
      problem(what + " is " + is + ", not " + wanted);
    }
  }

  void expect_lack(const Explanation& why, const std::string& fact) {
    std::string lacking;
    for (const ConditionCheck& check : why.to_open) {
      lacking += std::string(name_of(check.condition.fact)) + " ";
    }
    if ((lacking + " ").find(fact + " ") == std::string::npos) {
      problem("the next gate lacks [" + lacking + "], not " + fact);
    }
  }

  // "ada posting 2026-02-01 strong -> none by breach"
  void expect_posting(const Explanation& why, const Words& words) {
    static const std::array<std::string, 3> kCauses = {"evidence", "breach", "silence"};
    std::string all;
    for (const Posting& posting : why.postings) {
      const std::string text = to_string(posting.day) + " " + std::string(name_of(posting.from)) +
                               " -> " + std::string(name_of(posting.to)) + " by " +
                               kCauses.at(static_cast<std::size_t>(posting.cause));
      all += "\n    " + text;
      std::string wanted;
      for (std::size_t i = 2; i < words.size(); ++i) {
        wanted += (i == 2 ? "" : " ") + words[i];
      }
      if (text == wanted) {
        return;
      }
    }
    problem("no such posting; there are:" + all);
  }

  // "ada tipped 2026-02-14 repeat_occasions"
  void expect_tipped(const Explanation& why, const std::string& day, const std::string& fact) {
    for (const Posting& posting : why.postings) {
      if (to_string(posting.day) == day) {
        same("what tipped it", std::string(name_of(posting.fact)), fact);
        return;
      }
    }
    problem("no posting on " + day);
  }

  void expect_unobservable(const Explanation& why, const std::string& name) {
    const auto tier = tier_named(name);
    const auto fact = fact_named(name);
    const bool hidden = tier ? !active_.observable(*tier)
                             : fact && std::find(why.unobservable.begin(), why.unobservable.end(),
                                                 *fact) != why.unobservable.end();
    if (!hidden) {
      problem(name + " is observable");
    }
  }

  // Every line of the explanation sums to the figure it explains.
  void expect_sums(const Explanation& why) {
    std::int64_t index = 0;
    std::int64_t by_dimension = 0;
    std::array<std::int64_t, kDimensions> worth{};
    std::int64_t good = 0;
    for (const EvidenceLine& line : why.evidence) {
      index += line.index_milli;
      worth.at(static_cast<std::size_t>(line.dimension)) += line.worth_16;
      good += line.good_16;
    }
    for (const DimensionLine& line : why.dimensions) {
      by_dimension += line.index_milli;
      if (worth.at(static_cast<std::size_t>(line.dimension)) != line.invested_16) {
        problem("lines of " + std::string(name_of(line.dimension)) + " do not sum");
      }
    }
    const Standing standing = standing_on(why.state, active_, why.day);
    if (index != why.reading.index_milli || by_dimension != why.reading.index_milli ||
        good != standing.good_16) {
      problem("lines sum to " + std::to_string(index) + ", dimensions to " +
              std::to_string(by_dimension) + ", index is " +
              std::to_string(why.reading.index_milli));
    }
  }

  std::int64_t value(const std::string& person, Fact fact) {
    const Explanation& why = explained(person);
    return fact_value(fact, why.state, standing_on(why.state, active_, day_), active_, day_);
  }

  // "ada trust >= 0.6" or "ada trust > bob"
  void expect_value(const Words& words) {
    const auto fact = fact_named(words.at(1));
    if (!fact || words.size() < 4) {
      problem("not understood");
      return;
    }
    const std::int64_t left = value(words[0], *fact);
    const bool number = words[3].find_first_not_of("0123456789.-") == std::string::npos;
    const std::int64_t right =
        number ? stored_from_micros(*fact, minor_micros(words[3])) : value(words[3], *fact);
    const std::string& sign = words[2];
    const bool true_now = sign == ">="   ? left >= right
                          : sign == "<=" ? left <= right
                          : sign == ">"  ? left > right
                          : sign == "<"  ? left < right
                                         : fact_text(*fact, left) == fact_text(*fact, right);
    if (!true_now) {
      problem(words[0] + " " + words[1] + " is " + fact_text(*fact, left) + ", not " + sign + " " +
              fact_text(*fact, right));
    }
  }

  std::int64_t minor_micros(const std::string& text) {
    auto decimal = parse_decimal(text);
    auto micros = decimal ? to_minor(*decimal, 6) : Result<std::int64_t>(forward_error(decimal));
    return micros ? *micros : 0;
  }

  std::string models_folder_;
  Model model_;
  Model active_;
  Calibration observed_;
  std::map<std::string, std::uint32_t> subjects_;
  std::vector<Told> told_;
  std::map<std::string, Explanation> explained_;
  Day day_;
  int number_ = 0;
  bool named_product_ = false;
};

}  // namespace

std::vector<std::string> run(const std::string& text, const std::string& models_folder) {
  Runner runner(models_folder);
  std::istringstream in(text);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    runner.line(line, ++number);
  }
  return runner.problems;
}

}  // namespace guanxi::story
