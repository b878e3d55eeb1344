#include "apps/cli/doctor_report.h"

namespace docket::cli {

void DoctorReport::section(const std::string& title) { text_ += (text_.empty() ? "" : "\n") + title + "\n"; }

void DoctorReport::fact(const std::string& name, const std::string& value) {
  constexpr std::size_t kColumn = 30;
  std::string line = "  " + name;
  line.resize(std::max(line.size() + 1, kColumn), ' ');
  text_ += line + value + "\n";
}

void DoctorReport::component(const std::string& name, bool available, const std::string& detail, bool needed) {
  const char* state = available ? "ok       " : needed ? "MISSING  " : "absent   ";
  fact(name, state + detail);
  missing_ = missing_ || (!available && needed);
}

std::string DoctorReport::text() const {
  return text_ + (missing_ ? "\nSomething that docket needs is missing; see MISSING above.\n"
                           : "\nEverything that docket needs is here.\n");
}

}  // namespace docket::cli
