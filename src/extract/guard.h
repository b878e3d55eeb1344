// extract: what libraries throw - and the allocator - becomes an Error where it enters, so that one reader that gives
// up leaves the document to the others.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "core/base/result.h"

namespace docket::extract {

// The Result that `work()` returns, or an Error in place of what it throws: kOutOfMemory, or kInternal with the words
// of the exception. `where`: the Error's.
template <typename Work>
auto guarded(const std::string& where, Work&& work) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return make_error(ErrorCode::kOutOfMemory, "there was not enough memory to read it", where);
  } catch (const std::exception& error) {
    return make_error(ErrorCode::kInternal, std::string("a library failed: ") + error.what(), where);
  }
}

}  // namespace docket::extract
