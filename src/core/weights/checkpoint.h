// Checkpoint: a folder of safetensors files as one set of named tensors.
//
// Names are those of transformers 4.45 whatever the file uses (spec: published files keep them, 4.52 renamed modules):
//   vision_model.X   multi_modal_projector.X   language_model.model.X   language_model.lm_head.weight
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/weights/safetensors.h"

namespace docket::weights {

// The 4.45 name of a tensor or module in either layout; a name of neither layout is returned unchanged.
//   model.vision_model.X -> vision_model.X        model.multi_modal_projector.X -> multi_modal_projector.X
//   model.language_model.X -> language_model.model.X        lm_head.X -> language_model.lm_head.X
//   model.X -> language_model.model.X (a text-only export)
// A leading "base_model.model." (PEFT) is dropped first.
std::string canonical_name(std::string_view name);

class Checkpoint {
 public:
  // Opens `folder`/model.safetensors.index.json and its shards, or `folder`/model.safetensors. Errors: kNotFound when
  // neither is there, kMalformed with file, tensor and reason (a shard without a tensor that the index promises, a
  // shard name that leaves the folder, two tensors with one canonical name), kIo.
  static Result<Checkpoint> open(const std::filesystem::path& folder);

  // nullptr when there is no tensor of that (4.45) name.
  const StoredTensor* find(const std::string& name) const;

  // The tensor, with exactly this shape. Errors: kNotFound, kMalformed naming both shapes.
  Result<const StoredTensor*> require(const std::string& name, const Shape& shape) const;

  const TensorMap& tensors() const { return tensors_; }  // by 4.45 name
  const std::filesystem::path& folder() const { return folder_; }

  // Tells the system that a tensor's pages are no longer needed: for load paths that have copied it.
  void release_pages(const StoredTensor& tensor) const;

 private:
  std::filesystem::path folder_;
  std::vector<MappedFile> files_;
  TensorMap tensors_;
};

}  // namespace docket::weights
