// Lists of needs name what real customers buy next, and their chances hold (../shared/data; the
// figures of docs/statistics/needs.md). The affinity model is smaller here than in the product:
// this build is not optimised.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "analytics/file_import.hpp"
#include "people/need_score.hpp"

namespace guanxi {
namespace {

std::string real_data(const std::string& file) {
  const char* folder = std::getenv("GUANXI_REAL_DATA");
  return std::string(folder != nullptr ? folder : "../shared/data") + "/" + file;
}

Model retail_model() {
  std::ifstream file("models/retail.toml");
  std::stringstream text;
  text << file.rdbuf();
  return Model::parse(text.str()).value();
}

/// All events of the files in one image; false when a file is not there.
bool load(Image& image, const Model& model, const std::vector<std::string>& files) {
  ImportOptions options;
  for (const std::string& file : files) {
    options.paths.push_back(real_data(file));
    if (!std::filesystem::exists(options.paths.back())) {
      return false;
    }
  }
  auto source = FileImport::open(options);
  EXPECT_TRUE(source) << source.error().message;
  BulkLoader loader = image.begin_bulk();
  std::uint32_t ordinal = 0;
  for (bool more = true; more;) {
    EventBatch batch;
    std::vector<Refusal> refused;
    more = (*source)->next(batch, refused).value();
    for (const Event& event : batch.events) {
      const CompactEvent one = compact(event, image.subjects().intern(event.subject), ++ordinal);
      if (event.person.value.empty()) {
        loader.push_nobody(one);
      } else {
        loader.push(image.find_or_add(event.person), one);
      }
    }
  }
  (void)loader.finish(2);
  image.refold(model, model.zone.day_of(image.last_event_at()), 2);
  return true;
}

NeedScore score(const Image& image, const Model& model, Day at, std::uint32_t horizon_days) {
  NeedOptions options;
  options.horizon_days = horizon_days;
  options.affinity_most = 250;
  auto scored = score_needs(image, model, at, options);
  EXPECT_TRUE(scored) << scored.error().message;
  for (const ListScore& list : scored->all) {
    std::cout << list.name << " " << list.recall[1] << " " << list.ndcg_10 << "\n";
  }
  std::cout << "expected " << scored->expected << " came " << scored->came << " auc "
            << scored->timing[0].auc.value_or(-1) << "\n";
  return *scored;
}

TEST(RealNeeds, OnlineRetail) {
  Image image(16);
  const Model model = retail_model();
  if (!load(image, model,
            {"online_retail/online_retail_II_2009_2010.csv.gz",
             "online_retail/online_retail_II_2010_2011.csv.gz"})) {
    GTEST_SKIP() << "REAL DATA: online_retail is not there, so needs were not judged by it";
  }
  const NeedScore found = score(image, model, Day{days_from_civil(2011, 6, 9)}, 28);
  EXPECT_GT(found.people, 700U);
  for (std::size_t rival = 1; rival < found.all.size(); ++rival) {
    EXPECT_GT(found.all[0].recall[1], found.all[rival].recall[1]) << found.all[rival].name;
    EXPECT_GT(found.all[0].ndcg_10, found.all[rival].ndcg_10) << found.all[rival].name;
  }
  EXPECT_GT(found.fresh[0].recall[1], 0.9 * found.fresh[1].recall[1])
      << "of what is new to them, 250 products say about as much as popularity";
  EXPECT_NEAR(found.expected, found.came, 0.25 * found.came);
  EXPECT_GT(found.timing[0].auc.value_or(0), 0.70);
  EXPECT_LT(found.timing[0].brier, found.timing[3].brier) << "better than a constant";
  EXPECT_GT(found.timing[0].auc.value_or(0), found.timing[2].auc.value_or(1)) << "interval rule";
}

// Nine days: who looks at what is nearly all there is to know.
TEST(RealNeeds, Taobao) {
  Image image(4);
  const Model model = retail_model();
  if (!load(image, model, {"browse/taobao_user_behavior.csv.gz"})) {
    GTEST_SKIP() << "REAL DATA: browse is not there, so needs were not judged by it";
  }
  const NeedScore found = score(image, model, Day{days_from_civil(2017, 12, 2)}, 2);
  EXPECT_GT(found.people, 100U);
  for (std::size_t rival = 1; rival < found.all.size(); ++rival) {
    EXPECT_GT(found.all[0].recall[1], 2 * found.all[rival].recall[1]) << found.all[rival].name;
  }
}

}  // namespace
}  // namespace guanxi
