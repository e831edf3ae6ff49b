#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fuzz/targets.hpp"

namespace {

// GUANXI_FUZZ_TARGET names the one that this process fuzzes.
const guanxi::fuzz::Target& chosen() {
  const char* const name = std::getenv("GUANXI_FUZZ_TARGET");
  for (const guanxi::fuzz::Target& target : guanxi::fuzz::targets()) {
    if (name != nullptr && target.name == name) {
      return target;
    }
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const guanxi::fuzz::Target& target = chosen();
  const void* const bytes = data;
  target.run(std::string_view(static_cast<const char*>(bytes), size));
  return 0;
}
