#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace guanxi {

class Image;

/// Everyone's numbers in the order of one column, kept until the image changes, so that pages deep
/// in a list of millions cost nothing.
///
/// Place       One per Image; select() asks for orders.
/// Invariants  An order holds each person's number (Image::number_of) once. Ties stand in order of
///             the primary id, missing values last. At most kKept orders are held.
/// Threads     Any; the image must not change during a call.
class SortCache {
 public:
  using Order = std::shared_ptr<const std::vector<std::uint32_t>>;
  static constexpr std::size_t kKept = 6;

  /// `column` -1 is the primary id.
  [[nodiscard]] Order order(const Image& image, int column, bool descending, unsigned threads);
  [[nodiscard]] std::size_t bytes() const;
  void clear();

 private:
  struct Entry {
    std::uint64_t version = 0;
    int column = -1;
    bool descending = false;
    Order order;
  };
  [[nodiscard]] Order by_id(const Image& image, unsigned threads);
  [[nodiscard]] Order find(std::uint64_t version, int column, bool descending);
  void put(Entry entry);

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< the last one used stands first
};

}  // namespace guanxi
