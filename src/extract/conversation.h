// extract: a vision-language model that is asked about pages, with what it has said already.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "extract/options.h"
#include "extract/talker.h"
#include "reply/engine.h"

namespace docket::extract {

// A page is encoded once for all questions about it, and what the questions have in common is run once. Replies are
// kept by the pixels' hash, the question and the model, at most kMostKept of them. Not to be shared between threads.
class Conversation final : public Talker {
 public:
  static constexpr std::size_t kMostKept = 64;

  // Errors: those of reply::Engine::load for the folder `options.model`.
  static Result<std::unique_ptr<Conversation>> open(const VlmOptions& options);

  const std::string& name() const override { return name_; }
  const std::string& family() const override { return family_; }
  void look(const page::Page& page) override;
  Result<fields::ModelReply> ask(const page::Page& page, const fields::Question& question,
                                 const AskOptions& options) override;
  const Usage& usage() const override { return usage_; }

 private:
  using Constraints = std::map<std::string, std::shared_ptr<reply::ConstraintTable>>;
  Conversation(std::unique_ptr<reply::Engine> engine, std::string name, std::string family, std::string adapter)
      : engine_(std::move(engine)), name_(std::move(name)), family_(std::move(family)), adapter_(std::move(adapter)) {}
  Result<prompt::Prompt> prompt_of(const fields::Question& question, const AskOptions& options) const;
  Result<std::shared_ptr<reply::ConstraintTable>> constraint_of(const fields::Question& question,
                                                                const AskOptions& options);
  Result<fields::ModelReply> generate(const page::Page& page, const fields::Question& question,
                                      const AskOptions& options);
  Result<int> encode(const page::Page& page);
  const std::string& hash_of(const page::Page& page);
  void keep(std::string key, const fields::ModelReply& reply);

  std::unique_ptr<reply::Engine> engine_;
  std::string name_, family_, adapter_;
  Usage usage_;
  std::list<std::pair<std::string, fields::ModelReply>> kept_;  // latest first
  Constraints constraints_;                                     // by grammar
  const std::uint8_t* hashed_ = nullptr;  // pixels of the page that `hash_` is of, while its document is read
  std::size_t hashed_bytes_ = 0;
  std::string hash_;
};

// The part of a page in `box`, with a margin, enlarged so that small print fills the model's tiles. Its number is the
// page's.
page::Page cut_out(const page::Page& page, const page::Box& box);

}  // namespace docket::extract
