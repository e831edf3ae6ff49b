#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace guanxi {

/// Told now and then how far long work has come, on the thread that asked for the work.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// How many threads to use when the caller has no opinion: the processors there are.
[[nodiscard]] unsigned default_threads();

/// Calls work(worker, item) for every item in [0, items), each once, on `threads` threads of which
/// the caller's is one; returns when all are done. Which worker gets which item is left to chance,
/// so results must not depend on it. Threads: `work` is called concurrently, with worker < threads.
void for_each_item(std::size_t items, unsigned threads,
                   const std::function<void(unsigned worker, std::size_t item)>& work,
                   const Progress& progress = {});

}  // namespace guanxi
