#include "analytics/file_plan.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "analytics/cell.hpp"
#include "analytics/event_files.hpp"
#include "analytics/recognise.hpp"
#include "platform/disk.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kRefusalsShown = 5;

std::uint64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool has_pattern(const std::string& path) {
  return base_name(path).find_first_of("*?") != std::string::npos;
}

// Files of a folder whose names match, sorted.
Result<std::vector<std::string>> matching_files(const std::string& folder,
                                                const std::string& pattern) {
  GUANXI_TRY(names, real_disk().list(folder));
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (matches_pattern(name, pattern)) {
      found.push_back(folder == "." ? name : folder + "/" + name);
    }
  }
  return found;
}

// Decodes the sample's rows as the import will, so that what is shown is what will be.
Result<void> preview(FilePlan& plan, const ImportOptions& options, TableMapping& table) {
  FileUnderstanding& shown = plan.understanding;
  GUANXI_TRY(joins, load_joins(table, shown.path, options.paths, options.limits));
  TableMapper::Context context{base_name(shown.path), options.zone, options.currency,
                               options.received_at, true};
  GUANXI_TRY(mapper, TableMapper::bind(table, plan.currency, plan.sample.columns, std::move(joins),
                                       std::move(context)));
  EventBatch batch;
  std::vector<std::string_view> fields;
  Row row;
  row.line = plan.sample.header ? 1 : 0;
  for (const auto& values : plan.sample.rows) {
    fields.assign(values.begin(), values.end());
    row.fields = fields;
    ++row.line;
    std::vector<Refusal> refused;
    const auto outcome = mapper->map(row, batch, refused);
    shown.rows_decoded += outcome != TableMapper::Outcome::refused ? 1U : 0U;
    if (!refused.empty() && shown.sample_refusals.size() < kRefusalsShown) {
      shown.sample_refusals.push_back(std::move(refused.front()));
    }
    batch.clear();
  }
  shown.rows_sampled = plan.sample.rows.size() + plan.sample.rows_broken;
  shown.sample_counts = mapper->counts();
  return {};
}

void describe(FilePlan& plan) {
  FileUnderstanding& shown = plan.understanding;
  shown.path = plan.sample.path;
  shown.bytes = size_of(plan.sample.path);
  shown.format = plan.sample.format;
  shown.gzip = plan.sample.container == Container::gzip;
  shown.encoding = plan.sample.encoding.name;
  shown.delimiter = plan.sample.rows_as.delimiter;
  shown.header = plan.sample.header;
  shown.table = plan.table.name;
  shown.reference = plan.table.reference;
  shown.currency = plan.currency.text();
  shown.columns = columns_understood(plan.table, plan.sample);
  if (!plan.table.events.empty()) {
    const TimeRule& time = plan.table.events.front().time;
    for (const std::string& format : time.formats) {
      shown.time_format += (shown.time_format.empty() ? "" : ", ") + format;
    }
    const bool own =
        !time.formats.empty() && (time.formats.front().find("%z") != std::string::npos ||
                                  time.formats.front().substr(0, 5) == "epoch");
    shown.time_zone = own ? "in the text" : time.zone;
  }
}

// The table of any of the mappings that fits the sample best.
struct Found {
  const Mapping* mapping = nullptr;
  const TableMapping* table = nullptr;
};
Found best_table(std::span<const Mapping* const> mappings, const FileSample& sample) {
  Found best;
  std::size_t best_score = 0;
  for (const Mapping* mapping : mappings) {
    for (const TableMapping& table : mapping->tables) {
      std::size_t score = 0;
      if (fits(table, sample, score) && (best.table == nullptr || score > best_score)) {
        best = {mapping, &table};
        best_score = score;
      }
    }
  }
  return best;
}

Result<FilePlan> plan_by_table(const std::string& path, const Mapping& mapping,
                               const TableMapping& table, std::string_view known_by,
                               const ImportOptions& options) {
  FilePlan plan;
  GUANXI_TRY(sample, take_sample(path, table.read, options.limits));
  plan.sample = std::move(sample);
  plan.table = table;
  plan.currency = mapping.currency;
  plan.understanding.mapping = mapping.name;
  plan.understanding.known_by = known_by;
  GUANXI_TRY_VOID(
      settle_time_formats(plan.table, plan.sample, options.limits, plan.understanding.notes));
  describe(plan);
  if (!table.reference) {
    GUANXI_TRY_VOID(preview(plan, options, plan.table));
  } else {
    plan.understanding.rows_sampled = plan.sample.rows.size();
    plan.understanding.rows_decoded = plan.sample.rows.size();
  }
  return plan;
}

Result<FilePlan> plan_named(const std::string& path, const Mapping& mapping,
                            const ImportOptions& options) {
  if (mapping.tables.size() == 1) {
    return plan_by_table(path, mapping, mapping.tables.front(), "named", options);
  }
  GUANXI_TRY(sample, take_sample(path, {}, options.limits));
  const Mapping* const only = &mapping;
  const Found found = best_table(std::span(&only, 1), sample);
  if (found.table == nullptr) {
    std::string names;
    for (const TableMapping& table : mapping.tables) {
      names += (names.empty() ? "" : ", ") + table.name;
    }
    return fail(ErrorCode::invalid,
                "'" + path + "' is none of the tables of mapping '" + mapping.name + "': " + names);
  }
  return plan_by_table(path, mapping, *found.table, "named", options);
}

Result<FilePlan> plan_recognised(FileSample sample, const ImportOptions& options) {
  FilePlan plan;
  GUANXI_TRY(recognised, recognise(sample, options.limits));
  plan.sample = std::move(sample);
  plan.table = std::move(recognised.table);
  plan.currency = recognised.currency;
  plan.understanding.mapping = "recognised";
  plan.understanding.known_by = recognised.known_by;
  plan.understanding.notes = std::move(recognised.notes);
  describe(plan);
  GUANXI_TRY_VOID(preview(plan, options, plan.table));
  if (plan.understanding.rows_decoded * 2 < plan.understanding.rows_sampled) {
    const Refusal& first = plan.understanding.sample_refusals.front();
    return fail(ErrorCode::invalid,
                "'" + plan.sample.path +
                    "' was taken for orders, but most rows do not decode: line " +
                    std::to_string(first.line) + ", " + first.field + ": " + first.reason +
                    "; name a mapping with --mapping");
  }
  return plan;
}

}  // namespace

Result<FilePlan> plan_file(const std::string& path, const Mapping* named,
                           const ImportOptions& options) {
  if (named != nullptr) {
    GUANXI_TRY(plan, plan_named(path, *named, options));
    plan.sample.rows = {};
    return plan;
  }
  GUANXI_TRY(sample, take_sample(path, {}, options.limits));
  const auto kind = event_file_kind(sample);
  if (kind != FilePlan::Kind::rows) {
    FilePlan plan;
    plan.kind = kind;
    plan.sample = std::move(sample);
    describe(plan);
    plan.understanding.format = "guanxi events (" + plan.sample.format + ")";
    plan.understanding.known_by = "its columns";
    plan.understanding.rows_sampled = plan.sample.rows.size();
    plan.understanding.rows_decoded = plan.sample.rows.size();
    plan.sample.rows = {};
    return plan;
  }
  std::vector<const Mapping*> ready;
  for (const Mapping& mapping : ready_mappings()) {
    ready.push_back(&mapping);
  }
  const Found found = best_table(ready, sample);
  if (found.table != nullptr) {
    GUANXI_TRY(plan, plan_by_table(path, *found.mapping, *found.table, "its columns", options));
    plan.sample.rows = {};
    return plan;
  }
  GUANXI_TRY(plan, plan_recognised(std::move(sample), options));
  plan.sample.rows = {};
  return plan;
}

Result<std::vector<std::string>> expand_paths(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::vector<std::string> found{path};
    if (has_pattern(path) && !real_disk().exists(path)) {
      GUANXI_TRY(matching, matching_files(folder_of(path), base_name(path)));
      found = std::move(matching);
    }
    if (found.empty()) {
      return fail(ErrorCode::not_found, "'" + path + "' matches no file");
    }
    for (std::string& file : found) {
      if (std::find(files.begin(), files.end(), file) == files.end()) {
        files.push_back(std::move(file));
      }
    }
  }
  if (files.empty()) {
    return fail(ErrorCode::invalid, "no file is named");
  }
  return files;
}

Result<std::vector<TableMapper::Join>> load_joins(const TableMapping& table,
                                                  const std::string& path,
                                                  const std::vector<std::string>& paths,
                                                  const FileLimits& limits) {
  std::vector<TableMapper::Join> joins;
  for (const JoinRule& rule : table.joins) {
    std::vector<std::string> found;
    for (const std::string& one : paths) {
      if (matches_pattern(base_name(one), rule.file)) {
        found.push_back(one);
      }
    }
    if (found.empty()) {
      GUANXI_TRY(beside, matching_files(folder_of(path), rule.file));
      found = std::move(beside);
    }
    if (found.empty() && !rule.columns.empty()) {
      auto nothing = std::make_shared<JoinTable>();
      nothing->columns = rule.columns;
      joins.push_back({&rule, std::move(nothing)});
      continue;
    }
    if (found.empty()) {
      return fail(ErrorCode::not_found, "'" + base_name(path) + "' needs the file " + rule.file +
                                            " beside it (in " + folder_of(path) +
                                            "), where its column '" + rule.key + "' is looked up");
    }
    GUANXI_TRY(sample, take_sample(found.front(), {}, limits));
    const std::string plain = plain_name(rule.on);
    const auto on = std::find_if(sample.columns.begin(), sample.columns.end(),
                                 [&](const std::string& c) { return plain_name(c) == plain; });
    if (on == sample.columns.end()) {
      return fail(ErrorCode::invalid,
                  "'" + found.front() + "' has no column '" + rule.on + "' to be looked up by");
    }
    const auto key = static_cast<std::size_t>(on - sample.columns.begin());
    auto joined = std::make_shared<JoinTable>();
    joined->columns = sample.columns;
    GUANXI_TRY(rows, open_rows(sample, limits));
    Row row;
    while (true) {
      GUANXI_TRY(more, rows->next(row));
      if (!more) {
        break;
      }
      if (row.problem == nullptr && row.fields.size() == joined->columns.size()) {
        joined->add(trimmed(row.fields[key]), row.fields);
      }
    }
    joins.push_back({&rule, std::move(joined)});
  }
  return joins;
}

}  // namespace guanxi
