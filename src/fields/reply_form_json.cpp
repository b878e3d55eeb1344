#include <algorithm>
#include <array>

#include "fields/reply_forms.h"
#include "fields/reply_json.h"
#include "rules/text.h"

namespace docket::fields {
namespace {

std::optional<std::string_view> key_of_path(const std::vector<std::string>& path) {
  constexpr std::array<std::string_view, 5> kHolders = {"value", "text", "amount", "raw", "name"};
  const std::string& last = path.back();
  if (path.size() >= 2) {
    const std::string& parent = path[path.size() - 2];
    const auto parent_key = key_of_loose_label(parent);
    if (parent_key && parent_key->starts_with(kItemPrefix)) {
      const auto key = key_of_loose_label(last);
      if (key && key->starts_with(kItemPrefix)) return key;
      const std::string column = rules::lower(last);
      if (column == "name" || column == "item" || column == "text") return kItemDescription;
      if (column == "total" || column == "subtotal" || column == "value" || column == "cost" || column == "total_price")
        return kItemAmount;
      return std::nullopt;
    }
    if (const auto both = key_of_loose_label(parent + " " + last)) return both;
    if (parent_key && std::find(kHolders.begin(), kHolders.end(), rules::lower(last)) != kHolders.end())
      return parent_key;
    if (says_buyer(parent)) return std::nullopt;
  }
  return key_of_loose_label(last);
}

void add_leaf(ReplyDraft& draft, std::string_view key, const JsonLeaf& leaf, std::string_view label) {
  if (leaf.null || says_absent(leaf.text)) return draft.add_absent(key);
  const int item = key.starts_with(kItemPrefix) ? std::max(leaf.element, 0) : -1;
  const ValueForm form = value_form(key);
  std::string text = leaf.text;
  // What is not of the field's shape is kept out here already; the shape's own text is the value.
  if (has_shape(form)) {
    const auto found = find_value(form, text, 0, true);
    if (!found) return;
    text = text.substr(found->begin, found->end - found->begin);
  }
  if (text.size() > kLongestValue) return;
  draft.add({key, text, leaf.span, std::string(label), ReplyForm::kJson, item, false});
}

}  // namespace

void read_json_form(ReplyDraft& draft) {
  const JsonParts parts = find_json(draft.reply());
  const JsonLeaf* named = nullptr;  // "field": "total", before its "value"
  for (const JsonLeaf& leaf : parts.leaves) {
    const std::string last = rules::lower(leaf.path.back());
    if (last == "key" || last == "field" || last == "label" || last == "field_name" || last == "fieldname") {
      named = &leaf;
      continue;
    }
    if (named != nullptr && (last == "value" || last == "text")) {
      if (const auto key = key_of_loose_label(named->text)) add_leaf(draft, *key, leaf, named->text);
      named = nullptr;
      continue;
    }
    if (const auto key = key_of_path(leaf.path)) {
      add_leaf(draft, *key, leaf, leaf.path.back());
    } else {
      draft.add_unknown(leaf.path.back());
    }
  }
  for (const Span& region : parts.regions) draft.blank(region);
}

}  // namespace docket::fields
