#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace guanxi {

/// Why something was refused or failed. Mapped to HTTP statuses and exit codes in one table each.
enum class ErrorCode {
  invalid,      ///< The request or input is wrong; the message says where, why and what is valid.
  conflict,     ///< It contradicts what is already there.
  not_found,    ///< The named thing does not exist.
  overloaded,   ///< Try again later.
  unavailable,  ///< The disk or another part is not usable now.
  corrupted     ///< Stored bytes are not what was written.
};

/// The name of a code as it stands in JSON and logs.
[[nodiscard]] constexpr const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::corrupted: return "corrupted";
  }
  return "unknown";
}

struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string message;
};

/// Wraps an error on its way into a Result, as std::unexpected does.
struct Unexpected {
  Error error;
};

[[nodiscard]] inline Unexpected fail(ErrorCode code, std::string message) {
  return Unexpected{Error{code, std::move(message)}};
}

/// Either a value or the reason why there is none.
///
/// Place       Returned by every function that can refuse or fail. Bugs abort instead.
/// Invariants  Holds exactly one of the two. Member names are those of std::expected, so that it
///             can become an alias of it later.
/// Threads     A value type.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Unexpected unexpected) : content_(std::in_place_index<1>, std::move(unexpected.error)) {}

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & {
    GUANXI_CHECK(has_value(), "value() of a Result that holds an error");
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] const T& value() const& {
    GUANXI_CHECK(has_value(), "value() of a Result that holds an error");
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] T&& value() && {
    GUANXI_CHECK(has_value(), "value() of a Result that holds an error");
    return std::move(*std::get_if<0>(&content_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    GUANXI_CHECK(!has_value(), "error() of a Result that holds a value");
    return *std::get_if<1>(&content_);
  }

 private:
  std::variant<T, Error> content_;
};

/// A Result without a value: done, or the reason why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Unexpected unexpected) : error_(std::move(unexpected.error)), failed_(true) {}

  [[nodiscard]] bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] const Error& error() const {
    GUANXI_CHECK(failed_, "error() of a Result that holds no error");
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

/// Passes an error of one Result on as another's.
template <typename T>
[[nodiscard]] Unexpected forward_error(const Result<T>& result) {
  return Unexpected{result.error()};
}

}  // namespace guanxi

// GUANXI_TRY(name, expression): the value, or return the error from the enclosing function.
#define GUANXI_TRY_JOIN2(a, b) a##b
#define GUANXI_TRY_JOIN(a, b) GUANXI_TRY_JOIN2(a, b)
#define GUANXI_TRY(name, expression)                                                            \
  auto GUANXI_TRY_JOIN(try_result_, __LINE__) = (expression);                                   \
  if (!GUANXI_TRY_JOIN(try_result_, __LINE__).has_value()) {                                    \
    return ::guanxi::forward_error(GUANXI_TRY_JOIN(try_result_, __LINE__));                     \
  }                                                                                             \
  auto name = std::move(GUANXI_TRY_JOIN(try_result_, __LINE__)).value()

// GUANXI_TRY_VOID(expression): go on, or return the error from the enclosing function.
#define GUANXI_TRY_VOID(expression)                                       \
  do {                                                                    \
    if (auto try_void_result = (expression); !try_void_result.has_value()) { \
      return ::guanxi::forward_error(try_void_result);                    \
    }                                                                     \
  } while (false)
