// Any bytes are a grammar (EBNF, or a JSON schema when they begin with '{') or an Error; a grammar's shortest reply can
// be followed to its end.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "reply/automaton.h"
#include "reply/grammar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto grammar = !text.empty() && text[0] == '{' ? docket::reply::Grammar::from_json_schema(text)
                                                 : docket::reply::Grammar::from_ebnf(text);
  if (!grammar || grammar->rules().nodes.size() > 2000) return 0;
  docket::reply::Automaton automaton(*grammar);
  auto state = automaton.start();
  // From any state some byte brings the end one byte nearer.
  for (int left = automaton.shortest(state); left > 0 && left < 300; --left) {
    auto next = docket::reply::Automaton::kDead;
    for (int byte = 0; byte < 256 && next == docket::reply::Automaton::kDead; ++byte) {
      const auto to = automaton.step(state, static_cast<std::uint8_t>(byte));
      if (to != docket::reply::Automaton::kDead && automaton.shortest(to) == left - 1) next = to;
    }
    CHECK(next != docket::reply::Automaton::kDead, "no byte leads to the end");
    state = next;
  }
  return 0;
}
