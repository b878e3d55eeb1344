// The text that `docket doctor` prints: sections of aligned facts, and whether anything needed is missing.
#pragma once

#include <string>

namespace docket::cli {

class DoctorReport {
 public:
  void section(const std::string& title);
  void fact(const std::string& name, const std::string& value);
  // A component that is there (`detail`: its version), or that is not (`detail`: what to do).
  void component(const std::string& name, bool available, const std::string& detail, bool needed = true);
  bool missing() const { return missing_; }
  // The report, ending with one line that sums it up.
  std::string text() const;

 private:
  std::string text_;
  bool missing_ = false;
};

}  // namespace docket::cli
