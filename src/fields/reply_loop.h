// Replies that go round in circles.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace docket::fields {

// Where a text begins to say for the second time what it then only repeats: the same bytes three times over or more, 40
// at least, up to its end. nullopt when it does not. Cost: 1,024 comparisons where nothing repeats.
std::optional<std::size_t> repeats_from(std::string_view text);

}  // namespace docket::fields
