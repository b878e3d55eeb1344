// Grammar: what a reply may be, as a byte automaton that a token mask can be read from.
//
// A grammar is written in a small EBNF or as a JSON schema; both become rules over bytes. The automaton is a pushdown
// machine (rules may call each other, also recursively, but not as their own first part). Its reachable sets of
// positions are numbered as they are met, so that following a byte is one table look-up from the second time on, and
// the mask of allowed tokens is computed once for each set.
//
//   root   ::= "TOTAL: " money "\n" ("GST: " money | "NONE")
//   money  ::= [0-9]{1,6} "." [0-9]{2}      # a comment
//
// Terms: "text" with \n \r \t \" \\ \xHH \uHHHH; [a-z] and [^a-z] over characters; ( ); | ; * + ? {n} {n,} {n,m};
// names. The rule "root" is the whole reply.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace docket::reply {

struct Rules;  // grammar_rules.h

class Grammar {
 public:
  // Errors: kMalformed with the line and what was expected; kInvalidArgument for a rule that is missing, left-recursive
  // or can never end; kLimitExceeded when repetitions unfold to more than 400,000 positions.
  static Result<Grammar> from_ebnf(std::string_view text);

  // Any JSON text that the schema allows, written without white space, object members in the schema's order. Known:
  // type (one or a list), properties, required, items, minItems, maxItems, enum, const, anyOf, oneOf (as anyOf),
  // minLength, maxLength, $ref to "#/$defs/..." or "#/definitions/...". Additional properties never come. title,
  // description, default, examples, $schema, $id and additionalProperties: false are passed over; any other keyword is
  // kUnsupported, named with its place.
  static Result<Grammar> from_json_schema(std::string_view json);

  const Rules& rules() const { return *rules_; }
  // Fewest bytes that a whole reply has.
  int shortest_bytes() const;

 private:
  explicit Grammar(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;
};

}  // namespace docket::reply
