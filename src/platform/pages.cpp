#include "platform/pages.hpp"

#include <sys/mman.h>

#include <utility>

#include "base/check.hpp"

namespace guanxi {

Pages::Pages(std::size_t bytes, bool scanned) {
  if (bytes == 0) {
    return;
  }
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  GUANXI_CHECK(memory != MAP_FAILED, "no memory is left");
  bytes_ = std::span(static_cast<std::byte*>(memory), bytes);
  if (scanned) {
    (void)::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: small pages do as well
  }
}

Pages::~Pages() {
  if (!bytes_.empty()) {
    (void)::munmap(bytes_.data(), bytes_.size());
  }
}

Pages::Pages(Pages&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

void Pages::forget(std::size_t offset, std::size_t bytes) const {
  GUANXI_CHECK(offset + bytes <= bytes_.size(), "only pages of the run are forgotten");
  (void)::madvise(bytes_.data() + offset, bytes, MADV_DONTNEED);
}

}  // namespace guanxi
