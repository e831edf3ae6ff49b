#include "people/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace guanxi {

unsigned default_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

void for_each_item(std::size_t items, unsigned threads,
                   const std::function<void(unsigned worker, std::size_t item)>& work,
                   const Progress& progress) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto run = [&](unsigned worker) {
    for (std::size_t item = next++; item < items; item = next++) {
      work(worker, item);
      ++done;
      if (worker == 0 && progress) {
        progress(done, items);
      }
    }
  };
  const auto helpers = static_cast<unsigned>(
      std::min<std::size_t>(threads == 0 ? default_threads() : threads, items));
  {
    std::vector<std::jthread> others;
    for (unsigned worker = 1; worker < helpers; ++worker) {
      others.emplace_back(run, worker);
    }
    run(0);
  }
  if (progress && items > 0) {
    progress(items, items);
  }
}

}  // namespace guanxi
