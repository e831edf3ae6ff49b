#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "people/image.hpp"
#include "people/parallel.hpp"

namespace guanxi {

/// What buyers are told apart by; docs/models/classes.md says how each is worked out.
enum class Trait : std::uint8_t {
  buying_rate,
  order_size,
  silence,
  tenure,
  returns,
  full_price,
  service,
  companionship,
  participation,
  advocacy,
  knowledge,
  trust
};
inline constexpr std::size_t kTraits = 12;

/// How a trait is named, and what a class with much or little of it is called.
struct TraitWords {
  std::string_view name;
  std::string_view unit;  ///< of the figures that are shown
  std::string_view en, zh;
  std::string_view much_en, much_zh;
  std::string_view little_en, little_zh;
};
[[nodiscard]] const TraitWords& words_of(Trait trait);

/// How one class differs from all buyers in one trait.
struct ClassMark {
  Trait trait = Trait::buying_rate;
  double mean = 0;        ///< of the class, in the trait's unit
  double all_mean = 0;    ///< of all buyers
  double deviations = 0;  ///< how far apart, on the scale that was fitted
};

/// People who behave alike.
struct PeopleClass {
  std::string en, zh;            ///< proposed names: from what distinguishes it, no two the same
  std::vector<ClassMark> marks;  ///< the largest difference first
  std::uint64_t people = 0;
  std::array<std::uint64_t, kTiers> tiers{};
  std::int64_t spent_minor = 0;
};

/// Everyone's class on one day.
///
/// Place       Worked out by classify(); kept beside the image until the next one.
/// Invariants  Says the same for any number of threads or shards and any order of arrival.
/// Threads     Immutable.
class PeopleClasses {
 public:
  static constexpr std::uint8_t kOnlooker = 254;  ///< has never bought: no class of behaviour yet
  static constexpr std::uint8_t kNobody = 255;    ///< objects to profiling, or is not known yet

  [[nodiscard]] Day as_of() const { return as_of_; }
  [[nodiscard]] const std::vector<PeopleClass>& classes() const { return classes_; }
  [[nodiscard]] std::uint64_t onlookers() const { return onlookers_; }
  [[nodiscard]] std::uint64_t fitted_to() const { return fitted_to_; }
  /// Traits in which the brand's buyers do not differ, mostly because nothing shows them yet.
  [[nodiscard]] const std::vector<Trait>& left_out() const { return left_out_; }
  /// Place in classes(), or one of the constants; kNobody for who came later.
  [[nodiscard]] std::uint8_t of(PersonRef person) const {
    return person.shard < of_.size() && person.index < of_[person.shard].size()
               ? of_[person.shard][person.index]
               : kNobody;
  }

 private:
  friend class Classifying;
  Day as_of_ = kNoDay;
  std::vector<PeopleClass> classes_;
  std::vector<Trait> left_out_;
  std::vector<std::vector<std::uint8_t>> of_;  ///< [shard][index]
  std::uint64_t onlookers_ = 0;
  std::uint64_t fitted_to_ = 0;
};

/// Fits a mixture to the traits of at most 20,000 buyers, chosen by a hash of their ids, and says
/// of everyone which class they most likely belong to.
/// Errors    invalid with fewer than 100 buyers; unavailable when they do not fall into classes.
/// REQUIRES a folded image. Threads: beside other readers.
[[nodiscard]] Result<PeopleClasses> classify(const Image& image, unsigned threads = 0,
                                             const Progress& progress = {});

}  // namespace guanxi
