#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/sources.hpp"
#include "base/result.hpp"
#include "doors/payload_mapping.hpp"

namespace guanxi::doors {

/// What people must know and fill in for a source of one kind: the form of the sources page, as
/// data.
struct SourceKindInfo {
  access::SourceKind kind = access::SourceKind::sdk;
  std::string title;
  std::string title_zh;
  bool has_secret = false;  ///< it signs, or shows a password, with Source::secrets
  bool secret_required = false;
  std::string secret_title;
  std::string secret_title_zh;
  bool has_address = false;  ///< the sender is told https://HOST/hooks/{source id}
  std::vector<SettingField> fields;
};
/// One entry a kind, in the order of the enumeration.
[[nodiscard]] const std::vector<SourceKindInfo>& source_kinds();
[[nodiscard]] const SourceKindInfo& info_of(access::SourceKind kind);

/// All of it as JSON, for the page: {"kinds": [{"kind", "title", "title_zh", "has_address",
/// "secret": {...} or null, "fields": [{"name", "type", "title", "title_zh", "help", "help_zh",
/// "required", "fallback", "choices"}]}]}.
[[nodiscard]] std::string source_kinds_json();

/// Whether settings and secrets can be used for a source of this kind. `settings_json` is an object
/// of texts and truths by the names of the fields. A secret may be missing: many senders show
/// theirs only once they were told the address; until then whatever comes is not signed.
/// Errors: invalid, naming the field.
[[nodiscard]] Result<void> check_source(access::SourceKind kind, std::string_view settings_json,
                                        const std::vector<std::string>& secrets);

/// A source's settings, ready for use.
///
/// Place       Made by the doors, once for each version of the settings.
/// Invariants  value() of a field that was left out is its fallback.
/// Threads     Immutable.
class SourceSettings {
 public:
  /// Errors: invalid, naming the field.
  [[nodiscard]] static Result<SourceSettings> read(access::SourceKind kind,
                                                   std::string_view settings_json);
  [[nodiscard]] const std::string& value(std::string_view name) const;
  [[nodiscard]] bool truth(std::string_view name) const { return value(name) == "true"; }
  /// The kind's own mapping, or that of the setting "mapping"; null: JSON events as they are.
  [[nodiscard]] const PayloadMapping* mapping() const { return mapping_.get(); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::shared_ptr<const PayloadMapping> mapping_;
};

}  // namespace guanxi::doors
