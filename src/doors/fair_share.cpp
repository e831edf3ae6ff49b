#include "doors/fair_share.hpp"

#include "base/check.hpp"

namespace guanxi::doors {

bool FairShare::take(const std::string& source, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  std::size_t& own = by_source_[source];
  const std::size_t free = waiting_ < bytes_most_ ? bytes_most_ - waiting_ : 0;
  const bool fits = bytes <= free && own + bytes <= free - bytes;
  const bool first_of_all = waiting_ == 0;  // whatever its size, it is not to wait for ever
  if (!fits && !first_of_all) {
    return false;
  }
  own += bytes;
  waiting_ += bytes;
  return true;
}

void FairShare::release(const std::string& source, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto own = by_source_.find(source);
  GUANXI_CHECK(own != by_source_.end() && own->second >= bytes, "what was taken is given back");
  own->second -= bytes;
  waiting_ -= bytes;
}

std::size_t FairShare::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace guanxi::doors
