#include "apps/cli/setting_list.h"

#include "core/base/log.h"

namespace docket::cli {

const std::vector<SettingSpec>& setting_specs() {
  using enum SettingType;
  static const std::vector<SettingSpec> specs = {
      {"DOCKET_READER", kChoice, "auto", "who reads a document", {"auto", "both", "vlm", "ocr"}},
      {"DOCKET_MODEL", kText, "shipped",
       "folder of the vision-language model that reads documents; shipped: the small one beside the program; empty: "
       "OCR alone"},
      {"DOCKET_ADAPTER", kText, "", "folder of a LoRA adapter (PEFT) that the model reads with; empty: none"},
      {"DOCKET_FALLBACK_MODEL", kText, "", "folder of the model that stands in when that one cannot be used"},
      {"DOCKET_PROMPTS", kText, "", "folder of prompts in place of the built-in ones (docket prompts list)"},
      {"DOCKET_ASK_AGAIN",
       kInteger,
       "0",
       "most questions put to the model about what is in doubt; 0: one general question a page",
       {},
       0,
       100},
      {"DOCKET_ASK_SECONDS", kNumber, "45", "seconds for all questions about one document", {}, 0.1, 86400},
      {"DOCKET_QUANT",
       kChoice,
       "none",
       "how that model is quantised while it is loaded",
       {"none", "int8", "int8-skip-vision", "nf4", "fp4"}},
      {"DOCKET_DEVICE", kChoice, "cpu", "where that model runs", {"cpu", "cuda"}},
      {"DOCKET_THREADS", kInteger, "0", "threads of its kernels; 0: the processors there are", {}, 0, 1024},
      {"DOCKET_CPU_ISA", kText, "", "instruction set of its kernels: reference, avx2 or avx512; empty: the best"},
      {"DOCKET_CPU_PRODUCTS",
       kChoice,
       "fp32",
       "products of vision, prefill and 4-bit weights: bf16 takes half the time; fast: bf16 where there is any",
       {"fp32", "bf16", "fast"}},
      {"DOCKET_CUDA_PATH", kText, "", "sm70: run the kernels for that architecture on a newer device"},
      {"DOCKET_CUDA_GRAPHS", kBoolean, "true", "replay decode steps as CUDA graphs"},
      {"DOCKET_CUDA_OVERLAP", kBoolean, "true", "let a CUDA kernel begin before the one in front has ended (sm_90)"},
      {"DOCKET_FORMAT", kChoice, "kv", "how records are printed", {"kv", "json", "jsonl", "csv", "csv-lines"}},
      {"DOCKET_JOBS", kInteger, "0", "documents read at once; 0: one for each processor", {}, 0, 256},
      {"DOCKET_TIME_LIMIT", kNumber, "60", "seconds for one document, after which it counts as failed", {}, 1, 86400},
      {"DOCKET_MAX_MEGABYTES", kInteger, "64", "largest file that is read", {}, 1, 4096},
      {"DOCKET_MAX_MEGAPIXELS", kInteger, "120", "largest page that is read", {}, 1, 2000},
      {"DOCKET_MAX_PAGES", kInteger, "100", "most pages that are read of one file", {}, 1, 10000},
      {"DOCKET_TODAY", kText, "", "the date that counts as today, YYYY-MM-DD; empty: the clock's"},
      {"DOCKET_OCR_LANGUAGE", kText, "eng", "Tesseract language data, e.g. eng or eng+msa"},
      {"DOCKET_TESSDATA", kText, "", "folder of Tesseract language data; empty: where Debian installs it"},
      {"DOCKET_OCR_TIME_LIMIT",
       kNumber,
       "15",
       "seconds of processor time for the OCR of one page, after which it gives what it has",
       {},
       0.1,
       3600},
      {"DOCKET_PDF_WORKER", kText, "", "program that renders PDFs; empty: docket-pdf-worker beside docket"},
      {"DOCKET_OWN_ABNS", kText, "", "ABNs of your own business, with commas: never taken for the supplier"},
      {"DOCKET_SUPPLIERS", kText, "", "CSV file \"abn,name\" of suppliers you know: a misread ABN is held against it"},
      {"DOCKET_EXPENSE_RULES", kText, "", "CSV file \"phrase,category\": names the expense_category of a document"},
      {"DOCKET_REGISTERED_FOR_GST", kBoolean, "true", "whether you may claim GST credits"},
      {"DOCKET_REDACT", kBoolean, "true", "mask card numbers, tax file numbers and the like in what is kept"},
      {"DOCKET_MASK_CUSTOMER", kBoolean, "false", "mask the buyer's name and address too"},
      {"DOCKET_LOG_LEVEL", kChoice, "warning", "what goes to stderr", log_levels()},
  };
  return specs;
}

}  // namespace docket::cli
