"""python -m training.unpack MODEL OUT [--dtype float16]: a shipped model (16, 8 or 4 bits, as `docket model quantize` writes it) -> a
checkpoint that `training.train --resume` continues.

The dense head, which names the characters of a patch, is not shipped: OUT has none, so that training starts it at zero and
teaches it alone at first (`--head-until`), whose gradients would otherwise stir the weights that are already good."""
import argparse
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

PARTS = 3


def int8_values(tensors: dict, name: str) -> torch.Tensor:
    """LLM.int8: each row's SCB is its largest magnitude."""
    return tensors[name].float() * (tensors[name[:-len("weight")] + "SCB"].float() / 127)[:, None]


def four_bit_values(tensors: dict, name: str) -> torch.Tensor:
    """bitsandbytes' 4-bit form: two codes a byte, the first in the high half; a scale a block, itself in 8 bits where nested."""
    state = json.loads(bytes(next(v for k, v in tensors.items() if k.startswith(f"{name}.quant_state.")).tolist()).decode())
    packed, count = tensors[name].reshape(-1), torch.Size(state["shape"]).numel()
    values = tensors[f"{name}.quant_map"].float()[torch.stack([packed >> 4, packed & 15], 1).reshape(-1).long()][:count]
    scale = tensors[f"{name}.absmax"]
    if scale.dtype == torch.uint8:
        group = tensors[f"{name}.nested_absmax"].float().repeat_interleave(state["nested_blocksize"])[:len(scale)]
        scale = tensors[f"{name}.nested_quant_map"].float()[scale.long()] * group + state["nested_offset"]
    return (values * scale.float().repeat_interleave(state["blocksize"])[:count]).reshape(state["shape"])


def plain(tensors: dict) -> dict:
    """All weights as fp32 by their own names, whatever the form they are stored in."""
    out = {}
    for name, tensor in tensors.items():
        if ".weight." in name or name.endswith((".SCB", ".weight_format")): continue   # parts of a quantised weight
        if tensor.dtype == torch.int8: out[name] = int8_values(tensors, name)
        elif tensor.dtype == torch.uint8: out[name] = four_bit_values(tensors, name)
        else: out[name] = tensor.float()
    return out


def unpack(model_dir: str) -> tuple[dict, dict]:
    """-> (config.json without its quantization_config, {Hugging Face name: fp32 tensor})."""
    with open(os.path.join(model_dir, "config.json")) as f: config = json.load(f)
    config.pop("quantization_config", None)
    tensors = {}
    for name in sorted(os.listdir(model_dir)):
        if name.endswith(".safetensors"): tensors.update(load_file(os.path.join(model_dir, name)))
    return config, plain(tensors)


def nano_config(config: dict) -> dict:
    """The fields of model.Config out of a config.json."""
    v, t = config["vision_config"], config["text_config"]
    return dict(tile=v["image_size"], patch=v["patch_size"], vision_dim=v["hidden_size"], vision_layers=v["num_hidden_layers"], global_layers=v["num_global_layers"], taps=v["intermediate_layers_indices"],
                dim=t["hidden_size"], layers=t["num_hidden_layers"], cross=t["cross_attention_layers"], kv_heads=t["num_key_value_heads"], ffn=t["intermediate_size"], vocab=t["vocab_size"],
                head_dim=t["hidden_size"] // t["num_attention_heads"])


def checkpoint(model_dir: str, out: str, dtype=torch.float16, parts: int = PARTS) -> None:
    """Writes nano.json, tokenizer.json and model*.safetensors; the per-tile position table, whose gate is 0, is left out."""
    config, state = unpack(model_dir)
    gate = state["vision_model.gated_positional_embedding.gate"]
    assert not gate.any(), "training knows no per-tile position table, but this model uses one"
    state.pop("vision_model.gated_positional_embedding.tile_embedding.weight", None)
    os.makedirs(out, exist_ok=True)
    total, used, groups = sum(t.numel() for t in state.values()), 0, [{} for _ in range(parts)]
    for name, tensor in state.items():
        groups[min(parts - 1, used * parts // total)][name] = tensor.to(dtype).contiguous()
        used += tensor.numel()
    for i, group in enumerate(groups): save_file(group, os.path.join(out, f"model{i}.safetensors"))
    with open(os.path.join(out, "nano.json"), "w") as f: json.dump(nano_config(config), f)
    shutil.copy(os.path.join(model_dir, "tokenizer.json"), os.path.join(out, "tokenizer.json"))


if __name__ == "__main__":
    a = argparse.ArgumentParser(prog="python -m training.unpack")
    a.add_argument("model"); a.add_argument("out"); a.add_argument("--dtype", default="float16"); a.add_argument("--parts", type=int, default=PARTS, help="files; each of the shipped model's stays under 16 MiB with 3 (fp16) or 5 (fp32)")
    args = a.parse_args()
    checkpoint(args.model, args.out, getattr(torch, args.dtype), args.parts)
