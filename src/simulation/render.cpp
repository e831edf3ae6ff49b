#include "simulation/render.hpp"

#include <array>
#include <charconv>
#include <initializer_list>

#include "events/identity.hpp"
#include "simulation/catalogue.hpp"

namespace guanxi {
namespace {

using K = EventKind;

// A short text put together on the stack.
class Label {
 public:
  Label& text(std::string_view part) {
    part.copy(end_, part.size());
    end_ += part.size();
    return *this;
  }
  Label& number(std::uint64_t value) {
    end_ = std::to_chars(end_, buffer_.data() + buffer_.size(), value).ptr;
    return *this;
  }
  [[nodiscard]] std::string_view view() const {
    return {buffer_.data(), static_cast<std::size_t>(end_ - buffer_.data())};
  }

 private:
  std::array<char, 96> buffer_;
  char* end_ = buffer_.data();
};

constexpr std::uint64_t bits_of(std::initializer_list<EventKind> kinds) {
  std::uint64_t bits = 0;
  for (const EventKind kind : kinds) {
    bits |= std::uint64_t{1} << static_cast<unsigned>(kind);
  }
  return bits;
}
constexpr bool is_one_of(EventKind kind, std::uint64_t bits) {
  return (bits >> static_cast<unsigned>(kind) & 1U) != 0;
}

constexpr std::uint64_t kTickets = bits_of({K::ticket_opened, K::ticket_solved});
constexpr std::uint64_t kTalks =
    bits_of({K::chat_started, K::chat_ended, K::message_received, K::message_sent});
constexpr std::uint64_t kSubscriptions =
    bits_of({K::subscription_started, K::subscription_renewed, K::subscription_cancelled});
constexpr std::uint64_t kMoney =
    bits_of({K::order_completed, K::order_line, K::order_cancelled, K::order_refunded,
             K::line_returned, K::payment_disputed, K::prepayment_made, K::subscription_started,
             K::subscription_renewed, K::fee_charged});

// What an event's thread is called: orders, tickets, talks and subscriptions each have a letter.
std::string_view thread_prefix(EventKind kind) {
  if (is_one_of(kind, kTickets)) {
    return "t";
  }
  if (is_one_of(kind, kTalks)) {
    return "c";
  }
  return is_one_of(kind, kSubscriptions) ? "s" : "o";
}

void name_subject(const Draft& draft, Event& event) {
  const auto topics = topics_of(draft.kind);
  if (draft.topic < topics.size()) {
    event.subject = topics[draft.topic].subject;
    event.title = topics[draft.topic].title;
  }
  if (draft.product != Draft::kNone) {
    const Product& product = products()[draft.product];
    event.subject = product.id;
    event.title = event.title.empty() ? product.title : event.title;
  }
  if (draft.staff != Draft::kNone) {
    const Topic& who = staff()[draft.staff];
    event.subject = who.subject;
    event.title = event.title.empty() ? who.title : event.title;
  }
  if (draft.kind == K::review_posted) {
    event.title = review_words(static_cast<std::uint32_t>(draft.quantity) / 25 + 1)[draft.topic];
  }
}

}  // namespace

void Renderer::name_people(const Draft& draft, EventBatch& batch, Event& event) const {
  if (draft.kind != K::stock_adjusted) {
    event.person.value = batch.keep(Label().text("u").number(draft.person + 1ULL).view());
  }
  if (draft.kind == K::referral_accepted) {
    event.subject = batch.keep(Label().text("user:u").number(draft.other + 1ULL).view());
  }
  if (draft.kind == K::identified) {
    event.origin = name_of(static_cast<Origin>(draft.quantity));
    event.quantity = 0;
    if ((draft.flags & kReachable) != 0) {
      event.also_known_as.name_space = IdNamespace::email;
      event.also_known_as.value =
          batch.keep(Label().text("u").number(draft.person + 1ULL).text("@tea.example").view());
    }
  }
}

void Renderer::render(const Draft& draft, EventBatch& batch) const {
  Event event;
  event.kind = draft.kind;
  event.flags = draft.flags;
  event.occurred_at.seconds = first_midnight_.seconds + draft.at_s;
  event.received_at.seconds = event.occurred_at.seconds;
  event.message_id = batch.keep(Label()
                                    .text("m")
                                    .number(seed_)
                                    .text("-")
                                    .number(draft.person + 1ULL)
                                    .text("-")
                                    .number(draft.number)
                                    .view());
  event.id_hash = identity_of_message("", event.message_id, 0);
  event.amount_minor = draft.amount_minor;
  event.quantity = draft.quantity;
  if (is_one_of(draft.kind, kMoney)) {
    event.currency.code = {'C', 'N', 'Y'};
  }
  if (draft.thread != 0) {
    event.order_id = batch.keep(Label()
                                    .text(thread_prefix(draft.kind))
                                    .number(draft.person + 1ULL)
                                    .text("-")
                                    .number(draft.thread)
                                    .view());
  }
  if (draft.kind == K::unknown) {
    event.name = "Loyalty Card Scanned";
  }
  name_subject(draft, event);
  name_people(draft, batch, event);
  batch.events.push_back(event);
}

}  // namespace guanxi
