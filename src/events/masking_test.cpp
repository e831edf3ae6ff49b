#include "events/masking.hpp"

#include <gtest/gtest.h>

namespace guanxi {
namespace {

/// A handle that shows what it was made of.
class OpenMasking final : public Masking {
 public:
  [[nodiscard]] std::string handle_of(std::string_view id_text) const override {
    return "<" + std::string(id_text) + ">";
  }
  [[nodiscard]] std::optional<std::string> id_of(std::string_view /*handle*/) const override {
    return std::nullopt;
  }
};

TEST(Masking, FindsAddressesAndNumbersOfPeople) {
  for (const char* const text :
       {"ada@example.org", "write to ada.l+x@mail.example.org, please", "/u?mail=ada%40example.org",
        "13800138000", "tel 138 0013 8000", "+442079460958", "+44 20 7946 0958", "(020) 7946-0958",
        "110101199003070134", "11010119900307013X", "\xE7\x8E\x8B@\xE4\xBE\x8B.example"}) {
    EXPECT_TRUE(looks_personal(text)) << text;
  }
  for (const char* const text :
       {"", "tea", "22423", "9780262033848", "SKU-2011-06", "@home", "50% @ noon", "a @ b.c", "1.5",
        "order 536365", "2011-12-09", "v1.2.3", "@", "x@", "1234567890"}) {
    EXPECT_FALSE(looks_personal(text)) << text;
  }
}

TEST(Masking, ShowsThingsAndHidesPeople) {
  const OpenMasking masking;
  using enum EventKind;
  EXPECT_EQ(masked_subject(order_line, "22423", masking), "22423");
  EXPECT_EQ(masked_subject(order_line, "for ada@example.org", masking), "masked");
  EXPECT_EQ(masked_subject(visit, "/tea?for=ada", masking), "/tea");
  EXPECT_EQ(masked_subject(referral_accepted, "email:a@b.c", masking), "<email:a@b.c>");
  EXPECT_EQ(masked_subject(staff_met, "wang", masking), "<staff:wang>");
  EXPECT_EQ(masked_subject(unknown, "x", masking), "masked");
  EXPECT_EQ(masked_subject(unknown, "", masking), "");
  EXPECT_EQ(masked_title(order_line, "Green tea"), "Green tea");
  EXPECT_EQ(masked_title(review_posted, "I am Ada"), "masked");
  EXPECT_EQ(masked_title(message_received, "hello"), "masked");
}

TEST(Masking, NothingPersonalIsLeftInAnEvent) {
  Event event;
  event.kind = EventKind::identified;
  event.message_id = "ada-1";
  event.person = {IdNamespace::user, "ada"};
  event.also_known_as = {IdNamespace::email, "ada@example.org"};
  event.name = "ada@example.org did it";
  event.subject = "ada";
  event.order_id = "ada@example.org";
  event.origin = "ada@example.org";
  event.title = "Ada Lovelace";
  event.properties = R"({"phone":"+442079460958"})";
  EventBatch keeper;
  const Event out = masked_event(event, OpenMasking(), keeper);
  EXPECT_EQ(out.person.value, "<user:ada>");
  EXPECT_EQ(out.title, "masked");
  EXPECT_EQ(out.name, "masked");
  EXPECT_TRUE(out.message_id.empty());
  EXPECT_TRUE(out.properties.empty());
  EXPECT_EQ(out.order_id, "masked");
  EXPECT_EQ(out.subject, "masked");
}

}  // namespace
}  // namespace guanxi
