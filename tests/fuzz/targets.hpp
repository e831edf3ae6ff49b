#pragma once

#include <span>
#include <string_view>

namespace guanxi::fuzz {

/// One way in which bytes from outside get into the program, and what must hold whatever they are.
///
/// Place       Fuzzed one by one (fuzz_main.cpp, tests/fuzz/run.sh); all kept inputs are replayed
/// in
///             every test run (replay_test.cpp).
/// Threads     One at a time.
struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

[[nodiscard]] std::span<const Target> targets();

}  // namespace guanxi::fuzz
