#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/masking.hpp"
#include "platform/disk.hpp"

namespace guanxi::access {

/// Handles of people by a secret key: an id is sealed so that equal ids have equal handles, and
/// whoever has no key learns the namespace and a rounded length, nothing else.
///
/// Place       One per server, over the key file of the data folder; api/ writes with it.
/// Invariants  id_of(handle_of(id)) is the id. A handle that was not made with this key is none.
///             A lost key file is made anew: then links with old handles lead nowhere.
/// Threads     Immutable after construction.
class Handles final : public Masking {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  /// With the key in "guanxi.handles" of the folder, which is made when there is none. Errors:
  /// unavailable, corrupted.
  [[nodiscard]] static Result<std::unique_ptr<Handles>> load(Disk& disk, const std::string& folder);
  /// With a key that ends with the process.
  [[nodiscard]] static std::unique_ptr<Handles> passing();
  ~Handles() override;

  [[nodiscard]] std::string handle_of(std::string_view id_text) const override;
  [[nodiscard]] std::optional<std::string> id_of(std::string_view handle) const override;

 private:
  using Key = std::array<unsigned char, kKeyBytes>;
  explicit Handles(const Key& key);
  [[nodiscard]] std::string tag_of(std::string_view name_space, std::string_view value) const;
  [[nodiscard]] std::string crossed(std::string_view tag, std::string_view bytes) const;

  Key tag_key_{};
  Key cover_key_{};
};

}  // namespace guanxi::access
