#include "analytics/recognise.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "analytics/cell.hpp"
#include "analytics/column_roles.hpp"
#include "analytics/time_detection.hpp"

namespace guanxi {
namespace {

constexpr std::array<Role, 14> kRoles = {
    Role::time,     Role::person,   Role::event_kind, Role::order, Role::product,
    Role::amount,   Role::quantity, Role::price,      Role::title, Role::second_id,
    Role::event_id, Role::currency, Role::rating,     Role::status};

// One attempt to understand one file.
class Recogniser {
 public:
  Recogniser(const FileSample& sample, const FileLimits& limits)
      : sample_(sample), limits_(limits), facts_(facts_of(sample)) {}

  Result<Recognised> run() {
    GUANXI_TRY_VOID(look_for_moments());
    assign_by_name();
    const bool by_name = has(Role::person) && has(Role::time);
    assign_by_content();
    GUANXI_TRY_VOID(check_complete());
    result_.known_by = by_name ? "names and content of its columns" : "content of its columns";
    write_mapping();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool has(Role role) const { return columns_.count(role) != 0; }
  [[nodiscard]] const ColumnFacts& facts(Role role) const { return facts_[columns_.at(role)]; }
  [[nodiscard]] std::string name(Role role) const {
    return has(role) ? facts(role).name : std::string();
  }
  [[nodiscard]] bool taken(std::size_t column) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const auto& one) { return one.second == column; });
  }

  Result<void> look_for_moments() {
    times_.resize(facts_.size());
    for (std::size_t c = 0; c < facts_.size(); ++c) {
      const int score = name_score(facts_[c].name, Role::time);
      const bool small_numbers = facts_[c].numeric() && facts_[c].largest < 1e7;
      if (facts_[c].filled == 0 || (small_numbers && score < 60) ||
          (facts_[c].numeric() && facts_[c].fractions * 2 > facts_[c].filled && score < 60)) {
        continue;
      }
      GUANXI_TRY(detected, detect_time_formats(sample_, c, limits_));
      facts_[c].moments = detected.decoded;
      times_[c] = std::move(detected);
    }
    return {};
  }

  // Whether what stands in the column can be what its name says: most of it, for bad cells are
  // refused row by row and must not hide what the column is.
  [[nodiscard]] bool content_allows(Role role, std::size_t column) const {
    const ColumnFacts& facts = facts_[column];
    if (facts.filled == 0) {
      return false;
    }
    switch (role) {
      case Role::time:
        return facts.moments * 2 > facts.filled;
      case Role::quantity:
      case Role::price:
      case Role::amount:
        return facts.numbers * 2 > facts.filled || facts.comma_decimals * 2 > facts.filled;
      case Role::rating:
        return facts.numeric() && facts.largest <= 10 && facts.negatives == 0;
      case Role::person:
      case Role::order:
      case Role::product:
      case Role::event_id:
        return facts.fractions * 10 < facts.filled && !(facts.temporal() && !facts.bare_integers);
      case Role::event_kind:
        return known_kinds(column);
      case Role::status:
        return facts.distinct <= 30;
      case Role::currency:
        return facts.distinct <= 30 && facts.mean_bytes == 3;
      case Role::second_id:
        return facts.mails * 2 > facts.filled;
      case Role::title:
        return !facts.numeric();
      case Role::none:
        return false;
    }
    return false;
  }

  [[nodiscard]] bool known_kinds(std::size_t column) const {
    if (facts_[column].distinct > 30) {
      return false;
    }
    std::size_t known = 0;
    for (const auto& row : sample_.rows) {
      known += column < row.size() && !kind_word_meaning(trimmed(row[column])).empty() ? 1U : 0U;
    }
    return known * 10 >= facts_[column].filled * 8;
  }

  void assign_by_name() {
    if (!sample_.header) {
      return;
    }
    struct Claim {
      int score;
      std::size_t order;
      Role role;
      std::size_t column;
    };
    std::vector<Claim> claims;
    for (std::size_t r = 0; r < kRoles.size(); ++r) {
      for (std::size_t c = 0; c < facts_.size(); ++c) {
        const int score = name_score(facts_[c].name, kRoles[r]);
        if (score >= 50 && content_allows(kRoles[r], c)) {
          claims.push_back({score, r, kRoles[r], c});
        }
      }
    }
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
      return a.score != b.score ? a.score > b.score : a.order < b.order;
    });
    for (const Claim& claim : claims) {
      if (!has(claim.role) && !taken(claim.column)) {
        columns_[claim.role] = claim.column;
      }
    }
    fall_back_by_name();
  }

  // "Id,Date,Price"; customers known by name or mail only; moments under another name.
  void fall_back_by_name() {
    if (!has(Role::person) && has(Role::second_id)) {
      columns_[Role::person] = columns_[Role::second_id];
      columns_.erase(Role::second_id);
      result_.notes.emplace_back("people are known by their mail address alone");
    }
    for (const int least : {15, 0}) {
      for (std::size_t c = 0; c < facts_.size() && !has(Role::person); ++c) {
        const std::string plain = plain_name(facts_[c].name);
        const bool bare_id = plain == "id" || plain == "no" || plain == "编号";
        if (!taken(c) && content_allows(Role::person, c) &&
            (least > 0 ? name_score(facts_[c].name, Role::person) >= least : bare_id) &&
            facts_[c].distinct > 1) {
          columns_[Role::person] = c;
        }
      }
    }
    for (std::size_t c = 0; c < facts_.size() && !has(Role::time); ++c) {
      if (!taken(c) && facts_[c].temporal() && !facts_[c].numeric()) {
        columns_[Role::time] = c;
      }
    }
  }

  // For files without a header, and for what names have left open.
  void assign_by_content() {
    if (sample_.header && has(Role::person) && has(Role::time)) {
      return;
    }
    take_first(Role::time, [&](std::size_t c) {
      return facts_[c].temporal() && !facts_[c].bare_integers && !facts_[c].numeric();
    });
    take_first(Role::time,
               [&](std::size_t c) { return facts_[c].temporal() && facts_[c].distinct > 1; });
    take_first(Role::event_kind,
               [&](std::size_t c) { return !facts_[c].numeric() && known_kinds(c); });
    if (sample_.header) {
      return;
    }
    take_last(Role::amount, [&](std::size_t c) {
      return (facts_[c].numeric() && facts_[c].fractions * 4 > facts_[c].filled &&
              facts_[c].integers_dot_zero * 2 < facts_[c].filled) ||
             facts_[c].comma_decimals * 2 > facts_[c].filled;
    });
    take_person_by_content();
    take_first(Role::quantity, [&](std::size_t c) {
      return has(Role::amount) && facts_[c].numeric() && facts_[c].largest < 10000 &&
             facts_[c].distinct * 4 < facts_[c].filled && columns_[Role::amount] != c;
    });
    if (!has(Role::amount) && has(Role::time) && facts_.size() == 3) {
      take_last(Role::amount, [&](std::size_t c) { return facts_[c].numeric(); });
    }
    if (has(Role::event_kind)) {
      take_first(Role::product, [&](std::size_t c) { return facts_[c].fractions == 0; });
    }
    result_.notes.emplace_back(
        "the file has no header: which column is what was found by what stands in it");
  }

  // The person's column comes before the others and repeats.
  void take_person_by_content() {
    const auto may_be = [&](std::size_t c) {
      return facts_[c].fractions == facts_[c].integers_dot_zero && facts_[c].words == 0 &&
             facts_[c].distinct > 1 && facts_[c].filled * 10 > sample_.rows.size() * 5 &&
             !known_kinds(c);
    };
    take_first(Role::person,
               [&](std::size_t c) { return may_be(c) && facts_[c].distinct < facts_[c].filled; });
    take_first(Role::person, may_be);
  }

  template <typename Test>
  void take_first(Role role, const Test& test) {
    for (std::size_t c = 0; c < facts_.size() && !has(role); ++c) {
      if (!taken(c) && facts_[c].filled > 0 && test(c)) {
        columns_[role] = c;
      }
    }
  }
  template <typename Test>
  void take_last(Role role, const Test& test) {
    for (std::size_t c = facts_.size(); c-- > 0 && !has(role);) {
      if (!taken(c) && facts_[c].filled > 0 && test(c)) {
        columns_[role] = c;
      }
    }
  }

  [[nodiscard]] Result<void> check_complete() const {
    if (has(Role::person) && has(Role::time)) {
      return {};
    }
    std::string have;
    for (const std::string& column : sample_.columns) {
      have += (have.empty() ? "" : ", ") + column;
    }
    return fail(
        ErrorCode::invalid,
        "'" + sample_.path + "' is not understood: " +
            (has(Role::person) ? "no column holds moments" : "no column names the customer") +
            " (columns: " + have +
            "); name a mapping with --mapping: docs/formats/mapping.md shows how");
  }

  // --- writing down what was found

  [[nodiscard]] bool shop_marks_returns() const {
    if (!has(Role::order)) {
      return false;
    }
    for (const auto& row : sample_.rows) {
      const std::string& order = row[columns_.at(Role::order)];
      if (order.size() > 1 && (order[0] == 'C' || order[0] == 'c') && order[1] >= '0' &&
          order[1] <= '9') {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] RowTest bound_test(Role role, RowTest::Kind kind) const {
    RowTest test;
    test.column = name(role);
    test.kind = kind;
    return test;
  }

  [[nodiscard]] RowTest word_test(Role role, const std::vector<std::string>& words,
                                  bool negate) const {
    RowTest test;
    test.column = name(role);
    test.kind = RowTest::Kind::in;
    test.values = words;
    test.negate = negate;
    return test;
  }

  [[nodiscard]] TextRule id_text(Role role) const {
    if (!has(role)) {
      return {};
    }
    TextRule rule = TextRule::column(name(role));
    rule.integer = facts(role).integers_dot_zero * 2 > facts(role).filled;
    return rule;
  }

  [[nodiscard]] EventRule base_rule() {
    EventRule rule;
    rule.person = id_text(Role::person);
    if (facts(Role::person).mails * 2 > facts(Role::person).filled) {
      rule.name_space = IdNamespace::email;
    }
    if (has(Role::second_id)) {
      rule.also_known_as.parts = {{"email:", false}, {name(Role::second_id), true}};
    }
    rule.order_id = id_text(Role::order);
    rule.subject = has(Role::product) ? id_text(Role::product) : id_text(Role::title);
    rule.title = id_text(Role::title);
    rule.currency = id_text(Role::currency);
    rule.message_id =
        has(Role::event_id) && facts(Role::event_id).distinct * 100 >=
                                   std::min<std::size_t>(facts(Role::event_id).filled, 5000) * 99
            ? id_text(Role::event_id)
            : TextRule{};
    rule.time.text = TextRule::column(name(Role::time));
    rule.time.formats = times_[columns_.at(Role::time)].patterns;
    return rule;
  }

  void add_money(EventRule& rule, AmountRule::Sign sign) const {
    if (has(Role::amount)) {
      rule.amount.column = name(Role::amount);
    } else if (has(Role::price) && has(Role::quantity)) {
      rule.amount.price = name(Role::price);
      rule.amount.quantity = name(Role::quantity);
    } else if (has(Role::price)) {
      rule.amount.column = name(Role::price);
    }
    rule.amount.sign = rule.amount.named() ? sign : AmountRule::Sign::as_is;
    rule.quantity.column = name(Role::quantity);
    if (!has(Role::quantity)) {
      rule.quantity.constant = rule.subject.named() ? 1 : 0;
    }
  }

  // Lines without an order's id: what one person buys at one moment is one order.
  void name_order(EventRule& rule) const {
    if (rule.kind != EventKind::order_line || rule.order_id.named()) {
      return;
    }
    rule.order_id.parts = {{name(Role::person), true}, {"@", false}, {name(Role::time), true}};
  }

  void add_rule(EventKind kind, std::vector<RowTest> when, bool money, AmountRule::Sign sign) {
    EventRule rule = base_rule();
    rule.kind = kind;
    rule.name = guanxi::name_of(kind);
    rule.when = std::move(when);
    if (money) {
      add_money(rule, sign);
    }
    name_order(rule);
    if (kind == EventKind::order_refunded) {
      rule.flags = kPartial;
    }
    result_.table.events.push_back(std::move(rule));
  }

  void write_log_rules() {
    std::map<std::string_view, std::vector<std::string>> words_of_kind;
    std::set<std::string> seen;
    for (const auto& row : sample_.rows) {
      const std::string word(trimmed(row[columns_.at(Role::event_kind)]));
      const std::string_view kind = kind_word_meaning(word);
      if (!kind.empty() && seen.insert(word).second) {
        words_of_kind[kind].push_back(word);
      }
    }
    for (const auto& [word, words] : words_of_kind) {
      const EventKind kind = kind_named(word).value_or(EventKind::unknown);
      const bool money = kind == EventKind::order_line || kind == EventKind::order_completed ||
                         kind == EventKind::line_returned;
      add_rule(
          kind, {word_test(Role::event_kind, words, false)}, money,
          kind == EventKind::line_returned ? AmountRule::Sign::negative : AmountRule::Sign::as_is);
    }
    add_rule(EventKind::unknown, {}, false, AmountRule::Sign::as_is);
  }

  void write_review_rule() {
    EventRule rule = base_rule();
    rule.kind = EventKind::review_posted;
    rule.name = "review_posted";
    rule.quantity.column = name(Role::rating);
    rule.quantity.rating = true;
    const double largest = facts(Role::rating).largest;
    rule.quantity.from = Decimal{1, 0};
    rule.quantity.to = Decimal{largest <= 5 ? 5 : 10, 0};
    rule.order_id = id_text(Role::order);
    result_.table.events.push_back(std::move(rule));
  }

  // Orders called off, given back, and sold, by the words of a status column.
  std::vector<std::string> write_status_rules(EventKind back) {
    std::vector<std::string> cancelled;
    std::vector<std::string> refunded;
    std::set<std::string> seen;
    for (const auto& row : sample_.rows) {
      const std::string word(trimmed(row[columns_.at(Role::status)]));
      if (!seen.insert(word).second) {
        continue;
      }
      if (means_cancelled(word)) {
        cancelled.push_back(word);
      } else if (means_refunded(word)) {
        refunded.push_back(word);
      }
    }
    if (!cancelled.empty()) {
      add_rule(EventKind::order_cancelled, {word_test(Role::status, cancelled, false)}, false,
               AmountRule::Sign::as_is);
      result_.notes.push_back("status '" + cancelled.front() +
                              "' is taken for an order called off");
    }
    if (!refunded.empty()) {
      add_rule(back, {word_test(Role::status, refunded, false)}, true, AmountRule::Sign::negative);
      result_.notes.push_back("status '" + refunded.front() + "' is taken for a sale given back");
    }
    return cancelled;
  }

  void write_sale_rules() {
    const bool lines = has(Role::product) || has(Role::title);
    const EventKind sale = lines ? EventKind::order_line : EventKind::order_completed;
    const EventKind back = lines ? EventKind::line_returned : EventKind::order_refunded;
    std::vector<RowTest> sold;
    if (has(Role::status)) {
      const std::vector<std::string> cancelled = write_status_rules(back);
      if (!cancelled.empty()) {
        sold.push_back(word_test(Role::status, cancelled, true));
      }
    }
    for (const Role role : {Role::quantity, Role::amount, Role::price}) {
      if (!has(role)) {
        continue;
      }
      std::vector<RowTest> negative = sold;
      negative.push_back(bound_test(role, RowTest::Kind::below));
      add_rule(back, negative, true, AmountRule::Sign::negative);
      RowTest not_negative = bound_test(role, RowTest::Kind::below);
      not_negative.negate = true;
      sold.push_back(not_negative);
    }
    if (shop_marks_returns()) {
      std::vector<RowTest> marked = sold;
      RowTest starts = bound_test(Role::order, RowTest::Kind::starts_with);
      starts.values = {"C", "c"};
      marked.push_back(starts);
      add_rule(back, marked, true, AmountRule::Sign::negative);
      starts.negate = true;
      sold.push_back(starts);
      result_.notes.emplace_back("order numbers that begin with C are taken for returns");
    }
    add_rule(sale, sold, true, AmountRule::Sign::as_is);
  }

  void find_currency() {
    for (const Role role : {Role::amount, Role::price}) {
      if (!has(role)) {
        continue;
      }
      const std::string plain = plain_name(name(role));
      for (const auto& [mark, code] :
           std::initializer_list<std::pair<const char*, const char*>>{{"usd", "USD"},
                                                                      {"eur", "EUR"},
                                                                      {"gbp", "GBP"},
                                                                      {"cny", "CNY"},
                                                                      {"rmb", "CNY"},
                                                                      {"inr", "INR"},
                                                                      {"jpy", "JPY"},
                                                                      {"元", "CNY"}}) {
        if (plain.find(mark) != std::string::npos) {
          const auto currency = parse_currency(code);
          result_.currency = currency ? *currency : Currency{};
        }
      }
      const std::size_t column = columns_.at(role);
      const std::string first = sample_.rows.empty() ? "" : sample_.rows.front()[column];
      for (const auto& [mark, code] :
           std::initializer_list<std::pair<const char*, const char*>>{{"\xC2\xA3", "GBP"},
                                                                      {"\xE2\x82\xAC", "EUR"},
                                                                      {"R$", "BRL"},
                                                                      {"\xE2\x82\xB9", "INR"}}) {
        if (!result_.currency.named() && first.find(mark) != std::string::npos) {
          const auto currency = parse_currency(code);
          result_.currency = currency ? *currency : Currency{};
        }
      }
    }
  }

  void write_mapping() {
    TableMapping& table = result_.table;
    table.name = "rows";
    table.first_only = has(Role::event_kind);
    table.read.header = sample_.header;
    for (const Role role : {Role::amount, Role::price}) {
      if (has(role) && facts(role).comma_decimals * 2 > facts(role).filled) {
        table.read.decimal_mark = ',';
        result_.notes.emplace_back("amounts are written with a decimal comma");
      }
    }
    find_currency();
    const bool money = has(Role::amount) || has(Role::price);
    if (has(Role::event_kind)) {
      write_log_rules();
    } else if (has(Role::rating) && !money) {
      write_review_rule();
    } else if (money || has(Role::order) || has(Role::quantity) || has(Role::product)) {
      write_sale_rules();
    } else {
      add_rule(EventKind::visit, {}, false, AmountRule::Sign::as_is);
      result_.notes.emplace_back(
          "no column holds money, an order or a product: each row is a visit");
    }
    const std::string& note = times_[columns_.at(Role::time)].note;
    if (!note.empty()) {
      result_.notes.push_back(note);
    }
  }

  const FileSample& sample_;
  const FileLimits& limits_;
  std::vector<ColumnFacts> facts_;
  std::vector<DetectedTime> times_;
  std::map<Role, std::size_t> columns_;
  Recognised result_;
};

}  // namespace

Result<Recognised> recognise(const FileSample& sample, const FileLimits& limits) {
  return Recogniser(sample, limits).run();
}

}  // namespace guanxi
