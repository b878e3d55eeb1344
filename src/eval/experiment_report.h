// eval: an Experiment as one HTML file that needs nothing else: the figures, and the documents that changed with their
// pictures; dark and light, no script.
#pragma once

#include <string>

#include "eval/experiment.h"
#include "eval/report.h"

namespace docket::eval {

std::string to_report(const Experiment& experiment, const ReportText& text, const PictureSource& pictures);

}  // namespace docket::eval
