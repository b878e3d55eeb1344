// Australian addresses: states, postcodes and a split of one printed address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace docket::rules {

// Upper-case abbreviation for "NSW", "nsw", "N.S.W." or "New South Wales"; empty for anything else.
std::string state_code(std::string_view text);

// Which state's street or PO box range holds the postcode; empty when none does. Postcodes are text: "0800".
std::string_view state_of_postcode(std::string_view postcode);

struct PostcodeCheck {
  bool ok = true;
  std::string_view expected;  // the state whose range holds it, when not ok; empty when no state's does
};
// Border towns and external territories break the table, so a mismatch is a warning and never a failure.
PostcodeCheck check_postcode(std::string_view state, std::string_view postcode);

struct Address {
  std::string street, suburb, state, postcode;  // as printed; state as its code; each may be empty
};
// Splits "12 Smith St, Parramatta NSW 2150". nullopt when neither a state nor a postcode is there and nothing looks
// like a street.
std::optional<Address> parse_address(std::string_view text);
std::string format_address(const Address& address);  // "12 Smith St, Parramatta NSW 2150"

}  // namespace docket::rules
