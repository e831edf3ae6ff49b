#include "events/masking.hpp"

#include <algorithm>

namespace guanxi {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_local_part(char c) {
  return is_digit(c) || is_letter(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}
bool is_host(char c) {
  return is_digit(c) || is_letter(c) || static_cast<unsigned char>(c) >= 0x80 || c == '-';
}
bool separates_digits(char c) { return c == ' ' || c == '-' || c == '(' || c == ')' || c == '.'; }

// "@", also as it stands in a web address.
std::size_t at_sign_bytes(std::string_view text, std::size_t at) {
  if (text[at] == '@') {
    return 1;
  }
  return text.substr(at, 3) == "%40" ? 3 : 0;
}

bool has_address(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    const std::size_t bytes = at_sign_bytes(text, at);
    if (bytes == 0 || !is_local_part(text[at - 1])) {
      continue;
    }
    const std::size_t host = at + bytes;
    std::size_t end = host;
    while (end < text.size() && is_host(text[end])) {
      ++end;
    }
    if (end > host && end + 1 < text.size() && text[end] == '.' && is_host(text[end + 1])) {
      return true;
    }
  }
  return false;
}

/// A stretch of digits, with what stands between them.
struct Digits {
  std::string digits;
  bool after_plus = false;
  bool separated = false;
  bool then_x = false;
};

bool is_number_of_a_person(const Digits& run) {
  const std::size_t count = run.digits.size();
  if (run.after_plus || run.separated) {
    return count >= (run.after_plus ? 8U : 10U) && count <= 18;
  }
  if (count == 11 && run.digits[0] == '1' && run.digits[1] >= '3') {
    return true;
  }
  return count == 18 || (count == 17 && run.then_x);
}

Digits digits_at(std::string_view text, std::size_t& at) {
  Digits run;
  run.after_plus = at > 0 && text[at - 1] == '+';
  std::size_t between = 0;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      run.digits += text[at];
      run.separated = run.separated || between > 0;
      between = 0;
    } else if (separates_digits(text[at]) && between < 2) {
      ++between;
    } else {
      break;
    }
  }
  run.then_x = at < text.size() && (text[at] == 'x' || text[at] == 'X');
  return run;
}

bool has_number_of_a_person(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
    } else if (is_number_of_a_person(digits_at(text, at))) {
      return true;
    }
  }
  return false;
}

constexpr std::uint64_t bit(EventKind kind) {
  return std::uint64_t{1} << static_cast<unsigned>(kind);
}
template <typename... Kinds>
constexpr std::uint64_t bits(Kinds... kinds) {
  return (bit(kinds) | ...);
}
constexpr bool among(std::uint64_t kinds, EventKind kind) { return (kinds & bit(kind)) != 0; }

using K = EventKind;
constexpr std::uint64_t kNamesAnything =
    bits(K::unknown, K::identified, K::referred_order, K::referred_refund);
constexpr std::uint64_t kNamesPerson =
    bits(K::referral_accepted, K::chat_started, K::message_received, K::message_sent, K::chat_ended,
         K::ticket_solved, K::service_delivered, K::staff_assigned, K::staff_met);
constexpr std::uint64_t kTitleOfThing = bits(
    K::order_line, K::line_returned, K::subscription_started, K::subscription_renewed,
    K::subscription_cancelled, K::fee_charged, K::coupon_applied, K::product_viewed,
    K::product_added, K::product_removed, K::wishlist_added, K::event_attended, K::stock_adjusted);

std::string handle_or_nothing(const ExternalId& id, const Masking& masking) {
  return id.value.empty() ? std::string() : masking.handle_of(to_string(id));
}

bool names_staff(EventKind kind) {
  return kind != EventKind::referral_accepted && subject_of(kind) == SubjectOf::person;
}

}  // namespace

bool looks_personal(std::string_view text) {
  return has_address(text) || has_number_of_a_person(text);
}

SubjectOf subject_of(EventKind kind) {
  if (among(kNamesAnything, kind)) {
    return SubjectOf::unknown;
  }
  return among(kNamesPerson, kind) ? SubjectOf::person : SubjectOf::thing;
}

bool title_names_a_thing(EventKind kind) { return among(kTitleOfThing, kind); }

std::string masked_text(std::string_view text) {
  return std::string(looks_personal(text) ? kMaskedText : text);
}

std::string masked_subject(EventKind kind, std::string_view subject, const Masking& masking) {
  if (subject.empty()) {
    return {};
  }
  switch (subject_of(kind)) {
    case SubjectOf::unknown:
      return std::string(kMaskedText);
    case SubjectOf::person:
      return names_staff(kind) ? masking.handle_of("staff:" + std::string(subject))
                               : masking.handle_of(subject);
    case SubjectOf::thing:
      break;
  }
  // What follows a page's path may say who looked at it.
  return masked_text(kind == EventKind::visit ? subject.substr(0, subject.find_first_of("?#"))
                                              : subject);
}

std::string masked_title(EventKind kind, std::string_view title) {
  if (title.empty()) {
    return {};
  }
  return title_names_a_thing(kind) ? masked_text(title) : std::string(kMaskedText);
}

Event masked_event(const Event& event, const Masking& masking, EventBatch& keeper) {
  const auto as_handle = [&](const ExternalId& id) {
    return parse_external_id(keeper.keep(handle_or_nothing(id, masking)));
  };
  Event out = event;
  out.message_id = {};
  out.person = as_handle(event.person);
  out.also_known_as = as_handle(event.also_known_as);
  out.name = keeper.keep(masked_text(event.name));
  out.subject = keeper.keep(masked_subject(event.kind, event.subject, masking));
  out.order_id = keeper.keep(masked_text(event.order_id));
  out.origin = keeper.keep(masked_text(event.origin));
  out.title = keeper.keep(masked_title(event.kind, event.title));
  out.properties = {};
  return out;
}

}  // namespace guanxi
