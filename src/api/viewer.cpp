#include "api/viewer.hpp"

namespace guanxi::api {

Viewer::Viewer(const http::Request& request, const Masking& masking)
    : masking_(masking), sees_personal_(request.principal.sees_personal()) {}

std::string Viewer::id(const std::string& id_text) const {
  return sees_personal_ || id_text.empty() ? id_text : masking_.handle_of(id_text);
}

std::string Viewer::text(std::string_view text) const {
  return sees_personal_ ? std::string(text) : masked_text(text);
}

std::string Viewer::subject(EventKind kind, std::string_view subject) const {
  return sees_personal_ ? std::string(subject) : masked_subject(kind, subject, masking_);
}

std::string Viewer::title(EventKind kind, std::string_view title) const {
  return sees_personal_ ? std::string(title) : masked_title(kind, title);
}

std::string Viewer::closed(std::string_view text) const {
  return std::string(sees_personal_ || text.empty() ? text : kMaskedText);
}

std::optional<PersonRef> Viewer::find(const Image& image, const std::string& asked) const {
  if (const auto id = masking_.id_of(asked)) {
    return image.find(parse_external_id(*id));
  }
  return sees_personal_ ? image.find(parse_external_id(asked)) : std::nullopt;
}

}  // namespace guanxi::api
