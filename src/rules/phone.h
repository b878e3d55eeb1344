// Australian telephone numbers.
#pragma once

#include <string>
#include <string_view>

namespace docket::rules {

enum class PhoneKind { kNotPhone, kLandline, kMobile, kNational };
std::string_view to_string(PhoneKind kind);  // "not_phone", "landline", "mobile", "national"

struct Phone {
  PhoneKind kind = PhoneKind::kNotPhone;
  std::string number;  // "+61255501234"; national numbers as dialled: "1300 975 707", "13 00 00"
};

// One number with or without a label ("Ph:", "Tel", "Fax", ...). Landline 0[2378] + 8, mobile 04 or 05 + 8, +61 with or
// without (0), 13 xx xx, 1300 and 1800. A bare 8-digit number is a phone only when `state` ("NSW") gives its area code.
Phone parse_phone(std::string_view text, std::string_view state = {});

}  // namespace docket::rules
