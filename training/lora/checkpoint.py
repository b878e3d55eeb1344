"""A checkpoint as transformers takes it for training: python -m training.lora.checkpoint MODEL OUT

models/nano is kept in 8 bits, without the per-tile position table that its gate of 0 switches off. Here the weights become plain
numbers again (training.unpack), exactly those that the engine computes with, and the table zeros."""
import argparse
import json
import os
import shutil

import torch
from safetensors.torch import save_file

from ..unpack import unpack

TABLE = "vision_model.gated_positional_embedding.tile_embedding.weight"
BESIDE = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "preprocessor_config.json", "generation_config.json", "chat_template.json")


def is_quantised(folder: str) -> bool:
    with open(os.path.join(folder, "config.json")) as f: return "quantization_config" in json.load(f)


def dequantise(folder: str, out: str) -> str:
    """Writes the fp32 checkpoint and returns its folder."""
    os.makedirs(out, exist_ok=True)
    config, state = unpack(folder)
    config["torch_dtype"], vision = "float32", config["vision_config"]
    if TABLE not in state:
        tokens = (vision["image_size"] // vision["patch_size"]) ** 2 + 1
        state[TABLE] = torch.zeros(len(vision["supported_aspect_ratios"]) + 1, vision["max_num_tiles"] * tokens * vision["hidden_size"])
    save_file(state, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(out, "config.json"), "w") as f: json.dump(config, f, indent=2)
    for name in BESIDE:
        if os.path.exists(os.path.join(folder, name)): shutil.copy(os.path.join(folder, name), os.path.join(out, name))
    return out


if __name__ == "__main__":
    a = argparse.ArgumentParser(prog="python -m training.lora.checkpoint")
    a.add_argument("model"); a.add_argument("out")
    args = a.parse_args()
    dequantise(args.model, args.out)
