#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "events/kind_table.hpp"

namespace guanxi {
namespace {

constexpr std::size_t kLongestName = 96;

// The bytes of a name that matter; none when it is longer than any name that is known.
class Essence {
 public:
  explicit Essence(std::string_view name) {
    for (const char c : name) {
      const bool lower = c >= 'a' && c <= 'z';
      const bool upper = c >= 'A' && c <= 'Z';
      const bool kept = lower || upper || (c >= '0' && c <= '9') || c == '$' ||
                        static_cast<unsigned char>(c) >= 0x80;
      if (!kept) {
        continue;
      }
      if (size_ == bytes_.size()) {
        size_ = 0;
        return;
      }
      bytes_[size_++] = upper ? static_cast<char>(c + ('a' - 'A')) : c;
    }
  }
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kLongestName> bytes_{};
  std::size_t size_ = 0;
};

struct Known {
  std::string essence;
  NamedKind meaning;
};

bool by_essence(const Known& known, std::string_view text) { return known.essence < text; }

std::vector<Known> all_names() {
  std::vector<Known> names;
  const auto add = [&](std::string_view name, NamedKind meaning) {
    const Essence essence(name);
    names.push_back({std::string(essence.text()), meaning});
  };
  for (const KindEntry& entry : kind_table()) {
    if (entry.kind != EventKind::unknown) {
      add(entry.title, {entry.kind, NameReading::usual});
      add(entry.title_zh, {entry.kind, NameReading::usual});
      if (Essence(name_of(entry.kind)).text() != Essence(entry.title).text()) {
        add(name_of(entry.kind), {entry.kind, NameReading::usual});
      }
    }
  }
  for (const Alias& alias : alias_table()) {
    add(alias.name, {alias.kind, alias.reading});
  }
  std::sort(names.begin(), names.end(),
            [](const Known& a, const Known& b) { return a.essence < b.essence; });
  for (std::size_t i = 1; i < names.size(); ++i) {
    GUANXI_CHECK(names[i - 1].essence != names[i].essence, "every name means one thing");
  }
  return names;
}

}  // namespace

std::optional<NamedKind> kind_of_event_name(std::string_view name) {
  static const std::vector<Known> kNames = all_names();
  const Essence essence(name);
  const auto found = std::lower_bound(kNames.begin(), kNames.end(), essence.text(), by_essence);
  if (found == kNames.end() || found->essence != essence.text()) {
    return std::nullopt;
  }
  return found->meaning;
}

}  // namespace guanxi
