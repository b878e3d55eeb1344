#include "extract/asking.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "core/base/log.h"
#include "extract/guard.h"
#include "extract/place.h"
#include "fields/reply_parser.h"
#include "rules/document_type.h"
#include "rules/text.h"

namespace docket::extract {
namespace {

using fields::FieldId;
using Clock = std::chrono::steady_clock;

constexpr std::array kDeciding = {FieldId::kTotalAmount, FieldId::kGstAmount, FieldId::kSupplierAbn,
                                  FieldId::kInvoiceDate, FieldId::kSupplierName};
constexpr int kTypeTokens = 16, kValueTokens = 48, kFewestTokens = 8;
// Readers that contradict each other are both unsure of themselves, whatever their figures say.
constexpr double kSettledThough = 0.97;

const fields::Candidate* best_of(const fields::Field& field, bool vlm) {
  for (const fields::Candidate& candidate : field.candidates) {
    if ((candidate.evidence.reader == fields::Reader::kVlm) == vlm) return &candidate;
  }
  return nullptr;
}

const page::Page* page_numbered(std::span<const page::Page> pages, int number) {
  const auto found = std::find_if(pages.begin(), pages.end(), [&](const page::Page& p) { return p.number == number; });
  return found == pages.end() ? nullptr : &*found;
}

class Plan {
 public:
  Plan(Talker& talker, const fields::QuestionSet& questions, std::span<const page::Page> pages,
       const std::vector<ocr::Words>& words, const fields::Context& context, const AskingBudget& budget)
      : talker_(talker), questions_(questions), pages_(pages), words_(words), context_(context), budget_(budget) {}

  Asked run() {
    ask_everything();
    while (!out_.replies.empty() && again_ < budget_.questions) {
      auto doubts = doubts_of(fields::read_fields(words_, context_, out_.replies), budget_.settled);
      // Nobody saw it and the model says that it is not there: that is an answer.
      std::erase_if(doubts, [&](const Doubt& doubt) {
        return doubt.why == Doubt::Why::kMissing && absent_.count(std::string(to_string(doubt.field))) > 0;
      });
      if (!ask_again(doubts)) break;
    }
    return std::move(out_);
  }

 private:
  double seconds_left() const { return budget_.seconds - std::chrono::duration<double>(Clock::now() - start_).count(); }
  int tokens_left() const { return budget_.tokens - static_cast<int>(talker_.usage().tokens - tokens_before_); }

  void note(const std::string& id, const std::string& message) {
    const bool known = std::any_of(out_.events.begin(), out_.events.end(), [&](const auto& e) { return e.id == id; });
    if (!known) out_.events.push_back({id, message});
  }

  // False when the model gave nothing to go on with.
  bool ask(const page::Page& page, const fields::Question& question, AskOptions options) {
    const bool short_answer = options.max_tokens <= kValueTokens;  // a longer one is chatter, and its end not missed
    options.seconds = seconds_left();
    options.max_tokens = std::min(options.max_tokens, tokens_left());
    if (options.seconds <= 0 || options.max_tokens < kFewestTokens) {
      note("asking_budget_spent", "The budget for questions was spent before every doubt was settled.");
      return false;
    }
    out_.questions.push_back(question.name());
    auto reply = guarded("the model " + talker_.name(), [&] { return talker_.ask(page, question, options); });
    if (!reply) {
      log().warn("page {}: {}", page.number, reply.error().text());
      note("model_failed", "The model " + talker_.name() + " did not answer: " + reply.error().text() + ".");
      return false;
    }
    judge(*reply, short_answer);
    out_.replies.push_back(*std::move(reply));
    return true;
  }

  void judge(const fields::ModelReply& reply, bool short_answer) {
    fields::ParseOptions options;
    options.cut_off = reply.cut_off;
    const fields::ParsedReply parsed = fields::parse_reply(reply.text, options);
    if (reply.stopped == "loop" || parsed.looped) {
      note("model_reply_looped", "A reply of the model " + talker_.name() + " only repeated itself and was stopped.");
    }
    if (reply.stopped == "empty" || reply.text.find_first_not_of(" \n\r\t") == std::string::npos) {
      note("model_reply_empty", "The model " + talker_.name() + " said nothing.");
    }
    if (reply.stopped == "time") note("model_out_of_time", "A reply of the model was stopped at its time limit.");
    if (reply.stopped == "length" && !short_answer) {
      note("model_reply_too_long", "A reply of the model " + talker_.name() + " was stopped at its limit of tokens.");
    }
    if (parsed.refused) note("model_refused", "The model " + talker_.name() + " refused to answer.");
    for (const std::string_view key : parsed.absent) absent_.emplace(key);
    useful_ = useful_ || !parsed.values.empty() || !parsed.absent.empty();
  }

  std::string kind() {
    std::string by_words = questions_.kind_of(text_of(words_));
    if (!by_words.empty() || !words_.empty() || talker_.family() == "fields_token") return by_words;
    // Nobody has read a word: the model says what it is looking at.
    const fields::Question* question = questions_.choose(fields::Stage::kType, "", talker_.family());
    if (question == nullptr) return {};
    AskOptions options;
    options.max_tokens = kTypeTokens;
    const std::size_t before = out_.replies.size();
    if (!ask(pages_.front(), *question, options) || out_.replies.size() == before) return {};
    const std::string& said = out_.replies.back().text;
    auto type = rules::document_type(rules::lower(rules::trim(said)));
    if (!type) type = rules::document_type_by_words(said);
    if (!type) return {};
    return type == rules::DocumentType::kReceipt ? "docket" : std::string(to_string(*type));
  }

  std::vector<const page::Page*> asked_pages() const {
    std::vector<const page::Page*> out;
    const auto most = static_cast<std::size_t>(std::max(1, budget_.pages));
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      if (i + 1 < most || i + 1 == pages_.size() || pages_.size() <= most) out.push_back(&pages_[i]);
    }
    return out;
  }

  void ask_everything() {
    const std::string document_kind = budget_.questions > 0 ? kind() : std::string();
    const fields::Question* question = questions_.choose(fields::Stage::kAll, document_kind, talker_.family());
    if (question == nullptr) return note("no_prompt", "No prompt suits the model " + talker_.name() + ".");
    for (const page::Page* page : asked_pages()) {
      if (!ask(*page, *question, {})) return;
    }
    if (useful_ || talker_.family() == "fields_token") return;
    // A refusal, a loop or chatter: once more, held to the form.
    AskOptions held;
    held.constrained = true;
    ++again_;
    ask(pages_.front(), *question, held);
  }

  // One more question about the doubts; false when there is none that has not been put.
  bool ask_again(const std::vector<Doubt>& doubts) {
    for (const Doubt& doubt : doubts) {
      const std::string name(to_string(doubt.field));
      const page::Page* page = page_numbered(pages_, doubt.page);
      const fields::Question* question = questions_.choose_field(fields::Stage::kRepairCrop, name, talker_.family());
      if (doubt.box.empty() || page == nullptr || question == nullptr || talker_.family() == "fields_token" ||
          !put_.insert(question->id).second) {
        continue;
      }
      AskOptions options;
      options.crop = doubt.box;
      options.max_tokens = kValueTokens;
      ++again_;
      return ask(*page, *question, options);
    }
    const fields::Question* question = questions_.choose(fields::Stage::kRepair, "", talker_.family());
    if (question == nullptr || talker_.family() == "fields_token") return false;
    AskOptions options;
    for (const Doubt& doubt : doubts) options.keys.emplace_back(to_string(doubt.field));
    if (options.keys.empty() || !put_.insert(question->id).second) return false;
    ++again_;
    const page::Page* page = doubts.empty() ? nullptr : page_numbered(pages_, doubts.front().page);
    return ask(page != nullptr ? *page : pages_.front(), *question, options);
  }

  Talker& talker_;
  const fields::QuestionSet& questions_;
  std::span<const page::Page> pages_;
  const std::vector<ocr::Words>& words_;
  const fields::Context& context_;
  const AskingBudget& budget_;
  Asked out_;
  const Clock::time_point start_ = Clock::now();
  const std::int64_t tokens_before_ = talker_.usage().tokens;
  int again_ = 0;
  bool useful_ = false;
  std::set<std::string> absent_;  // what a reply said is not there
  std::set<std::string> put_;     // ids of the questions that were put a second time
};

}  // namespace

std::vector<Doubt> doubts_of(const fields::Fields& fields, double settled) {
  std::vector<Doubt> out;
  for (const FieldId id : kDeciding) {
    const fields::Field& field = fields.scalars.at(id);
    if (field.absent_reason == "foreign_tax") continue;  // was read well; another reading makes it no GST
    const fields::Candidate* ocr = best_of(field, false);
    const fields::Candidate* vlm = best_of(field, true);
    const bool contradicted = ocr != nullptr && vlm != nullptr && ocr->value != vlm->value;
    if (field.chosen && field.confidence >= (contradicted ? std::max(settled, kSettledThough) : settled)) continue;
    const fields::Candidate* placed = ocr != nullptr ? ocr : vlm;
    Doubt doubt{id, Doubt::Why::kUnsure, placed != nullptr ? placed->evidence.page : 0,
                placed != nullptr ? placed->evidence.box : page::Box{}};
    if (ocr == nullptr && vlm == nullptr) doubt.why = Doubt::Why::kMissing;
    if (contradicted) doubt.why = Doubt::Why::kContradicted;
    out.push_back(doubt);
  }
  return out;
}

Asked ask_about(Talker& talker, const fields::QuestionSet& questions, std::span<const page::Page> pages,
                const std::vector<ocr::Words>& words, const fields::Context& context, const AskingBudget& budget) {
  return Plan(talker, questions, pages, words, context, budget).run();
}

}  // namespace docket::extract
