// The words by which a reply names what it gives: "TOTAL_AMOUNT", "Total (incl. GST)", "totalAmount", "Grand total".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fields/fields.h"

namespace docket::fields {

// Names beside those of FieldId: "payment_method", "card_last4", and the columns of the lines sold.
inline constexpr std::string_view kItemPrefix = "line_items.";

// What a value of a key looks like; decides what part of a sentence is the value.
enum class ValueForm { kText, kMoney, kRate, kAbn, kDate, kTime, kDocumentType, kYesNo, kCount };
ValueForm value_form(std::string_view key);
// Whether values of that form are known by their shape; the others are any text.
bool has_shape(ValueForm form);

// The words of a label by which it is looked up: lower case, camelCase parted, without articles and rates.
// "totalAmount" -> {"total", "amount"}; "GST (10%)" -> {"gst"}.
std::vector<std::string> label_words(std::string_view label);

// The schema's name of what a label means; nullopt for a word that names none of it. At most six words count as a
// label.
std::optional<std::string_view> key_of_label(std::string_view label);
std::optional<std::string_view> key_of_words(const std::vector<std::string>& words);

// The same for a label as a reply writes it: what is in brackets counts only where it changes the meaning ("Total
// (incl. GST)"), a verb at its end not at all ("The total is").
std::optional<std::string_view> key_of_loose_label(std::string_view label);

// Whether words speak of the one who buys ("Customer", "Bill to").
bool says_buyer(std::string_view words);

// Words that a label is looked up without ("the", "aud").
bool is_filler(std::string_view word);

inline constexpr std::size_t kMostLabelWords = 6;

}  // namespace docket::fields
