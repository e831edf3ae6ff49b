#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/meters.hpp"

namespace guanxi::operations {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Figures of one moment, written in Prometheus' text format.
///
/// Place       Whoever knows figures adds them when /metrics is read; one page per answer.
/// Invariants  A name keeps the kind and help of its first use. Labels hold no personal data.
/// Threads     One owner.
class FigurePage {
 public:
  FigurePage();
  FigurePage(const FigurePage&) = delete;
  FigurePage& operator=(const FigurePage&) = delete;
  ~FigurePage();

  void counter(const std::string& name, const std::string& help, double value,
               const Labels& labels = {});
  void gauge(const std::string& name, const std::string& help, double value,
             const Labels& labels = {});
  void histogram(const std::string& name, const std::string& help, const Histogram& histogram,
                 const Labels& labels = {});

  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

/// Adds what the operating system knows of this process: memory, processor time, open files.
void add_process_figures(FigurePage& page);

}  // namespace guanxi::operations
