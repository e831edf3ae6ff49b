#include "analytics/understanding.hpp"

#include <algorithm>

#include "analytics/cell.hpp"
#include "analytics/time_detection.hpp"

namespace guanxi {
namespace {

void add_role(std::vector<ColumnUnderstanding>& columns, const std::string& column,
              std::string_view role) {
  const std::string plain = plain_name(column);
  for (ColumnUnderstanding& one : columns) {
    if (one.name != column && plain_name(one.name) != plain) {
      continue;
    }
    if (one.role.find(role) == std::string::npos) {
      one.role += (one.role.empty() ? "" : ", ") + std::string(role);
    }
    return;
  }
}

void add_roles(std::vector<ColumnUnderstanding>& columns, const TextRule& rule,
               std::string_view role) {
  for (const TextRule::Part& part : rule.parts) {
    if (part.is_column) {
      add_role(columns, part.text, role);
    }
  }
}

void add_roles(std::vector<ColumnUnderstanding>& columns, const EventRule& rule) {
  add_roles(columns, rule.person, "person");
  add_roles(columns, rule.also_known_as, "second id");
  add_roles(columns, rule.time.text, "time");
  add_roles(columns, rule.order_id, "order");
  add_roles(columns, rule.subject, "subject");
  add_roles(columns, rule.title, "title");
  add_roles(columns, rule.origin, "origin");
  add_roles(columns, rule.currency, "currency");
  add_roles(columns, rule.message_id, "event id");
  add_role(columns, rule.amount.column, "amount");
  add_role(columns, rule.amount.price, "price");
  add_role(columns, rule.amount.quantity, "quantity");
  add_role(columns, rule.quantity.column, rule.quantity.rating ? "rating" : "quantity");
  for (const RowTest& test : rule.when) {
    add_role(columns, test.column, "kind");
  }
}

// How many rows of the sample meet all tests.
std::size_t rows_meeting(const TableMapping& table, const std::vector<RowTest>& tests,
                         const std::vector<std::string>& columns, const FileSample& sample) {
  TableMapping probe;
  probe.read = table.read;
  probe.skips.push_back({"probe", tests});
  auto mapper = TableMapper::bind(probe, {}, columns, {}, {});
  if (!mapper) {
    return 0;
  }
  EventBatch batch;
  std::vector<Refusal> refused;
  Row row;
  std::vector<std::string_view> fields;
  for (const auto& values : sample.rows) {
    fields.assign(values.begin(), values.end());
    row.fields = fields;
    static_cast<void>((*mapper)->map(row, batch, refused));
  }
  return static_cast<std::size_t>((*mapper)->counts().skipped.front().count);
}

}  // namespace

std::vector<ColumnUnderstanding> columns_understood(const TableMapping& table,
                                                    const FileSample& sample) {
  std::vector<ColumnUnderstanding> columns;
  for (std::size_t c = 0; c < sample.columns.size(); ++c) {
    ColumnUnderstanding& one = columns.emplace_back();
    one.name = sample.columns[c];
    for (const auto& row : sample.rows) {
      if (c < row.size() && !trimmed(row[c]).empty()) {
        one.example = one.filled == 0 ? std::string(trimmed(row[c])) : one.example;
        ++one.filled;
      }
    }
  }
  for (const EventRule& rule : table.events) {
    add_roles(columns, rule);
  }
  for (const JoinRule& join : table.joins) {
    add_role(columns, join.key, "key of " + join.name);
  }
  for (const SkipRule& skip : table.skips) {
    for (const RowTest& test : skip.when) {
      add_role(columns, test.column, "filter");
    }
  }
  return columns;
}

bool fits(const TableMapping& table, const FileSample& sample, std::size_t& score) {
  const RecogniseRule& rule = table.recognise;
  const std::string name = base_name(sample.path);
  const auto named = [&](const std::string& pattern) { return matches_pattern(name, pattern); };
  if (!rule.files.empty() && std::none_of(rule.files.begin(), rule.files.end(), named)) {
    return false;
  }
  std::vector<std::string> columns = sample.columns;
  if (table.read.header.has_value() && !*table.read.header) {
    if (sample.header || table.read.columns.empty() || columns.size() < rule.fields ||
        (table.read.rest.empty() && columns.size() != table.read.columns.size()) ||
        (!table.read.format.empty() && table.read.format != sample.format)) {
      return false;
    }
    columns = table.read.columns;
  } else if (rule.columns.empty()) {
    return false;
  }
  for (const std::string& wanted : rule.columns) {
    const std::string plain = plain_name(wanted);
    if (std::none_of(columns.begin(), columns.end(),
                     [&](const std::string& one) { return plain_name(one) == plain; })) {
      return false;
    }
  }
  if (!rule.tests.empty() &&
      rows_meeting(table, rule.tests, columns, sample) * 100 < sample.rows.size() * 98) {
    return false;
  }
  score = rule.columns.size() * 10 + rule.tests.size() * 10 + rule.files.size();
  return true;
}

Result<void> settle_time_formats(TableMapping& table, const FileSample& sample,
                                 const FileLimits& limits, std::vector<std::string>& notes) {
  for (EventRule& rule : table.events) {
    if (std::find(rule.time.formats.begin(), rule.time.formats.end(), "auto") ==
        rule.time.formats.end()) {
      continue;
    }
    const auto column = rule.time.text.single_column();
    const std::string plain = plain_name(column.value_or(""));
    const auto found =
        std::find_if(sample.columns.begin(), sample.columns.end(),
                     [&](const std::string& one) { return plain_name(one) == plain; });
    if (!column || found == sample.columns.end()) {
      return fail(ErrorCode::invalid, "time format \"auto\" needs one column of the file, not " +
                                          rule.time.text.text());
    }
    const auto place = static_cast<std::size_t>(found - sample.columns.begin());
    GUANXI_TRY(detected, detect_time_formats(sample, place, limits));
    if (detected.patterns.empty()) {
      return fail(ErrorCode::invalid,
                  "column '" + *column + "' of '" + sample.path +
                      "' holds no moments in any way "
                      "of writing that is known; a mapping can name it: docs/formats/mapping.md");
    }
    rule.time.formats = detected.patterns;
    if (!detected.note.empty() &&
        std::find(notes.begin(), notes.end(), detected.note) == notes.end()) {
      notes.push_back(detected.note);
    }
  }
  return {};
}

}  // namespace guanxi
