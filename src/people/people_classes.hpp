#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "people/expression.hpp"
#include "people/image.hpp"
#include "people/parallel.hpp"
#include "statistics/mixture.hpp"

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
  /// Of the value (people_values.hpp) of its people; kNoValue while nothing is fitted.
  std::int64_t value_minor = kNoValue;         ///< sum
  std::int64_t best_quarter_minor = kNoValue;  ///< what one in four is worth at least
};

/// How much of the brand's value somebody belongs to: A, the few who make up the first half; B the
/// next 30 %; C the next 15 %; D the rest. None without a value.
enum class Grade : std::uint8_t { none, d, c, b, a };

/// Everyone's class on one day.
///
/// Place       Worked out by classify(); kept beside the image until the next one.
/// Invariants  Says the same for any number of threads or shards and any order of arrival.
/// Threads     As the image: read beside readers, changed by its writer.
class PeopleClasses {
 public:
  static constexpr std::uint8_t kOnlooker = 254;  ///< has never bought: no class of behaviour
  static constexpr std::uint8_t kNobody = 255;    ///< objects to profiling, or is not known yet

  [[nodiscard]] Day as_of() const { return as_of_; }
  [[nodiscard]] const std::vector<PeopleClass>& classes() const { return classes_; }
  [[nodiscard]] std::uint64_t onlookers() const { return onlookers_; }
  [[nodiscard]] std::uint64_t fitted_to() const { return fitted_to_; }
  /// Traits in which the brand's buyers do not differ, mostly because nothing shows them yet.
  [[nodiscard]] const std::vector<Trait>& left_out() const { return left_out_; }
  /// By Image::number_of: place in classes(), or one of the constants; kNobody for who came later.
  [[nodiscard]] std::uint8_t of(std::uint32_t number) const {
    return number < of_.size() ? of_[number] : kNobody;
  }
  [[nodiscard]] Grade grade_of(std::int64_t value_minor) const;
  /// The least value of each grade, D first; empty while nothing is fitted.
  [[nodiscard]] const std::vector<std::int64_t>& bars_minor() const { return bars_minor_; }
  /// How many people have a grade, and what they are worth, by Grade.
  struct OfGrade {
    std::uint64_t people = 0;
    std::int64_t value_minor = 0;
  };
  [[nodiscard]] const std::array<OfGrade, 5>& grades() const { return grades_; }
  /// What the best quarter of their class is worth beyond `value_minor`; kNoValue where either is
  /// not known.
  [[nodiscard]] std::int64_t potential_of(std::uint32_t number, std::int64_t value_minor) const;

  // As people go: Image keeps it in step.
  /// Nothing is known of whoever has this number.
  void forget(std::uint32_t number);
  void move(std::uint32_t from, std::uint32_t to);
  [[nodiscard]] std::size_t bytes() const { return of_.capacity(); }

 private:
  friend class ClassRoom;
  Day as_of_ = kNoDay;
  std::vector<PeopleClass> classes_;
  std::vector<Trait> left_out_;
  std::vector<std::uint8_t> of_;  ///< by number
  std::vector<std::int64_t> bars_minor_;
  std::array<OfGrade, 5> grades_{};
  std::uint64_t onlookers_ = 0;
  std::uint64_t fitted_to_ = 0;
};

/// A buyer of the sample: a hash of the id, and the traits.
struct TraitRow {
  std::uint64_t hash = 0;
  std::array<double, kTraits> traits{};
};

/// At most 20,000 buyers, those with the smallest hashes of ids, in order of these: the same people
/// whoever looks. REQUIRES a folded image. Threads: beside other readers.
[[nodiscard]] std::vector<TraitRow> sample_traits(const Image& image, unsigned threads = 0,
                                                  const Progress& progress = {});

/// The scale on which buyers are compared, and the classes found on it.
///
/// Place       Fitted to a sample, without the image; then everyone is put into a class by it.
/// Threads     Immutable.
class ClassModel {
 public:
  /// Errors    invalid with fewer than 100 buyers; unavailable when they do not fall into classes.
  [[nodiscard]] static Result<ClassModel> fit(std::span<const TraitRow> sample);

  [[nodiscard]] const Mixture& mixture() const { return mixture_; }
  [[nodiscard]] const std::vector<Trait>& kept() const { return kept_; }
  [[nodiscard]] const std::vector<Trait>& left_out() const { return left_out_; }
  [[nodiscard]] std::uint64_t fitted_to() const { return fitted_to_; }
  [[nodiscard]] std::uint32_t class_of(const std::array<double, kTraits>& traits) const;
  /// What so many deviations on the fitted scale are in the trait's own unit.
  [[nodiscard]] double shown(Trait trait, double deviations) const;

 private:
  void measure(std::span<const TraitRow> sample);
  void put_row(const std::array<double, kTraits>& traits, std::vector<double>& row) const;

  std::array<double, kTraits> mean_{};
  std::array<double, kTraits> deviation_{};
  std::vector<Trait> kept_;
  std::vector<Trait> left_out_;
  Mixture mixture_;
  std::uint64_t fitted_to_ = 0;
};

/// Everyone's class by the model, with what its people are worth where image.values() says it.
/// REQUIRES a folded image. Same for any number of threads. Threads: beside other readers.
[[nodiscard]] PeopleClasses classes_of_everyone(const Image& image, const ClassModel& model,
                                                unsigned threads = 0);

/// All three steps.
[[nodiscard]] Result<PeopleClasses> classify(const Image& image, unsigned threads = 0,
                                             const Progress& progress = {});

}  // namespace guanxi
