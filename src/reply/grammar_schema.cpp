// Turns a JSON schema into the rules of grammar_rules.h. Each object gets two rules a member (with and without a member
// before it), so that any subset of the optional members can come, in order and with the commas right.
#include <algorithm>
#include <set>

#include "core/base/json.h"
#include "reply/grammar.h"
#include "reply/grammar_rules.h"

namespace docket::reply {
namespace {

using Schema = OrderedJson;

constexpr int kMaxText = 10'000;  // of minLength, maxLength, minItems, maxItems

Expr digits(int min, int max) { return Expr::repeat(Expr::any_of({{'0', '9'}}), min, max); }

Expr integer_expr() {
  return Expr::sequence(
      {Expr::repeat(Expr::bytes("-"), 0, 1),
       Expr::choice({Expr::bytes("0"), Expr::sequence({Expr::any_of({{'1', '9'}}), digits(0, 17)})})});
}

Expr number_expr() {
  return Expr::sequence({integer_expr(), Expr::repeat(Expr::sequence({Expr::bytes("."), digits(1, 17)}), 0, 1)});
}

// A character inside a JSON string: itself, or an escape. Control characters are written \u00XX; others never need \u.
Expr char_expr() {
  const Expr hex = Expr::any_of({{'0', '9'}, {'a', 'f'}});
  return Expr::choice(
      {Expr::none_of({{'"', '"'}, {'\\', '\\'}, {0, 0x1F}}),
       Expr::sequence(
           {Expr::bytes("\\"),
            Expr::any_of(
                {{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', 'b'}, {'f', 'f'}, {'n', 'n'}, {'r', 'r'}, {'t', 't'}})}),
       Expr::sequence({Expr::bytes("\\u00"), Expr::any_of({{'0', '1'}}), hex})});
}

std::string literal(const Schema& value) { return value.dump(-1, ' ', false, Schema::error_handler_t::replace); }

class SchemaReader {
 public:
  explicit SchemaReader(const Schema& document) : document_(document) {}

  Result<RuleMap> read() {
    rules_.emplace("char", char_expr());
    rules_["root"] = read_schema(document_, "#");
    if (error_) return Unexpected{*error_};
    return std::move(rules_);
  }

 private:
  Expr fail(ErrorCode code, const std::string& place, const std::string& message) {
    if (!error_) error_ = Error{code, message, "schema " + place};
    return Expr::bytes("null");
  }

  // Every keyword is one that the type's reader uses, or says nothing about the text.
  void check_keywords(const Schema& schema, const std::string& place) {
    static const std::set<std::string> known = {"type",      "properties", "required", "items", "minItems",
                                                "maxItems",  "enum",       "const",    "anyOf", "oneOf",
                                                "minLength", "maxLength",  "$ref",     "$defs", "definitions"};
    static const std::set<std::string> silent = {"title", "description", "default", "examples", "$schema", "$id"};
    for (const auto& [key, value] : schema.items()) {
      if (key == "additionalProperties" && value == false) continue;
      if (known.count(key) == 0 && silent.count(key) == 0) {
        fail(ErrorCode::kUnsupported, place, "keyword \"" + key + "\" is not one that docket can hold a reply to");
      }
    }
  }

  Expr read_schema(const Schema& schema, const std::string& place) {
    if (error_) return {};
    if (!schema.is_object()) return fail(ErrorCode::kMalformed, place, "expected an object");
    check_keywords(schema, place);
    if (schema.contains("$ref")) return read_ref(schema["$ref"], place);
    if (schema.contains("const")) return Expr::bytes(literal(schema["const"]));
    if (schema.contains("enum")) return read_enum(schema["enum"], place);
    for (const char* key : {"anyOf", "oneOf"}) {
      if (schema.contains(key)) return read_any_of(schema[key], place + "/" + key);
    }
    if (!schema.contains("type")) {
      return fail(ErrorCode::kUnsupported, place, "expected type, enum, const, anyOf or $ref");
    }
    const Schema& type = schema["type"];
    if (!type.is_array()) return read_type(schema, type, place);
    std::vector<Expr> ways;
    for (const Schema& one : type) ways.push_back(read_type(schema, one, place));
    if (ways.empty()) return fail(ErrorCode::kMalformed, place, "type: expected at least one");
    return Expr::choice(std::move(ways));
  }

  Expr read_type(const Schema& schema, const Schema& type, const std::string& place) {
    const std::string name = type.is_string() ? type.get<std::string>() : "";
    if (name == "string") return read_string(schema, place);
    if (name == "integer") return integer_expr();
    if (name == "number") return number_expr();
    if (name == "boolean") return Expr::choice({Expr::bytes("true"), Expr::bytes("false")});
    if (name == "null") return Expr::bytes("null");
    if (name == "array") return read_array(schema, place);
    if (name == "object") return read_object(schema, place);
    return fail(ErrorCode::kMalformed, place, "type: expected string, integer, number, boolean, null, array or object");
  }

  int count(const Schema& schema, const char* key, int fallback, const std::string& place) {
    if (!schema.contains(key)) return fallback;
    const Schema& value = schema[key];
    if (!value.is_number_integer() || value < 0 || value > kMaxText) {
      fail(ErrorCode::kMalformed, place,
           std::string(key) + ": expected a whole number in 0.." + std::to_string(kMaxText));
      return fallback;
    }
    return value.get<int>();
  }

  Expr read_string(const Schema& schema, const std::string& place) {
    const int min = count(schema, "minLength", 0, place), max = count(schema, "maxLength", Expr::kUnbounded, place);
    if (max < min) return fail(ErrorCode::kMalformed, place, "maxLength is below minLength");
    return Expr::sequence({Expr::bytes("\""), Expr::repeat(Expr::rule("char"), min, max), Expr::bytes("\"")});
  }

  Expr read_enum(const Schema& values, const std::string& place) {
    if (!values.is_array() || values.empty()) return fail(ErrorCode::kMalformed, place, "enum: expected a list");
    std::vector<Expr> ways;
    for (const Schema& value : values) ways.push_back(Expr::bytes(literal(value)));
    return Expr::choice(std::move(ways));
  }

  Expr read_any_of(const Schema& list, const std::string& place) {
    if (!list.is_array() || list.empty()) return fail(ErrorCode::kMalformed, place, "expected a list of schemas");
    std::vector<Expr> ways;
    for (const Schema& one : list) ways.push_back(read_schema(one, place + "/" + std::to_string(ways.size())));
    return Expr::choice(std::move(ways));
  }

  Expr read_array(const Schema& schema, const std::string& place) {
    const int min = count(schema, "minItems", 0, place), max = count(schema, "maxItems", Expr::kUnbounded, place);
    if (max < min) return fail(ErrorCode::kMalformed, place, "maxItems is below minItems");
    if (!schema.contains("items")) return fail(ErrorCode::kUnsupported, place, "an array needs items");
    if (max == 0) return Expr::bytes("[]");
    const std::string item = add_rule(read_schema(schema["items"], place + "/items"));
    Expr more = Expr::repeat(Expr::sequence({Expr::bytes(","), Expr::rule(item)}), std::max(0, min - 1),
                             max == Expr::kUnbounded ? max : max - 1);
    Expr items = Expr::sequence({Expr::rule(item), std::move(more)});
    if (min == 0) items = Expr::repeat(std::move(items), 0, 1);
    return Expr::sequence({Expr::bytes("["), std::move(items), Expr::bytes("]")});
  }

  Expr read_object(const Schema& schema, const std::string& place) {
    const Schema properties = schema.value("properties", Schema::object());
    if (!properties.is_object()) return fail(ErrorCode::kMalformed, place, "properties: expected an object");
    std::set<std::string> required;
    for (const Schema& name : schema.value("required", Schema::array())) {
      if (!name.is_string() || !properties.contains(name.get<std::string>())) {
        return fail(ErrorCode::kMalformed, place, "required: expected names that properties describes");
      }
      required.insert(name.get<std::string>());
    }
    // From the last member to the first: what may come from here on, after a member and as the first.
    Expr after = Expr::sequence({}), first = Expr::sequence({});
    std::vector<std::pair<std::string, Expr>> members;
    for (const auto& [name, value] : properties.items()) {
      members.emplace_back(
          name, Expr::sequence({Expr::bytes(literal(name) + ":"),
                                read_schema(value, std::string(place).append("/properties/").append(name))}));
    }
    while (!members.empty()) {
      auto [name, member] = std::move(members.back());
      members.pop_back();
      const std::string rest = add_rule(std::move(after)), skipped = add_rule(std::move(first));
      const std::string body = add_rule(std::move(member));
      after = Expr::sequence({Expr::bytes(","), Expr::rule(body), Expr::rule(rest)});
      first = Expr::sequence({Expr::rule(body), Expr::rule(rest)});
      if (required.count(name) == 0) {
        after = Expr::choice({std::move(after), Expr::rule(rest)});
        first = Expr::choice({std::move(first), Expr::rule(skipped)});
      }
    }
    return Expr::sequence({Expr::bytes("{"), std::move(first), Expr::bytes("}")});
  }

  Expr read_ref(const Schema& ref, const std::string& place) {
    const std::string path = ref.is_string() ? ref.get<std::string>() : "";
    for (const char* key : {"$defs", "definitions"}) {
      const std::string prefix = std::string("#/") + key + "/";
      if (!path.starts_with(prefix)) continue;
      const std::string name = path.substr(prefix.size());
      if (!document_.contains(key) || !document_[key].contains(name)) break;
      const std::string rule = "ref " + path;
      if (rules_.emplace(rule, Expr()).second) {
        Expr body = read_schema(document_[key][name], path);  // may meet its own name: a recursive schema
        rules_[rule] = std::move(body);
      }
      return Expr::rule(rule);
    }
    return fail(ErrorCode::kMalformed, place, "$ref: expected #/$defs/NAME of this document, found \"" + path + "\"");
  }

  std::string add_rule(Expr expr) {
    std::string name = "rule " + std::to_string(rules_.size());
    rules_[name] = std::move(expr);
    return name;
  }

  const Schema& document_;
  RuleMap rules_;
  std::optional<Error> error_;
};

}  // namespace

Result<Grammar> Grammar::from_json_schema(std::string_view json) {
  DOCKET_TRY(const Json checked, parse_json(json, "schema"));  // its limits hold for the ordered parse too
  static_cast<void>(checked);
  const Schema document = Schema::parse(json, nullptr, false);
  DOCKET_TRY(const RuleMap rules, SchemaReader(document).read());
  DOCKET_TRY(Rules compiled, compile_rules(rules));
  return Grammar(std::make_shared<const Rules>(std::move(compiled)));
}

}  // namespace docket::reply
