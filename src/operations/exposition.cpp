#include "operations/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>

namespace guanxi::operations {

struct FigurePage::Families {
  std::vector<prometheus::MetricFamily> list;

  prometheus::ClientMetric& metric(const std::string& name, const std::string& help,
                                   prometheus::MetricType type, const Labels& labels) {
    prometheus::MetricFamily* family = nullptr;
    for (prometheus::MetricFamily& known : list) {
      family = known.name == name ? &known : family;
    }
    if (family == nullptr) {
      family = &list.emplace_back();
      family->name = name;
      family->help = help;
      family->type = type;
    }
    prometheus::ClientMetric& metric = family->metric.emplace_back();
    for (const auto& [label, value] : labels) {
      metric.label.push_back({label, value});
    }
    return metric;
  }
};

FigurePage::FigurePage() : families_(std::make_unique<Families>()) {}
FigurePage::~FigurePage() = default;

void FigurePage::counter(const std::string& name, const std::string& help, double value,
                         const Labels& labels) {
  families_->metric(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void FigurePage::gauge(const std::string& name, const std::string& help, double value,
                       const Labels& labels) {
  families_->metric(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void FigurePage::histogram(const std::string& name, const std::string& help,
                           const Histogram& histogram, const Labels& labels) {
  auto& metric = families_->metric(name, help, prometheus::MetricType::Histogram, labels).histogram;
  std::uint64_t so_far = 0;
  for (std::size_t place = 0; place <= histogram.bounds().size(); ++place) {
    so_far += histogram.count_at(place);
    const double bound = place < histogram.bounds().size()
                             ? histogram.bounds()[place]
                             : std::numeric_limits<double>::infinity();
    metric.bucket.push_back({so_far, bound});
  }
  metric.sample_count = so_far;
  metric.sample_sum = histogram.sum();
}

std::string FigurePage::text() const {
  return prometheus::TextSerializer().Serialize(families_->list);
}

void add_process_figures(FigurePage& page) {
  std::uint64_t pages_all = 0;
  std::uint64_t pages_resident = 0;
  std::ifstream("/proc/self/statm") >> pages_all >> pages_resident;
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  page.gauge("process_resident_memory_bytes", "Resident memory.",
             static_cast<double>(pages_resident) * page_bytes);
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    page.counter("process_cpu_seconds_total", "Processor time, user and system.",
                 seconds(used.ru_utime) + seconds(used.ru_stime));
  }
  std::error_code error;
  std::uint64_t open = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error)) {
    ++open;
  }
  page.gauge("process_open_fds", "Open file descriptors.", static_cast<double>(open));
}

}  // namespace guanxi::operations
