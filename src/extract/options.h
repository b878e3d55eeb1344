// extract: what a caller may choose about reading documents. Plain data, checked where it is made from settings.
#pragma once

#include <string>
#include <vector>

#include "extract/asking.h"
#include "ocr/reader.h"
#include "page/read.h"
#include "record/build.h"
#include "rules/civil.h"

namespace docket::extract {

enum class ReaderChoice {
  kAuto,  // every reader that is there: the vision-language model when a model is given, and OCR
  kBoth,  // the same, but a model must be given
  kVlm,
  kOcr,
};

struct VlmOptions {
  std::string model;           // folder of a checkpoint; empty: there is no vision-language reader
  std::string adapter;         // folder of a LoRA adapter of that checkpoint; empty: none
  std::string fallback_model;  // folder of the one that stands in when the first cannot be used; empty: none
  std::string quant = "none";  // as load::parse_quant_policy
  std::string device = "cpu";  // or "cuda"
  int threads = 0;             // of the kernels; 0: the processors there are
};

struct Options {
  ReaderChoice reader = ReaderChoice::kAuto;
  std::vector<int> pages;  // 1-based, rising; empty: all
  page::Limits limits;
  page::Options page;  // its `pages` is overwritten by the one above
  ocr::ReaderOptions ocr;
  VlmOptions vlm;
  AskingBudget asking;
  int threads = 1;      // for one document: its pages are read side by side, and the model looks while OCR reads
  std::string prompts;  // folder of questions in place of the built-in ones; empty: those
  rules::Date today;    // dates are judged by it; the caller asks the clock
  std::vector<std::string> own_abns;  // 11 digits each: the user's own business, never the supplier
  std::vector<record::ApprovedSupplier> approved_suppliers;
  std::vector<record::ExpenseRule> expense_rules;
  bool registered_for_gst = true;  // the user
  bool redact = true;              // mask card numbers, tax file numbers and the like in what is kept
  bool mask_customer = false;      // the buyer's name and address too
};

}  // namespace docket::extract
