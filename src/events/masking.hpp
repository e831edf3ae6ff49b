#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/event.hpp"

namespace guanxi {

/// Turns the ids of people into handles that tell nothing, and handles back into ids.
///
/// Place       Implemented by access/handles.hpp; api/ and SQL write handles for those who may not
///             see personal data.
/// Invariants  One id has one handle for as long as the key stays; links and groups keep working.
/// Threads     Any.
class Masking {
 public:
  Masking() = default;
  Masking(const Masking&) = delete;
  Masking& operator=(const Masking&) = delete;
  virtual ~Masking() = default;

  /// "email:masked:Qx7..." of "email:ada@example.org"; "user:masked:..." of "u-1".
  [[nodiscard]] virtual std::string handle_of(std::string_view id_text) const = 0;
  /// The id as to_string() writes it; nothing for what is no handle of this key.
  [[nodiscard]] virtual std::optional<std::string> id_of(std::string_view handle) const = 0;
};

/// What every handle has behind its namespace, and what stands for a text that is not shown.
inline constexpr std::string_view kHandlePrefix = "masked:";
inline constexpr std::string_view kMaskedText = "masked";

/// Whether a text holds what looks like an e-mail address, a phone number or a number of an
/// identity card, so that it is not shown to those who may not see personal data.
[[nodiscard]] bool looks_personal(std::string_view text);

/// Whose name the subject of an event of this kind is.
enum class SubjectOf : unsigned char {
  thing,   ///< a product, campaign, topic, page: shown unless it looks personal
  person,  ///< the id of a customer or of a member of staff: a handle is shown
  unknown  ///< anything: not shown
};
[[nodiscard]] SubjectOf subject_of(EventKind kind);
/// Whether titles of this kind name a thing for sale. All others are what people wrote or are
/// called, and are not shown.
[[nodiscard]] bool title_names_a_thing(EventKind kind);

// Texts as those see them who may not see personal data. Empty texts stay empty.
[[nodiscard]] std::string masked_text(std::string_view text);
[[nodiscard]] std::string masked_subject(EventKind kind, std::string_view subject,
                                         const Masking& masking);
[[nodiscard]] std::string masked_title(EventKind kind, std::string_view title);
/// The whole event: ids as handles; without its message id, origin's words and properties.
/// The texts of the result are kept in `keeper`.
[[nodiscard]] Event masked_event(const Event& event, const Masking& masking, EventBatch& keeper);

}  // namespace guanxi
