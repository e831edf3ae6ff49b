#pragma once

#include <cstdint>
#include <string>

namespace guanxi {

/// What came of writing the image down.
struct SnapshotReport {
  bool written = false;
  std::string why_not{};        ///< when it was not written, though nothing failed
  std::uint64_t events = 0;     ///< of the log, that it holds
  std::uint64_t bytes = 0;      ///< of the file
  double seconds = 0;           ///< until it was durable
  double readable_seconds = 0;  ///< of these the image could only be read
};

/// Whether the file in the folder is what the log says.
struct SnapshotState {
  bool there = false;
  bool good = false;
  std::uint64_t events = 0;  ///< of the log, that it holds
  std::string reason;        ///< when there and not good
};

}  // namespace guanxi
