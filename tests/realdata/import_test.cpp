// What the importer makes of real shops' files, against the figures known of them
// (../shared/data/README.md): rows, people, sums, first and last moments, kinds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include "analytics/file_import.hpp"

namespace guanxi {
namespace {

// Sums up an import without keeping its events.
struct Figures {
  std::uint64_t events = 0;
  std::uint64_t refused = 0;
  std::set<std::uint64_t> ids;
  std::set<std::string> people;
  std::map<std::string, std::uint64_t> kinds;
  std::set<std::string> orders;
  std::uint64_t nobody = 0;
  std::int64_t amount_minor = 0;
  std::int64_t rating = 0;
  std::int64_t quantity = 0;
  Instant first{INT64_MAX};
  Instant last{0};
  std::vector<FileSummary> files;

  void add(const Event& event) {
    ++events;
    ids.insert(event.id_hash);
    if (event.person.value.empty()) {
      ++nobody;
    } else {
      people.insert(to_string(event.person));
    }
    ++kinds[std::string(name_of(event.kind))];
    orders.insert(std::string(event.order_id));
    amount_minor += event.amount_minor;
    quantity += event.quantity;
    rating += event.kind == EventKind::review_posted ? event.quantity : 0;
    first = std::min(first, event.occurred_at);
    last = std::max(last, event.occurred_at);
  }
};

class RealFiles : public ::testing::Test {
 protected:
  static std::string path(const std::string& file) {
    const char* folder = std::getenv("GUANXI_REAL_DATA");
    return std::string(folder != nullptr ? folder : "../shared/data") + "/" + file;
  }

  // Says aloud what is left out when the data are not there.
  static bool absent(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      if (!std::filesystem::exists(path(file))) {
        std::cout << "left out, because " << path(file) << " is not there\n";
        return true;
      }
    }
    return false;
  }

  static Figures read(const std::vector<std::string>& files) {
    ImportOptions options;
    for (const std::string& file : files) {
      options.paths.push_back(path(file));
    }
    Figures figures;
    auto source = FileImport::open(options);
    EXPECT_TRUE(source) << source.error().message;
    if (!source) {
      return figures;
    }
    EventBatch batch;
    std::vector<Refusal> refused;
    while (true) {
      const auto more = (*source)->next(batch, refused);
      EXPECT_TRUE(more);
      if (!more || !*more) {
        break;
      }
      for (const Event& event : batch.events) {
        figures.add(event);
      }
      figures.refused += refused.size();
      batch.clear();
      refused.clear();
    }
    figures.files = (*source)->summaries();
    return figures;
  }
};

constexpr const char* kRetail1 = "online_retail/online_retail_II_2009_2010.csv.gz";
constexpr const char* kRetail2 = "online_retail/online_retail_II_2010_2011.csv.gz";

TEST_F(RealFiles, OnlineRetailFirstYear) {
  if (absent({kRetail1})) {
    GTEST_SKIP();
  }
  const Figures got = read({kRetail1});
  EXPECT_EQ(got.refused, 0U);
  EXPECT_EQ(got.events, 525461U);
  EXPECT_EQ(got.ids.size(), 525461U) << "6,865 repeated rows inside the file stay";
  EXPECT_EQ(got.people.size(), 4383U);
  EXPECT_EQ(got.orders.size(), 28816U);
  EXPECT_EQ(got.nobody, 107927U);
  EXPECT_EQ(to_string(got.first), "2009-12-01T07:45:00Z");
  EXPECT_EQ(to_string(got.last), "2010-12-09T20:01:00Z");
  // 14 prices have a tenth of a penny: exact before rounding to 9,539,484.63.
  EXPECT_EQ(exact_total_text(got.files[0].counts), "9539484.634");
  EXPECT_EQ(got.files[0].counts.rounded_events, 14U);
  EXPECT_EQ(got.amount_minor, 953948462);
  EXPECT_EQ(got.kinds.at("stock_adjusted") + got.kinds.at("order_line") +
                got.kinds.at("line_returned") + got.kinds.at("fee_charged"),
            525461U);
}

TEST_F(RealFiles, OnlineRetailSecondYear) {
  if (absent({kRetail2})) {
    GTEST_SKIP();
  }
  const Figures got = read({kRetail2});
  EXPECT_EQ(got.events, 541909U);
  EXPECT_EQ(got.people.size(), 4372U);
  EXPECT_EQ(got.orders.size(), 25900U);
  EXPECT_EQ(got.nobody, 135080U);
  EXPECT_EQ(exact_total_text(got.files[0].counts), "9747747.934");
  EXPECT_EQ(got.amount_minor, 974774793);
  EXPECT_EQ(to_string(got.first), "2010-12-01T08:26:00Z");
  EXPECT_EQ(to_string(got.last), "2011-12-09T12:50:00Z");
}

TEST_F(RealFiles, OnlineRetailOverlapFallsTogether) {
  if (absent({kRetail1, kRetail2})) {
    GTEST_SKIP();
  }
  const Figures got = read({kRetail1, kRetail2});
  EXPECT_EQ(got.ids.size(), 1044847U);
  EXPECT_EQ(got.people.size(), 5942U);
  const Figures other_way = read({kRetail2, kRetail1, kRetail2});
  EXPECT_EQ(other_way.ids, got.ids);
}

TEST_F(RealFiles, Cdnow) {
  if (absent({"cdnow/CDNOW_master.txt.gz", "cdnow/CDNOW_sample.txt.gz"})) {
    GTEST_SKIP();
  }
  const Figures master = read({"cdnow/CDNOW_master.txt.gz"});
  EXPECT_EQ(master.events, 69659U);
  EXPECT_EQ(master.people.size(), 23570U);
  EXPECT_EQ(master.quantity, 167881);
  EXPECT_EQ(master.amount_minor, 250031563);
  const Figures sample = read({"cdnow/CDNOW_sample.txt.gz"});
  EXPECT_EQ(sample.events, 6919U);
  EXPECT_EQ(sample.people.size(), 2357U);
  EXPECT_EQ(sample.quantity, 16479);
  EXPECT_EQ(sample.amount_minor, 24409194);
  for (const std::uint64_t id : sample.ids) {
    ASSERT_EQ(master.ids.count(id), 1U) << "every row of the sample is found in the master";
  }
}

TEST_F(RealFiles, Olist) {
  const std::vector<std::string> files = {
      "olist/olist_orders_dataset.csv.gz", "olist/olist_order_items_dataset.csv.gz",
      "olist/olist_order_reviews_dataset.csv.gz", "olist/olist_customers_dataset.csv.gz"};
  if (absent(files)) {
    GTEST_SKIP();
  }
  const Figures got = read(files);
  EXPECT_EQ(got.refused, 0U);
  EXPECT_EQ(got.people.size(), 14904U);
  EXPECT_EQ(got.kinds.at("order_completed"), 15000U);
  EXPECT_EQ(got.kinds.at("order_line"), 17071U);
  EXPECT_EQ(got.kinds.at("order_cancelled"), 113U + 89U) << "canceled and unavailable";
  EXPECT_EQ(got.kinds.at("promise_kept") + got.kinds.at("promise_broken"), 14552U);
  EXPECT_EQ(got.kinds.at("promise_broken") * 10000 / 14552, 794U) << "7.94 % came late";
  EXPECT_EQ(got.kinds.at("review_posted"), 14944U);
  // Mean score 4.084 of 1..5 is 77.1 of 0..100.
  EXPECT_EQ(got.rating * 4 / 14944 + 100, 408);
  EXPECT_EQ(got.ids.size(), got.events);
}

TEST_F(RealFiles, CompleteJourney) {
  const std::vector<std::string> files = {"complete_journey/transactions_sample.csv.gz",
                                          "complete_journey/campaigns.csv.gz",
                                          "complete_journey/coupon_redemptions.csv.gz"};
  if (absent(files)) {
    GTEST_SKIP();
  }
  const Figures lines = read({files[0]});
  EXPECT_EQ(lines.events, 75000U);
  EXPECT_EQ(lines.people.size(), 2377U);
  EXPECT_EQ(lines.orders.size(), 47243U);
  EXPECT_EQ(lines.amount_minor, 23393524);
  const Figures contacts = read({files[1]});
  EXPECT_EQ(contacts.kinds.at("contact_delivered"), 6589U);
  EXPECT_EQ(contacts.people.size(), 1559U);
  EXPECT_EQ(to_string(contacts.first), "2016-11-14T00:00:00Z");
  const Figures coupons = read({files[2]});
  EXPECT_EQ(coupons.events, 2102U);
  EXPECT_EQ(coupons.people.size(), 410U);
}

TEST_F(RealFiles, Taobao) {
  if (absent({"browse/taobao_user_behavior.csv.gz"})) {
    GTEST_SKIP();
  }
  const Figures got = read({"browse/taobao_user_behavior.csv.gz"});
  EXPECT_EQ(got.events, 84475U);
  EXPECT_EQ(got.people.size(), 815U);
  EXPECT_EQ(got.refused, 0U);
  EXPECT_EQ(to_string(got.last).substr(0, 10), "2017-12-03");
}

TEST_F(RealFiles, BeiBei) {
  if (absent({"group_buying/tune.txt.gz", "group_buying/invalid.txt.gz"})) {
    GTEST_SKIP();
  }
  const Figures got = read({"group_buying/tune.txt.gz", "group_buying/invalid.txt.gz"});
  EXPECT_EQ(got.files[0].rows, 154184U);
  EXPECT_EQ(got.files[1].rows, 211291U);
  EXPECT_EQ(got.kinds.at("product_shared"), 211291U);
  EXPECT_EQ(got.kinds.at("order_line"), 154184U + got.kinds.at("referral_accepted"));
  EXPECT_EQ(got.ids.size(), got.events);
}

TEST_F(RealFiles, Tickets) {
  if (absent({"tickets/helpdesk.csv.gz", "tickets/twitter_care_conversations.csv.gz"})) {
    GTEST_SKIP();
  }
  const Figures log = read({"tickets/helpdesk.csv.gz"});
  EXPECT_EQ(log.events, 13710U);
  EXPECT_EQ(log.people.size(), 3804U);
  EXPECT_EQ(to_string(log.first).substr(0, 10), "2010-01-13");
  EXPECT_EQ(to_string(log.last).substr(0, 10), "2012-11-06");
  const Figures care = read({"tickets/twitter_care_conversations.csv.gz"});
  EXPECT_EQ(care.events, 1211U);
  EXPECT_EQ(care.orders.size(), 525U);
}

}  // namespace
}  // namespace guanxi
