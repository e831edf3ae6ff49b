#include "analytics/json_rows.hpp"

#include <simdjson.h>

#include <functional>
#include <unordered_map>

namespace guanxi {
namespace {

constexpr int kDepthMost = 8;

using Visit = std::function<void(const std::string& name, std::string_view value)>;

// Calls visit for every plain member, with dotted names; numbers come as they are written.
void walk(simdjson::dom::element element, const std::string& name, int depth, const Visit& visit) {
  simdjson::dom::object object;
  if (element.get(object) == simdjson::SUCCESS && depth < kDepthMost) {
    for (const auto& member : object) {
      const std::string inner(member.key);
      walk(member.value, name.empty() ? inner : name + "." + inner, depth + 1, visit);
    }
    return;
  }
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    visit(name, text);
  } else if (!element.is_null()) {
    visit(name, std::string(simdjson::minify(element)));
  }
}

// A number's digits as they stand in the line: simdjson would give a double. Finds them by putting
// numbers in quotes before parsing.
std::string with_numbers_quoted(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 32);
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) {
        out += json[++i];
      } else if (c == '"') {
        in_text = false;
      }
      continue;
    }
    if (c == '"') {
      in_text = true;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end = std::min(json.find_first_not_of("+-.eE0123456789", i), json.size());
      out += '"';
      out += json.substr(i, end - i);
      out += '"';
      i = end - 1;
      continue;
    }
    out += c;
  }
  return out;
}

class JsonRows final : public RowSource {
 public:
  JsonRows(std::unique_ptr<ByteSource> text, std::vector<std::string> columns,
           const FileLimits& limits)
      : lines_(std::move(text), RowFormat{'\x1E', false, '\0', '\n'}, limits.row_bytes_most) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      place_.emplace(std::move(columns[i]), i);
    }
    values_.resize(place_.size());
    fields_.resize(place_.size());
  }

  Result<bool> next(Row& row) override {
    GUANXI_TRY(more, lines_.next(row));
    if (!more) {
      return false;
    }
    row.fields = {};
    if (row.problem != nullptr) {
      return true;
    }
    simdjson::dom::element element;
    if (parser_.parse(with_numbers_quoted(row.text)).get(element) != simdjson::SUCCESS ||
        !element.is_object()) {
      row.problem = "the line is no JSON object";
      return true;
    }
    for (std::string& value : values_) {
      value.clear();
    }
    walk(element, "", 0, [this](const std::string& name, std::string_view value) {
      if (const auto found = place_.find(name); found != place_.end()) {
        values_[found->second] = value;
      }
    });
    for (std::size_t i = 0; i < values_.size(); ++i) {
      fields_[i] = values_[i];
    }
    row.fields = fields_;
    return true;
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return lines_.disk_bytes(); }

 private:
  RowReader lines_;
  simdjson::dom::parser parser_;
  std::unordered_map<std::string, std::size_t> place_;
  std::vector<std::string> values_;
  std::vector<std::string_view> fields_;
};

}  // namespace

Result<void> sample_json(FileSample& sample, const std::string& head, std::size_t rows_most,
                         const FileLimits& limits) {
  RowReader lines(bytes_of(head), RowFormat{'\x1E', false, '\0', '\n'}, limits.row_bytes_most);
  simdjson::dom::parser parser;
  std::unordered_map<std::string, std::size_t> place;
  Row row;
  while (sample.rows.size() < rows_most) {
    GUANXI_TRY(more, lines.next(row));
    if (!more) {
      break;
    }
    simdjson::dom::element element;
    if (row.problem != nullptr ||
        parser.parse(with_numbers_quoted(row.text)).get(element) != simdjson::SUCCESS ||
        !element.is_object()) {
      ++sample.rows_broken;
      continue;
    }
    std::vector<std::string>& values = sample.rows.emplace_back();
    walk(element, "", 0, [&](const std::string& name, std::string_view value) {
      const auto [found, fresh] = place.emplace(name, place.size());
      if (fresh) {
        sample.columns.push_back(name);
      }
      values.resize(std::max(values.size(), found->second + 1));
      values[found->second] = value;
    });
  }
  if (sample.rows.empty()) {
    return fail(ErrorCode::invalid, "'" + sample.path + "' holds no line that is a JSON object");
  }
  for (auto& values : sample.rows) {
    values.resize(sample.columns.size());
  }
  sample.header = true;
  return {};
}

Result<std::unique_ptr<RowSource>> open_json_rows(std::unique_ptr<ByteSource> text,
                                                  std::vector<std::string> columns,
                                                  const FileLimits& limits) {
  return std::unique_ptr<RowSource>(
      std::make_unique<JsonRows>(std::move(text), std::move(columns), limits));
}

}  // namespace guanxi
