#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/parameters.hpp"
#include "events/masking.hpp"
#include "http/message.hpp"
#include "people/image.hpp"

namespace guanxi::api {

/// What one caller may see of people: everything, or handles and things alone.
///
/// Place       Made of each request by the handlers; every text about a person goes through it on
///             its way into an answer, and every id asked for on its way in.
/// Invariants  A caller who may not see personal data never learns whether an id is known: only
///             handles are looked up for them.
/// Threads     A value; `masking` outlives it.
class Viewer {
 public:
  Viewer(const http::Request& request, const Masking& masking);

  [[nodiscard]] bool sees_personal() const { return sees_personal_; }
  /// What SQL is masked with; null when nothing is.
  [[nodiscard]] const Masking* masking() const { return sees_personal_ ? nullptr : &masking_; }
  /// "m" or "": answers that are kept are kept for both.
  [[nodiscard]] std::string_view key() const { return sees_personal_ ? "" : "m"; }

  [[nodiscard]] std::string id(const std::string& id_text) const;
  [[nodiscard]] std::string text(std::string_view text) const;
  [[nodiscard]] std::string subject(EventKind kind, std::string_view subject) const;
  [[nodiscard]] std::string title(EventKind kind, std::string_view title) const;
  /// Texts of any content: messages, originals.
  [[nodiscard]] std::string closed(std::string_view text) const;

  /// The person of an id or handle, as the caller gave it.
  [[nodiscard]] std::optional<PersonRef> find(const Image& image, const std::string& asked) const;

 private:
  const Masking& masking_;
  bool sees_personal_;
};

}  // namespace guanxi::api
