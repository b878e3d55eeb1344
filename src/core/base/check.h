// CHECK(condition, "format", values...): a broken promise of our own code. On in every build; prints the place, the
// condition and the message, then aborts. Never for what a file, a user or a device can cause: that is a Result.
#pragma once

namespace docket::detail {
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* format, ...)
    __attribute__((format(printf, 4, 5)));
}  // namespace docket::detail

#ifdef CHECK
#undef CHECK
#endif
#define CHECK(condition, ...)                                                          \
  do {                                                                                 \
    if (!(condition)) [[unlikely]]                                                     \
      ::docket::detail::check_failed(__FILE__, __LINE__, #condition, " " __VA_ARGS__); \
  } while (false)
