// Runs the built `docket` as a user would, and what its output holds.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace docket::apps {

struct Ran {
  int status = -1;  // exit status, or 128 + the signal that ended it
  std::string out, err;
};

// $DOCKET_PROGRAM, which the tests are given by CMake. CHECK: it is set.
std::string program_path();

// Runs it with the environment of the test, less DOCKET_ settings, plus `environment`, with DOCKET_TODAY=2026-11-24,
// so that results do not age, time limits of ten minutes, so that a slow machine gives the same, and OCR alone. No
// standard input.
Ran run_docket(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment = {});

// Starts it without waiting, output to /dev/null; the caller waits for the pid.
int start_docket(const std::vector<std::string>& arguments);

std::vector<std::string> lines_of(const std::string& text);

// Empty when equal; otherwise where the texts begin to differ and a little of both from there.
std::string first_difference(const std::string& a, const std::string& b);

// A fresh empty folder of this name below the test's temporary folder.
std::string fresh_folder(const std::string& name);

}  // namespace docket::apps
