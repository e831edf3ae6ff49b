#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace guanxi {

/// A place where somebody erased is still named. It says where, never who.
struct Leftover {
  std::string file;         ///< path below the folder
  std::string place;        ///< "byte 4711", "batch 3, event 12, person", "dead letter 5"
  std::uint64_t bytes = 0;  ///< length of the name
};

/// What a search for leftovers saw.
struct LeftoverReport {
  static constexpr std::size_t kFoundMost = 100;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t names = 0;  ///< on the list of erased people, and given in the clear
  std::uint64_t hits = 0;
  std::vector<Leftover> found;  ///< the first kFoundMost of the hits
};

/// Looks for everyone who was erased in every byte of every file under a data folder, and in what
/// the log's compressed batches hold: against the hashes of the list, and byte by byte for the
/// `ids` that are given in the clear. Names shorter than kShortestName are looked for where ids
/// stand (people, referrers) alone.
///
/// Place       `guanxi check --erased`, beside a running server or without one.
/// Errors      not_found without a log; unavailable when a file cannot be read.
[[nodiscard]] Result<LeftoverReport> find_leftovers(const std::string& folder,
                                                    const std::vector<std::string>& ids,
                                                    const std::string& vfs = {});

}  // namespace guanxi
