#include "analytics/sample.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "analytics/cell.hpp"
#include "analytics/json_rows.hpp"
#include "analytics/parquet_rows.hpp"
#include "analytics/time_format.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kSampleBytes = std::size_t{4} << 20U;
constexpr std::size_t kSampleRows = 3000;

// The first bytes, decoded to UTF-8 and cut at the end of a line.
struct Head {
  std::string text;
  TextEncoding encoding;
  bool whole = false;
};

Result<Head> read_head(const std::string& path, const ReadRule& read, const FileLimits& limits) {
  GUANXI_TRY(source, open_bytes(path, limits));
  Head head;
  std::string raw(kSampleBytes, '\0');
  std::size_t got = 0;
  while (got < raw.size()) {
    auto more = source->read(raw.data() + got, raw.size() - got);
    if (!more) {
      return forward_error(more);
    }
    if (*more == 0) {
      head.whole = true;
      break;
    }
    got += *more;
  }
  raw.resize(got);
  head.encoding = guess_encoding(raw);
  if (!read.encoding.empty()) {
    head.encoding.name = read.encoding;
    head.encoding.certain = true;
  }
  raw.erase(0, head.encoding.bom_bytes);
  GUANXI_TRY(decoded, decode_text(bytes_of(std::move(raw)), head.encoding.name));
  std::string block(std::size_t{1} << 16U, '\0');
  while (true) {
    GUANXI_TRY(count, decoded->read(block.data(), block.size()));
    if (count == 0) {
      break;
    }
    head.text.append(block, 0, count);
  }
  if (!head.whole) {
    const std::size_t last = head.text.find_last_of("\n\r");
    head.text.resize(last == std::string::npos ? head.text.size() : last + 1);
  }
  return head;
}

Result<void> check_is_text(const Head& head, const std::string& path) {
  const std::string_view start = std::string_view(head.text).substr(0, 65536);
  const auto strange = std::count_if(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || byte == 0xFF;
  });
  if (static_cast<std::size_t>(strange) * 20 > start.size()) {
    return fail(ErrorCode::invalid,
                "'" + path +
                    "' is no text: many of its first bytes are no characters; valid: CSV, "
                    "TSV, blank-separated columns, NDJSON, Parquet, each also gzip");
  }
  if (trimmed(start).find_first_not_of("\r\n\t ") == std::string_view::npos) {
    return fail(ErrorCode::invalid, "'" + path + "' holds nothing but blanks");
  }
  return {};
}

struct Rows {
  std::vector<std::vector<std::string>> rows;
  std::size_t broken = 0;
};

Result<Rows> split_head(const std::string& text, const RowFormat& format, std::size_t most,
                        std::size_t row_bytes_most) {
  RowReader reader(bytes_of(text), format, row_bytes_most);
  Rows rows;
  Row row;
  while (rows.rows.size() + rows.broken < most) {
    GUANXI_TRY(more, reader.next(row));
    if (!more) {
      break;
    }
    if (row.problem != nullptr) {
      ++rows.broken;
      continue;
    }
    rows.rows.emplace_back(row.fields.begin(), row.fields.end());
  }
  return rows;
}

// The number of columns that most rows have, and how many rows have it.
std::pair<std::size_t, std::size_t> usual_width(const Rows& rows) {
  std::map<std::size_t, std::size_t> widths;
  for (const auto& row : rows.rows) {
    ++widths[row.size()];
  }
  std::pair<std::size_t, std::size_t> best{0, 0};
  for (const auto& [width, count] : widths) {
    if (count > best.second) {
      best = {width, count};
    }
  }
  return best;
}

// The delimiter that splits most rows into the same number of columns, at least two.
Result<char> guess_delimiter(const std::string& text, const RowFormat& base,
                             std::size_t row_bytes_most) {
  char best = '\0';
  std::size_t best_share = 0;
  std::size_t best_width = 0;
  for (const char delimiter : {',', '\t', ';', '|', ' '}) {
    if (delimiter == ' ' && best_share >= 850) {
      break;
    }
    RowFormat format = base;
    format.delimiter = delimiter;
    GUANXI_TRY(rows, split_head(text, format, 200, row_bytes_most));
    const auto [width, count] = usual_width(rows);
    const std::size_t share =
        count * 1000 / std::max<std::size_t>(rows.rows.size() + rows.broken, 1);
    const bool better = share > best_share + 50 || (share + 50 > best_share && width > best_width);
    if (width >= 2 && share >= 500 && better) {
      best = delimiter;
      best_share = share;
      best_width = width;
    }
  }
  return best;
}

bool is_data_cell(const std::string& cell) {
  const std::string_view text = trimmed(cell);
  if (text.empty() || read_number(text)) {
    return true;
  }
  return std::any_of(common_time_formats().begin(), common_time_formats().end(),
                     [&](const TimeFormat& format) { return format.parse(text).has_value(); });
}

// A header names columns: no cell is a number, a date or empty, no two are the same, and it does
// not come again as a value below.
bool looks_like_header(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) {
    return false;
  }
  std::vector<std::string> names;
  for (const std::string& cell : rows.front()) {
    names.push_back(plain_name(cell));
  }
  const std::size_t empty =
      static_cast<std::size_t>(std::count(names.begin(), names.end(), std::string()));
  if (empty > 1 || (empty == 1 && names.size() < 3)) {
    return false;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty() && is_data_cell(rows.front()[i])) {
      return false;
    }
    if (!names[i].empty() && std::count(names.begin(), names.end(), names[i]) > 1) {
      return false;
    }
  }
  for (std::size_t r = 1; r < std::min<std::size_t>(rows.size(), 200); ++r) {
    for (std::size_t c = 0; c < std::min(rows[r].size(), names.size()); ++c) {
      if (!names[c].empty() && rows[r][c] == rows.front()[c] && rows[r][c].size() < 8) {
        return false;
      }
    }
  }
  return true;
}

void name_columns(FileSample& sample, const ReadRule& read, std::size_t width) {
  if (sample.header) {
    for (const std::string& cell : sample.rows.front()) {
      sample.columns.emplace_back(trimmed(cell));
    }
    for (std::size_t i = 0; i < sample.columns.size(); ++i) {
      if (sample.columns[i].empty()) {
        sample.columns[i] = std::to_string(i + 1);
      }
    }
    sample.rows.erase(sample.rows.begin());
  } else {
    for (std::size_t i = 0; i < width; ++i) {
      sample.columns.push_back(std::to_string(i + 1));
    }
  }
  if (!read.columns.empty()) {
    sample.columns = read.columns;
  }
}

RowFormat stated_format(const ReadRule& read, const std::string& head) {
  RowFormat format;
  format.comment = read.comment;
  format.quotes = read.quotes;
  const bool has_line_feed = head.find('\n') != std::string::npos;
  format.newline = !has_line_feed && head.find('\r') != std::string::npos ? '\r' : '\n';
  format.delimiter = read.delimiter;
  if (read.delimiter == '\0') {
    format.delimiter = read.format == "tsv" ? '\t' : read.format == "blanks" ? ' ' : '\0';
  }
  return format;
}

Result<void> sample_text(FileSample& sample, const ReadRule& read, const FileLimits& limits,
                         const Head& head) {
  sample.rows_as = stated_format(read, head.text);
  if (sample.rows_as.delimiter == '\0') {
    GUANXI_TRY(found, guess_delimiter(head.text, sample.rows_as, limits.row_bytes_most));
    if (found == '\0' && read.format != "csv") {
      return fail(ErrorCode::invalid,
                  "'" + sample.path +
                      "' cannot be split into columns: no comma, tab, semicolon, "
                      "bar or blank splits its lines into equally many fields");
    }
    sample.rows_as.delimiter = found == '\0' ? ',' : found;
  }
  GUANXI_TRY(rows, split_head(head.text, sample.rows_as, kSampleRows, limits.row_bytes_most));
  sample.rows_broken = rows.broken;
  const auto [width, count] = usual_width(rows);
  sample.rows = std::move(rows.rows);
  sample.ragged = count < sample.rows.size();
  sample.format = sample.rows_as.delimiter == ' '    ? "blanks"
                  : sample.rows_as.delimiter == '\t' ? "tsv"
                                                     : "csv";
  sample.header = read.header.value_or(looks_like_header(sample.rows));
  if (sample.rows.empty()) {
    return fail(ErrorCode::invalid, "'" + sample.path + "' has no row that can be read");
  }
  name_columns(sample, read, width);
  if (sample.rows.empty()) {
    return fail(ErrorCode::invalid, "'" + sample.path + "' holds a header and no rows");
  }
  return {};
}

// Rows behind the header.
class BehindHeader final : public RowSource {
 public:
  explicit BehindHeader(std::unique_ptr<RowSource> rows) : rows_(std::move(rows)) {}
  Result<bool> next(Row& row) override {
    while (!passed_) {
      GUANXI_TRY(more, rows_->next(row));
      if (!more) {
        return false;
      }
      passed_ = row.problem == nullptr;
    }
    return rows_->next(row);
  }
  [[nodiscard]] std::uint64_t disk_bytes() const override { return rows_->disk_bytes(); }

 private:
  std::unique_ptr<RowSource> rows_;
  bool passed_ = false;
};

}  // namespace

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Result<FileSample> take_sample(const std::string& path, const ReadRule& read,
                               const FileLimits& limits) {
  FileSample sample;
  sample.path = path;
  GUANXI_TRY(container, container_of(path));
  sample.container = container;
  if (container == Container::parquet) {
    sample.format = "parquet";
    GUANXI_TRY_VOID(sample_parquet(sample, kSampleRows));
    return sample;
  }
  GUANXI_TRY(head, read_head(path, read, limits));
  GUANXI_TRY_VOID(check_is_text(head, path));
  sample.encoding = head.encoding;
  const char first = head.text[head.text.find_first_not_of(" \t\r\n")];
  if (read.format == "ndjson" || (read.format.empty() && first == '{')) {
    sample.format = "ndjson";
    GUANXI_TRY_VOID(sample_json(sample, head.text, kSampleRows, limits));
    return sample;
  }
  if (read.format.empty() && first == '[' && head.text.find('{') != std::string::npos) {
    return fail(ErrorCode::invalid, "'" + path +
                                        "' is one JSON array; save it as JSON lines, one "
                                        "object a line (jq -c '.[]')");
  }
  GUANXI_TRY_VOID(sample_text(sample, read, limits, head));
  return sample;
}

Result<std::unique_ptr<RowSource>> open_rows(const FileSample& sample, const FileLimits& limits) {
  if (sample.format == "parquet") {
    return open_parquet_rows(sample.path, sample.columns);
  }
  GUANXI_TRY(raw, open_bytes(sample.path, limits));
  if (sample.encoding.bom_bytes > 0) {
    std::array<char, 4> bom{};
    GUANXI_TRY(got, raw->read(bom.data(), sample.encoding.bom_bytes));
    GUANXI_CHECK(got == sample.encoding.bom_bytes, "a byte-order mark is read in one piece");
  }
  GUANXI_TRY(text, decode_text(std::move(raw), sample.encoding.name));
  if (sample.format == "ndjson") {
    return open_json_rows(std::move(text), sample.columns, limits);
  }
  std::unique_ptr<RowSource> rows =
      std::make_unique<RowReader>(std::move(text), sample.rows_as, limits.row_bytes_most);
  if (sample.header) {
    rows = std::make_unique<BehindHeader>(std::move(rows));
  }
  return rows;
}

}  // namespace guanxi
