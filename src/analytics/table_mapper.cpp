#include "analytics/table_mapper.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"
#include "base/random.hpp"
#include "events/identity.hpp"
#include "events/kind_table.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kIdBytesMost = 255;
constexpr std::size_t kTitleBytesMost = 4096;
constexpr std::size_t kOriginalBytesMost = std::size_t{64} << 10U;
constexpr std::string_view kRowColumn = "$row";
__extension__ using Int128 = __int128;

// Cuts at a character's begin.
std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

Decimal signed_by(Decimal value, AmountRule::Sign sign) {
  switch (sign) {
    case AmountRule::Sign::as_is:
      break;
    case AmountRule::Sign::negative:
      value.digits = value.digits > 0 ? -value.digits : value.digits;
      break;
    case AmountRule::Sign::positive:
      value.digits = value.digits < 0 ? -value.digits : value.digits;
      break;
    case AmountRule::Sign::flip:
      value.digits = -value.digits;
      break;
  }
  return value;
}

std::optional<Decimal> product(Decimal a, Decimal b) {
  const Int128 digits = static_cast<Int128>(a.digits) * b.digits;
  if (digits > INT64_MAX || digits < -static_cast<Int128>(INT64_MAX) || a.scale + b.scale > 30) {
    return std::nullopt;
  }
  return Decimal{static_cast<std::int64_t>(digits), a.scale + b.scale};
}

// Less than 0, 0 or more than 0, exactly.
int compare(Decimal a, Decimal b) {
  Int128 left = a.digits;
  Int128 right = b.digits;
  for (unsigned s = a.scale; s < b.scale; ++s) {
    left *= 10;
  }
  for (unsigned s = b.scale; s < a.scale; ++s) {
    right *= 10;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

Int128 in_nano(Decimal value) {
  Int128 nano = value.digits;
  for (unsigned s = value.scale; s < 9; ++s) {
    nano *= 10;
  }
  for (unsigned s = 9; s < value.scale; ++s) {
    nano /= 10;
  }
  return nano;
}

std::string quoted(std::string_view text) { return "'" + std::string(cut_text(text, 60)) + "'"; }

bool equal_text(std::string_view a, std::string_view b, bool ignore_case) {
  if (a.size() != b.size()) {
    return false;
  }
  if (!ignore_case) {
    return a == b;
  }
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 8> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(value >> (8U * i));
  }
  out.append(bytes.data(), bytes.size());
}

void append_text(std::string& out, std::string_view text) {
  out += text;
  out += '\x1F';
}

}  // namespace

std::string exact_total_text(const MappingCounts& counts) {
  const bool negative = counts.exact_total_nano < 0;
  const Int128 value = negative ? -counts.exact_total_nano : counts.exact_total_nano;
  std::string whole = std::to_string(static_cast<std::int64_t>(value / 1'000'000'000));
  std::string part = std::to_string(static_cast<std::int64_t>(value % 1'000'000'000));
  part.insert(0, 9 - part.size(), '0');
  while (part.size() > 2 && part.back() == '0') {
    part.pop_back();
  }
  return (negative ? "-" : "") + whole + "." + part;
}

void JoinTable::add(std::string_view key, std::span<const std::string_view> values) {
  if (rows_.count(key) != 0) {
    return;
  }
  std::size_t bytes = key.size();
  for (const std::string_view value : values) {
    bytes += value.size();
  }
  std::string& text = texts_.emplace_back();
  text.reserve(bytes);
  text += key;
  for (const std::string_view value : values) {
    text += value;
  }
  const std::string_view whole = text;
  std::vector<std::string_view> kept;
  kept.reserve(values.size());
  std::size_t at = key.size();
  for (const std::string_view value : values) {
    kept.push_back(whole.substr(at, value.size()));
    at += value.size();
  }
  rows_.emplace(whole.substr(0, key.size()), std::move(kept));
}

const std::vector<std::string_view>* JoinTable::find(std::string_view key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

// Turns the names of a mapping into places in a row.
class TableMapper::Binder {
 public:
  explicit Binder(TableMapper& mapper) : mapper_(mapper) {
    for (const std::string& column : mapper.columns_) {
      plain_.push_back(plain_name(column));
    }
  }

  [[nodiscard]] const std::string& error() const { return error_; }

  void grow() {
    for (std::size_t i = plain_.size(); i < mapper_.columns_.size(); ++i) {
      const std::string& column = mapper_.columns_[i];
      const std::size_t dot = column.find('.');
      plain_.push_back(column.substr(0, dot + 1) + plain_name(column.substr(dot + 1)));
    }
  }

  int slot(const std::string& name) {
    if (name.empty()) {
      return -1;
    }
    for (std::size_t i = 0; i < plain_.size(); ++i) {
      if (mapper_.columns_[i] == name) {
        return static_cast<int>(i);
      }
    }
    const std::size_t dot = name.find('.');
    const std::string plain = dot == std::string::npos
                                  ? plain_name(name)
                                  : name.substr(0, dot + 1) + plain_name(name.substr(dot + 1));
    const auto found = std::find(plain_.begin(), plain_.end(), plain);
    if (found != plain_.end() && !plain.empty()) {
      return static_cast<int>(found - plain_.begin());
    }
    if (error_.empty()) {
      error_ = "the mapping names a column '" + name + "' that the file has not; it has: ";
      for (std::size_t i = 0; i < mapper_.columns_.size(); ++i) {
        error_ += (i == 0 ? "" : ", ") + mapper_.columns_[i];
      }
    }
    return 0;
  }

  BoundText text(const TextRule& rule) {
    BoundText bound;
    bound.upper = rule.upper;
    bound.integer = rule.integer;
    for (const TextRule::Part& part : rule.parts) {
      bound.parts.push_back(part.is_column ? BoundText::Part{"", slot(part.text)}
                                           : BoundText::Part{part.text, -1});
    }
    return bound;
  }

  std::vector<BoundTest> tests(const std::vector<RowTest>& rules) {
    std::vector<BoundTest> bound;
    for (const RowTest& rule : rules) {
      BoundTest one{rule, slot(rule.column), slot(rule.other_column), {}};
      if (rule.kind == RowTest::Kind::time) {
        one.formats = formats(rule.values);
      }
      bound.push_back(std::move(one));
    }
    return bound;
  }

  static std::vector<TimeFormat> formats(const std::vector<std::string>& patterns) {
    std::vector<TimeFormat> made;
    for (const std::string& pattern : patterns) {
      if (auto format = TimeFormat::compile(pattern); format) {
        made.push_back(std::move(format).value());
      }
    }
    return made;
  }

  BoundRule rule(const EventRule& rule) {
    BoundRule bound;
    bound.rule = &rule;
    bound.when = tests(rule.when);
    bound.person = text(rule.person);
    bound.also_known_as = text(rule.also_known_as);
    bound.order_id = text(rule.order_id);
    bound.subject = text(rule.subject);
    bound.title = text(rule.title);
    bound.origin = text(rule.origin);
    bound.currency = text(rule.currency);
    bound.message_id = text(rule.message_id);
    bound.time = text(rule.time.text);
    bound.amount = {slot(rule.amount.column), slot(rule.amount.price), slot(rule.amount.quantity),
                    rule.amount.sign};
    bound.quantity = slot(rule.quantity.column);
    bound.formats = formats(rule.time.formats);
    bound.for_each = !rule.for_each.empty();
    const KindEntry& entry = entry_of(rule.kind);
    bound.flags = static_cast<std::uint8_t>(rule.flags | (entry.by_customer ? kByCustomer : 0) |
                                            (entry.reachable ? kReachable : 0));
    bound.below_zero = entry.negative;
    bound.zone = mapper_.context_.zone;
    if (rule.time.zone != "brand") {
      auto zone = Zone::fixed(rule.time.zone);
      if (zone) {
        bound.zone = std::move(zone).value();
      }
    }
    return bound;
  }

 private:
  TableMapper& mapper_;
  std::vector<std::string> plain_;
  std::string error_;
};

TableMapper::TableMapper(const TableMapping& table, Context context)
    : table_(table), context_(std::move(context)) {}

Result<std::unique_ptr<TableMapper>> TableMapper::bind(const TableMapping& table,
                                                       Currency mapping_currency,
                                                       std::vector<std::string> columns,
                                                       std::vector<Join> joins, Context context) {
  std::unique_ptr<TableMapper> mapper(new TableMapper(table, std::move(context)));
  mapper->currency_ = mapping_currency.named() ? mapping_currency : mapper->context_.currency;
  mapper->columns_ = std::move(columns);
  mapper->file_columns_ = mapper->columns_.size();
  if (!table.read.rest.empty()) {
    mapper->rest_slot_ = static_cast<int>(mapper->columns_.size());
    mapper->columns_.push_back(table.read.rest);
  }
  mapper->columns_.emplace_back(kRowColumn);
  Binder binder(*mapper);
  for (Join& join : joins) {
    BoundJoin bound{std::move(join), 0, static_cast<int>(mapper->columns_.size())};
    bound.key = binder.slot(bound.join.rule->key);
    for (const std::string& column : bound.join.table->columns) {
      mapper->columns_.push_back(bound.join.rule->name + "." + column);
    }
    binder.grow();
    mapper->joins_.push_back(std::move(bound));
  }
  for (const SkipRule& skip : table.skips) {
    mapper->skips_.push_back(binder.tests(skip.when));
    mapper->counts_.skipped.push_back({skip.name, 0});
  }
  for (const EventRule& rule : table.events) {
    mapper->rules_.push_back(binder.rule(rule));
    mapper->counts_.events.push_back({rule.name, 0});
  }
  if (!binder.error().empty()) {
    return fail(ErrorCode::invalid, mapper->context_.source + ": " + binder.error());
  }
  mapper->values_.resize(mapper->columns_.size());
  return mapper;
}

std::string TableMapper::name_of_slot(int slot) const {
  return slot < 0 ? "" : columns_.at(static_cast<std::size_t>(slot));
}

bool TableMapper::refuse(std::string_view field, std::string reason) {
  wrong_field_ = field;
  wrong_reason_ = std::move(reason);
  return false;
}

void TableMapper::report(const Row& row, std::vector<Refusal>& refused) const {
  refused.push_back({context_.source, row.line, wrong_field_, wrong_reason_,
                     std::string(cut_text(row.text, kOriginalBytesMost))});
}

// The row's own fields, its number, and what other files say.
bool TableMapper::load_values(const Row& row) {
  const std::size_t given = row.fields.size();
  rest_.clear();
  if (rest_slot_ >= 0) {
    if (given < file_columns_) {
      return refuse("", "the row has " + std::to_string(given) + " columns; at least " +
                            std::to_string(file_columns_) + " are needed");
    }
    rest_.assign(row.fields.begin() + static_cast<std::ptrdiff_t>(file_columns_), row.fields.end());
    values_[static_cast<std::size_t>(rest_slot_)] = rest_.empty() ? std::string_view() : rest_[0];
  } else if (given != file_columns_) {
    return refuse("", "the row has " + std::to_string(given) + " columns, the file has " +
                          std::to_string(file_columns_) +
                          "; a delimiter inside a field needs quotes around the field");
  }
  std::copy_n(row.fields.begin(), file_columns_, values_.begin());
  row_number_ = std::to_string(row.line);
  values_[file_columns_ + (rest_slot_ >= 0 ? 1 : 0)] = row_number_;
  for (const BoundJoin& join : joins_) {
    const std::string_view key = value(join.key);
    const auto* found = join.join.table->find(key);
    if (found == nullptr && join.join.rule->required && !key.empty()) {
      return refuse(join.join.rule->key, quoted(key) + " is not found in " + join.join.rule->file +
                                             " (column " + join.join.rule->on + ")");
    }
    for (std::size_t i = 0; i < join.join.table->columns.size(); ++i) {
      values_[static_cast<std::size_t>(join.first_slot) + i] =
          found == nullptr ? std::string_view() : (*found)[i];
    }
  }
  return true;
}

bool TableMapper::holds(const BoundTest& bound) const {
  using Kind = RowTest::Kind;
  const RowTest& test = bound.test;
  const std::string_view text = value(bound.slot);
  bool met = false;
  switch (test.kind) {
    case Kind::in:
      met = std::any_of(test.values.begin(), test.values.end(), [&](const std::string& wanted) {
        return equal_text(text, wanted, test.ignore_case);
      });
      break;
    case Kind::starts_with:
      met = std::any_of(test.values.begin(), test.values.end(), [&](const std::string& wanted) {
        return equal_text(text.substr(0, wanted.size()), wanted, test.ignore_case);
      });
      break;
    case Kind::matches: {
      const std::string lower = test.ignore_case ? lower_ascii(text) : std::string(text);
      met = std::any_of(test.values.begin(), test.values.end(), [&](const std::string& wanted) {
        return matches_pattern(lower, test.ignore_case ? lower_ascii(wanted) : wanted);
      });
      break;
    }
    case Kind::empty:
      met = text.empty();
      break;
    case Kind::number:
      met = read_number(text, table_.read.decimal_mark).has_value();
      break;
    case Kind::time:
      met = std::any_of(bound.formats.begin(), bound.formats.end(),
                        [&](const TimeFormat& format) { return format.parse(text).has_value(); });
      break;
    case Kind::above:
    case Kind::below:
    case Kind::at_least:
    case Kind::at_most: {
      const auto number = read_number(text, table_.read.decimal_mark);
      int order = 0;
      if (bound.other_slot >= 0) {
        const std::string_view other = value(bound.other_slot);
        const auto other_number = read_number(other, table_.read.decimal_mark);
        order = number && other_number ? compare(*number, *other_number) : text.compare(other);
        if (text.empty() || other.empty()) {
          return test.negate;
        }
      } else if (number) {
        order = compare(*number, test.bound);
      } else {
        return test.negate;
      }
      met = test.kind == Kind::above      ? order > 0
            : test.kind == Kind::below    ? order < 0
            : test.kind == Kind::at_least ? order >= 0
                                          : order <= 0;
      break;
    }
  }
  return met != test.negate;
}

bool TableMapper::hold(const std::vector<BoundTest>& tests) const {
  return std::all_of(tests.begin(), tests.end(), [this](const BoundTest& t) { return holds(t); });
}

std::string_view TableMapper::build(const BoundText& text, std::string& scratch) const {
  if (text.parts.empty()) {
    return {};
  }
  std::string_view built;
  if (text.parts.size() == 1) {
    const auto& part = text.parts.front();
    built = part.slot >= 0 ? value(part.slot) : std::string_view(part.text);
  } else {
    scratch.clear();
    for (const auto& part : text.parts) {
      scratch += part.slot >= 0 ? value(part.slot) : std::string_view(part.text);
    }
    built = scratch;
  }
  if (text.integer) {
    const std::size_t point = built.find('.');
    if (point != std::string_view::npos && point > 0 &&
        built.find_first_not_of('0', point + 1) == std::string_view::npos) {
      built = built.substr(0, point);
    }
  }
  if (text.upper &&
      std::any_of(built.begin(), built.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
    std::string upper(built);
    for (char& c : upper) {
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
    }
    scratch = std::move(upper);
    built = scratch;
  }
  return built;
}

bool TableMapper::fill_texts(const BoundRule& rule, Event& event, EventBatch& batch) {
  const auto id = [&](const BoundText& text, const char* field, std::string_view& into) {
    const std::string_view built = build(text, scratch_);
    if (built.size() > kIdBytesMost) {
      return refuse(field, quoted(built) + "... is longer than an id may be (255 bytes)");
    }
    into = batch.keep(built);
    return true;
  };
  std::string_view person = build(rule.person, scratch_);
  person = is_missing(person) ? std::string_view() : person;
  if (person.size() > kIdBytesMost) {
    return refuse("person", quoted(person) + "... is longer than an id may be (255 bytes)");
  }
  event.person = ExternalId{rule.rule->name_space, batch.keep(person)};
  if (!rule.also_known_as.parts.empty()) {
    std::string_view other;
    if (!id(rule.also_known_as, "also_known_as", other)) {
      return false;
    }
    const ExternalId parsed = parse_external_id(other);
    event.also_known_as = is_missing(parsed.value) ? ExternalId{} : parsed;
  }
  event.title = batch.keep(cut_text(build(rule.title, scratch_), kTitleBytesMost));
  if (!id(rule.order_id, "order_id", event.order_id) ||
      !id(rule.subject, "subject", event.subject) || !id(rule.origin, "origin", event.origin) ||
      !id(rule.message_id, "message_id", event.message_id)) {
    return false;
  }
  event.currency = currency_;
  const std::string_view currency = build(rule.currency, scratch_);
  if (!currency.empty()) {
    const auto parsed = parse_currency(currency);
    if (!parsed) {
      return refuse("currency", parsed.error().message);
    }
    event.currency = *parsed;
  }
  return true;
}

bool TableMapper::fill_time(BoundRule& rule, Event& event) {
  const std::string_view text = build(rule.time, scratch_);
  if (text == rule.last_time_text && !text.empty()) {
    event.occurred_at = rule.last_time;
    return true;
  }
  for (std::size_t i = 0; i < rule.formats.size(); ++i) {
    const std::size_t tried = i == 0 ? rule.likely_format : i <= rule.likely_format ? i - 1 : i;
    if (const auto written = rule.formats[tried].parse(text)) {
      rule.likely_format = tried;
      event.occurred_at =
          written->absolute ? Instant{written->seconds} : rule.zone.from_local(written->seconds);
      if (event.occurred_at.seconds < 0 || event.occurred_at.seconds > UINT32_MAX) {
        break;
      }
      rule.last_time_text = text;
      rule.last_time = event.occurred_at;
      return true;
    }
  }
  std::string valid;
  for (const TimeFormat& format : rule.formats) {
    valid += (valid.empty() ? "" : " or ") + format.pattern();
  }
  const auto& parts = rule.time.parts;
  const int slot = parts.size() == 1 ? parts.front().slot : -1;
  return refuse(slot >= 0 ? name_of_slot(slot) : "time",
                quoted(text) + " is no moment between 1970 and 2106 written as " + valid);
}

std::optional<Decimal> TableMapper::amount_of(const BoundAmount& amount) {
  const auto read = [this](int slot) {
    const auto number = read_number(value(slot), table_.read.decimal_mark);
    if (!number) {
      static_cast<void>(refuse(name_of_slot(slot),
                               quoted(value(slot)) + " is no number; valid: 19.99, -3, 1,234.50"));
    }
    return number;
  };
  if (amount.column >= 0) {
    const auto number = read(amount.column);
    return number ? std::optional(signed_by(*number, amount.sign)) : std::nullopt;
  }
  const auto price = read(amount.price);
  const auto quantity = price ? read(amount.quantity) : std::nullopt;
  if (!quantity) {
    return std::nullopt;
  }
  const auto total = product(*price, *quantity);
  if (!total) {
    static_cast<void>(refuse(name_of_slot(amount.price), "price times quantity is too large"));
    return std::nullopt;
  }
  return signed_by(*total, amount.sign);
}

bool TableMapper::fill_amount(const BoundRule& rule, Event& event) {
  if (rule.amount.column < 0 && rule.amount.price < 0) {
    return true;
  }
  auto total = amount_of(rule.amount);
  if (!total) {
    return false;
  }
  if (rule.below_zero) {
    total = signed_by(*total, AmountRule::Sign::negative);
  }
  const unsigned digits = event.currency.minor_digits();
  const auto minor = to_minor(*total, digits);
  if (!minor) {
    return refuse("amount", minor.error().message);
  }
  event.amount_minor = *minor;
  const Int128 exact = in_nano(*total);
  Int128 kept = *minor;
  for (unsigned s = digits; s < 9; ++s) {
    kept *= 10;
  }
  counts_.rounded_events += kept != exact ? 1U : 0U;
  counts_.exact_total_nano += exact;
  return true;
}

bool TableMapper::fill_quantity(const BoundRule& rule, Event& event) {
  const NumberRule& number_rule = rule.rule->quantity;
  event.quantity = number_rule.constant;
  if (rule.quantity < 0) {
    return true;
  }
  const std::string_view text = value(rule.quantity);
  if (text.empty()) {
    return true;
  }
  const auto number = read_number(text, table_.read.decimal_mark);
  if (!number) {
    return refuse(name_of_slot(rule.quantity), quoted(text) + " is no number; valid: 12, -3, 0.5");
  }
  if (!number_rule.rating) {
    const auto whole = to_minor(signed_by(*number, number_rule.sign), 0);
    if (!whole) {
      return refuse(name_of_slot(rule.quantity), "the number is too large");
    }
    event.quantity = *whole;
    return true;
  }
  // 100 * (value - from) / (to - from), rounded, in thousandths of the scale's unit.
  const auto value_milli = to_minor(*number, 3);
  const auto from_milli = to_minor(number_rule.from, 3);
  const auto to_milli = to_minor(number_rule.to, 3);
  const std::int64_t span = to_milli && from_milli ? *to_milli - *from_milli : 0;
  const std::int64_t above = value_milli && from_milli ? *value_milli - *from_milli : -1;
  const bool inside = span > 0 ? above >= 0 && above <= span : above <= 0 && above >= span;
  if (span == 0 || !inside) {
    return refuse(name_of_slot(rule.quantity), quoted(text) + " is outside of the rating's scale");
  }
  event.quantity = (200 * above + span) / (2 * span);
  return true;
}

void TableMapper::identify(Event& event) {
  if (!event.message_id.empty()) {
    event.id_hash = identity_of_message({}, event.message_id, event.line);
    return;
  }
  content_.clear();
  content_ += static_cast<char>(event.kind);
  content_ += static_cast<char>(event.flags);
  content_ += static_cast<char>(event.person.name_space);
  append_text(content_, event.person.value);
  append_text(content_, event.also_known_as.value);
  append_text(content_, event.order_id);
  append_text(content_, event.subject);
  append_text(content_, event.title);
  append_text(content_, event.origin);
  append_text(content_, event.currency.text());
  append_number(content_, static_cast<std::uint64_t>(event.occurred_at.seconds));
  append_number(content_, static_cast<std::uint64_t>(event.amount_minor));
  append_number(content_, static_cast<std::uint64_t>(event.quantity));
  const std::uint64_t hash = hash64(content_);
  event.id_hash = id_hash_of_content(hash, context_.sampling ? 0 : occurrences_.next(hash));
}

bool TableMapper::make(BoundRule& rule, std::uint32_t line, EventBatch& batch) {
  Event event;
  event.kind = rule.rule->kind;
  event.flags = rule.flags;
  event.line = line;
  event.received_at = context_.received_at;
  if (!fill_texts(rule, event, batch) || !fill_time(rule, event) || !fill_amount(rule, event) ||
      !fill_quantity(rule, event)) {
    return false;
  }
  batch.events.push_back(event);
  return true;
}

bool TableMapper::make_each(BoundRule& rule, std::uint32_t& line, EventBatch& batch) {
  for (const std::string_view one : rest_) {
    values_[static_cast<std::size_t>(rest_slot_)] = one;
    if (!make(rule, line++, batch)) {
      return false;
    }
  }
  values_[static_cast<std::size_t>(rest_slot_)] = rest_.empty() ? std::string_view() : rest_[0];
  return true;
}

TableMapper::Outcome TableMapper::map(const Row& row, EventBatch& batch,
                                      std::vector<Refusal>& refused) {
  wrong_field_.clear();
  if (row.problem != nullptr || !load_values(row)) {
    wrong_reason_ = row.problem != nullptr ? row.problem : wrong_reason_;
    report(row, refused);
    return Outcome::refused;
  }
  for (std::size_t s = 0; s < skips_.size(); ++s) {
    if (hold(skips_[s])) {
      ++counts_.skipped[s].count;
      return Outcome::skipped;
    }
  }
  const std::size_t before = batch.events.size();
  const std::uint64_t rounded_before = counts_.rounded_events;
  const Int128 total_before = counts_.exact_total_nano;
  std::uint32_t line = 0;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    BoundRule& rule = rules_[r];
    if (!hold(rule.when)) {
      continue;
    }
    const std::size_t made_before = batch.events.size();
    const bool made = rule.for_each ? make_each(rule, line, batch) : make(rule, line++, batch);
    if (!made) {
      batch.events.resize(before);
      counts_.rounded_events = rounded_before;
      counts_.exact_total_nano = total_before;
      report(row, refused);
      return Outcome::refused;
    }
    counts_.events[r].count += batch.events.size() - made_before;
    if (table_.first_only) {
      break;
    }
  }
  for (std::size_t e = before; e < batch.events.size(); ++e) {
    identify(batch.events[e]);
    counts_.nobody_events += batch.events[e].person.value.empty() ? 1U : 0U;
  }
  if (batch.events.size() == before) {
    ++counts_.unmatched_rows;
    return Outcome::skipped;
  }
  return Outcome::events;
}

}  // namespace guanxi
