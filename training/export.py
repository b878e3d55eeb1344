"""Checkpoint folder -> Hugging Face folder that transformers 4.45.2 loads: python -m training.export CHECKPOINT OUT [--dtype float16]"""
import argparse
import json
import os
import shutil

import torch
from safetensors.torch import load_file, save_file

from .model import MAX_TILES, RATIOS, Config, Nano
from .tokens import CHAT_TEMPLATE, Tokens


def state_for_transformers(m: Nano, dtype) -> dict:
    """Names and shapes of 4.45. The per-tile position table is unused (its gate is 0) but must be there: zeros."""
    c, out = m.c, {}
    for name, tensor in m.state_dict().items():
        if name.endswith("positional_embedding.embedding.weight"):
            tensor = tensor * m.get_submodule(name.rsplit(".", 2)[0]).used
        out[name] = tensor.to(dtype).contiguous()
    out["vision_model.gated_positional_embedding.tile_embedding.weight"] = torch.zeros(len(RATIOS) + 1, MAX_TILES * (c.patches + 1) * c.vision_dim, dtype=dtype)
    return out


def config_json(c: Config, t: Tokens) -> dict:
    rope = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)
    return {
        "architectures": ["MllamaForConditionalGeneration"], "model_type": "mllama", "image_token_index": c.vocab, "torch_dtype": "float16", "transformers_version": "4.45.2",
        "text_config": dict(model_type="mllama_text_model", vocab_size=c.vocab, hidden_size=c.dim, num_hidden_layers=c.layers, num_attention_heads=c.dim // c.head_dim, num_key_value_heads=c.kv_heads,
                            intermediate_size=c.ffn, hidden_act="silu", rms_norm_eps=1e-5, rope_theta=500000.0, rope_scaling=rope, max_position_embeddings=131072, initializer_range=.02, dropout=0,
                            cross_attention_layers=list(c.cross), tie_word_embeddings=False, use_cache=True, bos_token_id=t.bos, eos_token_id=[t.end_of_text, t.eot], pad_token_id=t.pad, torch_dtype="float16"),
        "vision_config": dict(model_type="mllama_vision_model", hidden_size=c.vision_dim, num_hidden_layers=c.vision_layers, num_global_layers=c.global_layers, attention_heads=c.vision_dim // c.head_dim,
                              intermediate_size=4 * c.vision_dim, hidden_act="gelu", num_channels=3, patch_size=c.patch, image_size=c.tile, max_num_tiles=MAX_TILES, norm_eps=1e-5, initializer_range=.02,
                              vision_output_dim=c.vision_out, intermediate_layers_indices=list(c.taps), supported_aspect_ratios=[list(r) for r in RATIOS], torch_dtype="float16")}


def export(checkpoint: str, out: str, dtype=torch.float16) -> None:
    os.makedirs(out, exist_ok=True)
    m, tokens = load(checkpoint)
    save_file(state_for_transformers(m, dtype), os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    os.chmod(os.path.join(out, "model.safetensors"), 0o644)
    c = m.c
    preprocessor = {"image_processor_type": "MllamaImageProcessor", "processor_class": "MllamaProcessor", "do_convert_rgb": True, "do_resize": True, "do_rescale": True, "do_normalize": True, "do_pad": True, "size": {"height": c.tile, "width": c.tile},
                    "max_image_tiles": MAX_TILES, "resample": 2, "rescale_factor": 1 / 255, "image_mean": [.48145466, .4578275, .40821073], "image_std": [.26862954, .26130258, .27577711]}
    generation = {"do_sample": False, "bos_token_id": tokens.bos, "eos_token_id": [tokens.end_of_text, tokens.eot], "pad_token_id": tokens.pad, "transformers_version": "4.45.2"}
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "processor_class": "MllamaProcessor", "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "pad_token": "<|finetune_right_pad_id|>", "clean_up_tokenization_spaces": False,
                 "model_input_names": ["input_ids", "attention_mask"], "model_max_length": 4096, "chat_template": CHAT_TEMPLATE}
    for name, value in (("config.json", config_json(c, tokens)), ("preprocessor_config.json", preprocessor), ("generation_config.json", generation), ("tokenizer_config.json", tokenizer),
                        ("chat_template.json", {"chat_template": CHAT_TEMPLATE}),
                        ("special_tokens_map.json", {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "pad_token": "<|finetune_right_pad_id|>"})):
        with open(os.path.join(out, name), "w") as f: json.dump(value, f, indent=2)
    shutil.copy(os.path.join(checkpoint, "tokenizer.json"), os.path.join(out, "tokenizer.json"))


def load(checkpoint: str) -> tuple[Nano, Tokens]:
    """A training checkpoint: nano.json, tokenizer.json and weights in model*.safetensors."""
    with open(os.path.join(checkpoint, "nano.json")) as f: raw = json.load(f)
    m = Nano(Config(**{k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}))
    state = {}
    for name in sorted(os.listdir(checkpoint)):
        if name.startswith("model") and name.endswith(".safetensors"): state.update(load_file(os.path.join(checkpoint, name)))
    m.load_state_dict({k: v.float() for k, v in state.items()})
    return m, Tokens(os.path.join(checkpoint, "tokenizer.json"))


if __name__ == "__main__":
    a = argparse.ArgumentParser(prog="python -m training.export")
    a.add_argument("checkpoint"); a.add_argument("out"); a.add_argument("--dtype", default="float16")
    args = a.parse_args()
    export(args.checkpoint, args.out, getattr(torch, args.dtype))
