// eval: an Evaluation as one HTML file that needs nothing else: pictures inside, dark and light, no script.
#pragma once

#include <functional>
#include <string>

#include "eval/evaluate.h"
#include "eval/picture.h"

namespace docket::eval {

// The pictures of these pages of a document; an Error is shown in their place.
using PictureSource =
    std::function<Result<std::vector<Picture>>(const std::filesystem::path& document, const std::vector<int>& pages)>;

// The pages that its values stand on, rising; the first one where nothing is placed.
std::vector<int> pages_of(const Prediction& prediction);

struct ReportText {
  std::string title;     // "docket eval: truth.jsonl"
  std::string subtitle;  // reader, machine, date: what the figures hold for
};

// About 100 kB for each picture. Pictures are asked for one document at a time.
std::string to_report(const Evaluation& evaluation, const ReportText& text, const PictureSource& pictures);

}  // namespace docket::eval
