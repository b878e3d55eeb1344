// What a grammar costs a token at the real vocabulary's size:
//   bench_grammar TOKENIZER.json SCHEMA.json REPLY.txt [--runs N]
// REPLY is a text that the schema allows. Its tokens are taken one by one as a reply under the grammar would: mask,
// choice, accept. The first run fills the tables (a new state costs a walk through the vocabulary), the later ones find
// them.
#include "reply/grammar.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bench/timing.h"
#include "core/base/file.h"
#include "prompt/tokenizer.h"
#include "reply/constraint.h"
#include "reply/token_trie.h"

namespace docket::bench {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().text().c_str());
    std::exit(1);
  }
  return std::move(*result);
}

// Runs the reply through a fresh Constraint; the number of tokens that had a choice.
int run_reply(const std::shared_ptr<reply::ConstraintTable>& table, const prompt::Tokenizer& tokenizer,
              const std::vector<prompt::TokenId>& ids, int budget) {
  reply::Constraint constraint(table);
  int asked = 0;
  for (const prompt::TokenId id : ids) {
    const std::string_view bytes = tokenizer.bytes(id);
    if (!constraint.forced_text(1).empty()) {  // forced text needs no mask
      constraint.accept(bytes);
      --budget;
      continue;
    }
    const reply::TokenMask& mask = constraint.mask(budget--);
    if (!mask.test(id)) {
      std::fprintf(stderr, "the schema does not allow \"%.*s\"\n", static_cast<int>(bytes.size()), bytes.data());
      std::exit(1);
    }
    constraint.accept(bytes);
    ++asked;
  }
  return asked;
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: bench_grammar TOKENIZER.json SCHEMA.json REPLY.txt [--runs N]\n");
    return 2;
  }
  const int runs = argc > 5 && std::strcmp(argv[4], "--runs") == 0 ? std::atoi(argv[5]) : 20;
  const auto tokenizer = must(prompt::Tokenizer::load(argv[1]));
  const auto grammar = must(reply::Grammar::from_json_schema(must(read_text_file(argv[2], 1 << 20))));
  std::string text = must(read_text_file(argv[3], 1 << 20));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto ids = must(tokenizer.encode(text, false));
  std::shared_ptr<const reply::TokenTrie> trie;
  const Times building = best_of(
      1, [&] { trie = std::make_shared<reply::TokenTrie>(reply::TokenTrie::make(tokenizer, tokenizer.size())); });
  const auto end = tokenizer.find("<|eot_id|>");
  if (!end) {
    std::fprintf(stderr, "%s: has no <|eot_id|>\n", argv[1]);
    return 1;
  }
  const int budget = grammar.shortest_bytes() + 4 * static_cast<int>(ids.size()) + 1000;
  const auto table = must(reply::ConstraintTable::make(grammar, trie, {*end}));
  int asked = 0;
  const Times first = best_of(1, [&] { asked = run_reply(table, tokenizer, ids, budget); });
  const Times later = best_of(runs, [&] { run_reply(table, tokenizer, ids, budget); });
  const double tokens = static_cast<double>(ids.size());
  std::printf("vocabulary %d, %zu tokens of reply, %d of them with a choice\n", tokenizer.size(), ids.size(), asked);
  std::printf("trie                %10.2f ms cpu, once a model\n", building.cpu_s * 1e3);
  std::printf("first reply         %10.4f ms cpu a token\n", first.cpu_s * 1e3 / tokens);
  std::printf("later replies       %10.4f ms cpu a token\n", later.cpu_s * 1e3 / tokens);
  return 0;
}

}  // namespace
}  // namespace docket::bench

int main(int argc, char** argv) { return docket::bench::run(argc, argv); }
