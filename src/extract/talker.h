// extract: somebody who answers questions about a page. The engine with a model does (conversation.h); tests have their
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "fields/model_reply.h"
#include "fields/questions.h"
#include "page/page.h"

namespace docket::extract {

struct AskOptions {
  std::vector<std::string> keys;  // asked for in place of the question's own fields; empty: its own
  std::optional<page::Box> crop;  // only this part of the page, enlarged
  int max_tokens = 320;           // of the reply
  double seconds = 60;            // after which the reply is stopped
  bool constrained = false;       // hold the reply to the grammar of its form
};

// What answering has cost so far.
struct Usage {
  int questions = 0;        // put to the model
  int cached = 0;           // answered from earlier replies to the same question about the same pixels
  int images = 0;           // encoded
  std::int64_t tokens = 0;  // of replies, those that a grammar forced left out
  double seconds = 0;

  friend Usage operator-(const Usage& a, const Usage& b) {
    return {a.questions - b.questions, a.cached - b.cached, a.images - b.images, a.tokens - b.tokens,
            a.seconds - b.seconds};
  }
};

class Talker {
 public:
  virtual ~Talker() = default;
  virtual const std::string& name() const = 0;    // of the model, for people
  virtual const std::string& family() const = 0;  // as the questions' `family`
  // Does ahead of the first question what depends on the page alone. What fails fails again, and is told, in `ask`.
  virtual void look(const page::Page& page) = 0;
  // A reply that goes round in circles, says nothing or takes too long is stopped and says so. Errors: those of the
  // engine.
  virtual Result<fields::ModelReply> ask(const page::Page& page, const fields::Question& question,
                                         const AskOptions& options) = 0;
  virtual const Usage& usage() const = 0;
};

}  // namespace docket::extract
