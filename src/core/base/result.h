// Result<T>: a value, or an Error that says what went wrong, where, and what was expected.
// Used for everything that the outside world can get wrong; our own mistakes are a CHECK (check.h).
// Spelled like std::expected, which g++ 12 does not have in C++20.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace docket {

enum class ErrorCode {
  kInvalidArgument,  // a flag, a setting or a call's argument
  kNotFound,         // a file, a folder, a tensor or a key that is not there
  kMalformed,        // bytes that are not what they claim to be
  kUnsupported,      // well-formed, but a kind that docket does not read
  kLimitExceeded,    // more bytes, pixels, pages or time than the limits allow
  kOutOfMemory,      // the plan does not fit the machine or the cap
  kIo,               // the operating system said no
  kUnavailable,      // a component (OCR data, a GPU, a worker) is missing or has died
  kInternal,         // a foreign library failed in a way that it should not
};

const char* to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // what happened and what was expected, one sentence, no full stop
  std::string where;    // file, tensor, key or field; may be empty

  // "receipts/a.jpg: expected a JPEG, PNG or PDF, found 0 bytes"
  std::string text() const { return where.empty() ? message : where + ": " + message; }
};

// Wraps an Error so that `return make_error(...)` converts to any Result<T>.
struct Unexpected {
  Error error;
};

inline Unexpected make_error(ErrorCode code, std::string message, std::string where = {}) {
  return Unexpected{Error{code, std::move(message), std::move(where)}};
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Unexpected u) : state_(std::in_place_index<1>, std::move(u.error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    CHECK(has_value(), "%s", error_text().c_str());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(has_value(), "%s", error_text().c_str());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(has_value(), "%s", error_text().c_str());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!has_value(), "error() of a Result that holds a value");
    return std::get<1>(state_);
  }
  // The error, ready to be returned from a function with another value type.
  Unexpected failure() const { return Unexpected{error()}; }

 private:
  std::string error_text() const { return has_value() ? std::string() : std::get<1>(state_).text(); }
  std::variant<T, Error> state_;
};

// Success without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Unexpected u) : error_(std::move(u.error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    CHECK(error_.has_value(), "error() of a Result that holds success");
    return *error_;
  }
  Unexpected failure() const { return Unexpected{error()}; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace docket

// NOLINTBEGIN(bugprone-macro-parentheses): the arguments are declarations and names, not expressions.
// DOCKET_TRY(auto bytes, read_file(path)); returns the error to the caller, or declares `bytes`.
#define DOCKET_TRY_CONCAT_(a, b) a##b
#define DOCKET_TRY_CONCAT(a, b) DOCKET_TRY_CONCAT_(a, b)
#define DOCKET_TRY_IMPL(tmp, decl, expr) \
  auto tmp = (expr);                     \
  if (!tmp) return tmp.failure();        \
  decl = *std::move(tmp)
#define DOCKET_TRY(decl, expr) DOCKET_TRY_IMPL(DOCKET_TRY_CONCAT(docket_try_, __LINE__), decl, expr)
// DOCKET_TRY_VOID(write_file(path, bytes)); returns the error to the caller, or goes on.
#define DOCKET_TRY_VOID(expr)                                                                    \
  do {                                                                                           \
    if (auto docket_try_status = (expr); !docket_try_status) return docket_try_status.failure(); \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
