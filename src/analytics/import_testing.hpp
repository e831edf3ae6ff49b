#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analytics/file_import.hpp"

// Files of a test, and what an import makes of them.
namespace guanxi::import_testing {

/// A folder that goes when the test ends.
///
/// Place       One per test that reads or writes files.
/// Threads     One owner.
class Folder {
 public:
  Folder() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            ("guanxi_" + std::to_string(::getpid()) + "_" + info->name());
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name, std::string_view content) const {
    const std::string path = path_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::string gzip(const std::string& name, std::string_view content) const {
    const std::string path = path_ / name;
    gzFile out = gzopen(path.c_str(), "wb6");
    gzwrite(out, content.data(), static_cast<unsigned>(content.size()));
    gzclose(out);
    return path;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Everything that came of an import.
struct Imported {
  std::string error;
  Understanding understood;
  EventBatch batch;
  std::vector<Refusal> refused;
  std::vector<FileSummary> files;

  [[nodiscard]] std::set<std::uint64_t> ids() const {
    std::set<std::uint64_t> all;
    for (const Event& event : batch.events) {
      all.insert(event.id_hash);
    }
    return all;
  }
  [[nodiscard]] std::set<std::string> people() const {
    std::set<std::string> all;
    for (const Event& event : batch.events) {
      if (!event.person.value.empty()) {
        all.insert(to_string(event.person));
      }
    }
    return all;
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> kinds() const {
    std::map<std::string, std::uint64_t> all;
    for (const Event& event : batch.events) {
      ++all[std::string(name_of(event.kind))];
    }
    return all;
  }
  [[nodiscard]] std::int64_t amount() const {
    std::int64_t sum = 0;
    for (const Event& event : batch.events) {
      sum += event.amount_minor;
    }
    return sum;
  }
  /// "kind person subject order amount quantity time" of one event, for people to read.
  [[nodiscard]] std::string line(std::size_t i) const {
    const Event& event = batch.events.at(i);
    return std::string(name_of(event.kind)) + " " + std::string(event.person.value) + " " +
           std::string(event.subject) + " " + std::string(event.order_id) + " " +
           std::to_string(event.amount_minor) + " " + std::to_string(event.quantity) + " " +
           to_string(event.occurred_at);
  }
  [[nodiscard]] std::string role(const std::string& column) const {
    for (const ColumnUnderstanding& one : understood.files.at(0).columns) {
      if (one.name == column) {
        return one.role;
      }
    }
    return "no such column";
  }
};

inline Imported import(const ImportOptions& options) {
  Imported all;
  auto source = FileImport::open(options);
  if (!source) {
    all.error = source.error().message;
    return all;
  }
  all.understood = (*source)->understood();
  while (true) {
    const auto more = (*source)->next(all.batch, all.refused);
    if (!more) {
      all.error = more.error().message;
      break;
    }
    if (!*more) {
      break;
    }
  }
  all.files = (*source)->summaries();
  return all;
}

inline Imported import(const std::vector<std::string>& paths) {
  ImportOptions options;
  options.paths = paths;
  return import(options);
}

}  // namespace guanxi::import_testing
