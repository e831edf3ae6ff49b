#include "operations/exposition.hpp"

#include <gtest/gtest.h>

namespace guanxi::operations {
namespace {

TEST(Exposition, FiguresComeInPrometheusText) {
  FigurePage page;
  page.counter("guanxi_events_total", "Events.", 3, {{"door", "segment:\"shop\"\n"}});
  page.counter("guanxi_events_total", "Events.", 4, {{"door", "kafka:a"}});
  page.gauge("guanxi_people", "People.", 12);
  EXPECT_EQ(page.text(),
            "# HELP guanxi_events_total Events.\n# TYPE guanxi_events_total counter\n"
            "guanxi_events_total{door=\"segment:\\\"shop\\\"\\n\"} 3\n"
            "guanxi_events_total{door=\"kafka:a\"} 4\n"
            "# HELP guanxi_people People.\n# TYPE guanxi_people gauge\nguanxi_people 12\n");
}

TEST(Exposition, AHistogramCountsUpToEachBound) {
  Histogram histogram(kSizeBounds);
  histogram.observe(1);
  histogram.observe(3);
  histogram.observe(1e9);
  FigurePage page;
  page.histogram("guanxi_group_events", "Events in a group.", histogram);
  const std::string text = page.text();
  for (const char* line :
       {"guanxi_group_events_count 3\n", "guanxi_group_events_bucket{le=\"1\"} 1\n",
        "guanxi_group_events_bucket{le=\"4\"} 2\n",
        "guanxi_group_events_bucket{le=\"+Inf\"} 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(Exposition, TheProcessIsShown) {
  FigurePage page;
  add_process_figures(page);
  EXPECT_NE(page.text().find("process_resident_memory_bytes "), std::string::npos);
  EXPECT_NE(page.text().find("process_open_fds "), std::string::npos);
}

}  // namespace
}  // namespace guanxi::operations
