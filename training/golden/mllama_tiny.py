"""Makes the tiny random Mllama checkpoints and their goldens: mllama_tiny.py OUT_FOLDER

Writes OUT/pictures/, and for each model OUT/<name>/ (an HF model folder), OUT/<name>.golden.safetensors and
OUT/<name>.golden.json. Weights are random numbers rounded to 16 bits, so that the small files hold exactly what the fp32
reference ran with. Needs transformers 4.45.2, whose vision taps are right (spec 0.1); refuses any other.

A tensor of more than LIMIT values is stored as every stride-th value of its flattened form; `tensors` in the json gives
shape and stride of each, and its L2 norm over all values.
"""
import hashlib
import json
import os
import shutil
import sys

import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import GenerationConfig, MllamaConfig, MllamaForConditionalGeneration, MllamaProcessor
from transformers.models.mllama.image_processing_mllama import MllamaImageProcessor

from transformers.models.mllama import image_processing_mllama

import pictures
import tiny_tokenizer

assert transformers.__version__ == "4.45.2", transformers.__version__
# Pillow 13 resizes some pictures' height before their width, which changes pixels by 1; 4.45.2 was released beside 10.4.
assert PIL.__version__ == "10.4.0", PIL.__version__
LIMIT = 1000
# 4.45.2 takes a picture 1 or 3 pixels high for channels-first (repaired upstream in 4.50); every picture here is
# height, width, channels.
image_processing_mllama.to_channel_dimension_format = lambda image, _, input_channel_dim=None: image.transpose(2, 0, 1)
NEW_TOKENS = 40
# The published preprocessor_config.json's; the class would default to 0.5.
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

MODELS = {
    # Every width a multiple of 64, as published models have them; 5 tokens a tile padded to 8; bf16 in one file.
    "tiny": dict(seed=11, vocab=448, dtype=torch.bfloat16, shards=None, adds_bos=True, logit_scale=4.0,
                 v=dict(hidden_size=64, num_hidden_layers=3, num_global_layers=1, attention_heads=4,
                        intermediate_size=128, image_size=28, intermediate_layers_indices=[0, 2]),
                 t=dict(hidden_size=64, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
                        intermediate_size=192, cross_attention_layers=[1, 3])),
    # Every ratio different: 17 tokens a tile padded to 24, head sizes 16 and 32, one KV head, f16 in shards.
    "odd": dict(seed=23, vocab=509, dtype=torch.float16, shards="500KB", adds_bos=False, logit_scale=4.0,
                v=dict(hidden_size=80, num_hidden_layers=4, num_global_layers=2, attention_heads=5,
                       intermediate_size=144, image_size=56, intermediate_layers_indices=[1, 2, 3]),
                t=dict(hidden_size=96, num_hidden_layers=5, num_attention_heads=3, num_key_value_heads=1,
                       intermediate_size=160, cross_attention_layers=[0, 3])),
}


def build(case, tokenizer):
    ids = {s: tokenizer.convert_tokens_to_ids(s) for s in tiny_tokenizer.SPECIAL}
    eos = [ids["<|end_of_text|>"], ids["<|eom_id|>"], ids["<|eot_id|>"]]
    vision = dict(case["v"], patch_size=14, max_num_tiles=4)
    vision["vision_output_dim"] = vision["hidden_size"] * (1 + len(vision["intermediate_layers_indices"]))
    text = dict(case["t"], vocab_size=case["vocab"], max_position_embeddings=4096, tie_word_embeddings=False,
                rope_theta=500000.0, pad_token_id=ids["<|finetune_right_pad_id|>"],
                bos_token_id=ids["<|begin_of_text|>"], eos_token_id=eos,
                rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                  original_max_position_embeddings=64))
    config = MllamaConfig(vision_config=vision, text_config=text, image_token_index=case["vocab"])
    config._attn_implementation = "eager"
    config.text_config._attn_implementation = config.vision_config._attn_implementation = "eager"
    torch.manual_seed(case["seed"])
    model = MllamaForConditionalGeneration(config).float().eval()
    fill(model, case)
    model.generation_config = GenerationConfig(bos_token_id=ids["<|begin_of_text|>"], eos_token_id=eos,
                                               pad_token_id=ids["<|finetune_right_pad_id|>"], do_sample=False)
    return model, vision


def fill(model, case):
    """Random weights of a size at which every branch matters, rounded to the stored dtype."""
    g = torch.Generator().manual_seed(case["seed"])
    with torch.no_grad():
        for name, p in model.named_parameters():
            r = torch.randn(p.shape, generator=g)
            if "norm" in name and name.endswith("weight"):
                r = 1 + 0.1 * r
            elif "gate" in name and p.numel() == 1:
                r = 0.6 + 0.3 * r
            elif "lm_head" in name:
                r = r * (case["logit_scale"] / p.shape[-1] ** 0.5)
            elif p.dim() >= 2:
                r = r * (1.2 / p[0].numel() ** 0.5 if "embed" not in name else 0.7)
            else:
                r = 0.05 * r
            p.copy_(r.to(case["dtype"]).float())


class Golden:
    """Collects tensors, thinning the large ones."""

    def __init__(self):
        self.tensors, self.about = {}, {}

    def add(self, name, tensor, limit=LIMIT):
        flat = tensor.detach().float().contiguous().reshape(-1)
        stride = 1 if flat.numel() <= limit else (-(-flat.numel() // limit)) | 1
        self.tensors[name] = flat[::stride].clone()
        self.about[name] = {"shape": list(tensor.shape), "stride": stride, "l2": float(flat.double().norm())}


def watch(model, golden, prefix):
    """Hooks that record the output of every vision layer, the vision model, the projector and every text layer."""
    hooks = []

    def record(module, name):
        def hook(_, __, out):
            out = out[0] if isinstance(out, (tuple, list)) or hasattr(out, "last_hidden_state") else out
            golden.add(f"{prefix}.{name}", out)
        hooks.append(module.register_forward_hook(hook))

    vision = model.vision_model
    for i, layer in enumerate(vision.transformer.layers):
        record(layer, f"vision.local.{i}")
    for i, layer in enumerate(vision.global_transformer.layers):
        record(layer, f"vision.global.{i}")
    record(vision, "vision")
    record(model.multi_modal_projector, "projector")
    for i, layer in enumerate(model.language_model.model.layers):
        record(layer, f"text.{i}")
    return hooks




def run(model, inputs, golden, prefix, layers):
    """One forward pass and the greedy reply. Returns what the json says of it."""
    hooks = watch(model, golden, prefix) if layers else []
    with torch.no_grad():
        logits = model(**inputs).logits
    for h in hooks:
        h.remove()
    golden.add(f"{prefix}.logits", logits)
    golden.add(f"{prefix}.last_logits", logits[:, -1], limit=1 << 20)
    eos = model.generation_config.eos_token_id
    model.generation_config.eos_token_id = None
    with torch.no_grad():
        out = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False, output_logits=True,
                             return_dict_in_generate=True)
    model.generation_config.eos_token_id = eos
    gap = min(float((v.topk(2).values[:, 0] - v.topk(2).values[:, 1]).min()) for v in out.logits)
    length = inputs["input_ids"].shape[1]
    said = {"input_ids": inputs["input_ids"].tolist(), "attention_mask": inputs["attention_mask"].tolist(),
            "greedy": out.sequences[:, length:].tolist(), "smallest_gap": gap}
    if "aspect_ratio_ids" in inputs:
        said |= {"aspect_ratio_ids": inputs["aspect_ratio_ids"].tolist(),
                 "aspect_ratio_mask": inputs["aspect_ratio_mask"].tolist(),
                 "cross_attention_mask": inputs["cross_attention_mask"].tolist(),
                 "pixel_values_shape": list(inputs["pixel_values"].shape),
                 "pixel_values_sha256": hashlib.sha256(inputs["pixel_values"].numpy().tobytes()).hexdigest()}
    return said


def make(name, case, out, shots):
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer = tiny_tokenizer.make(case["vocab"], case["adds_bos"])
    model, vision = build(case, tokenizer)
    processor = MllamaProcessor(
        image_processor=MllamaImageProcessor(size={"height": vision["image_size"], "width": vision["image_size"]},
                                             max_image_tiles=4, image_mean=MEAN, image_std=STD), tokenizer=tokenizer)
    golden = Golden()

    def inputs(texts, images=None, side="right"):
        tokenizer.padding_side = side
        kw = {}
        if images is not None:
            kw["images"] = [[Image.open(dict(shots)[i]) for i in group] for group in images]
        encoded = processor(text=texts, padding=True, add_special_tokens=False, return_tensors="pt", **kw)
        return {k: v for k, v in encoded.items()}

    cases = {}
    for shot, path in shots:
        prompt = f"<|image|><|begin_of_text|>Extract the DATE and TOTAL of {shot}.\nDATE:"
        x = inputs([prompt], [[shot]])
        cases[shot] = {"images": [[shot]], "prompts": [prompt]} | run(model, x, golden, shot, layers=True)
        golden.add(f"{shot}.pixel_values", x["pixel_values"])
        print(name, shot, "smallest gap", cases[shot]["smallest_gap"])
    chat = lambda content, **kw: tokenizer.apply_chat_template(content, add_generation_prompt=True, tokenize=False, **kw)
    asked = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is the TOTAL?"}]}]
    system = [{"role": "system", "content": "  Answer in one word. "}, {"role": "user", "content": "What is GST?"}]
    plain = [{"role": "user", "content": "Hello world TOTAL"}]
    one = "<|image|><|begin_of_text|>Extract the TOTAL:"
    two = "<|image|><|begin_of_text|>Read the whole of this receipt, DATE and STORE:"
    extra = {
        "image_not_first": ([f"<|begin_of_text|>Before the picture. <|image|>After TOTAL:"], [["photo"]], "right"),
        "two_images": (["<|image|><|begin_of_text|>First DATE <|image|>second TOTAL:"], [["wide", "tall"]], "right"),
        "adjacent_images": (["<|image|><|image|><|begin_of_text|>Both TOTAL:"], [["grey", "photo"]], "right"),
        "text_only": (["<|begin_of_text|>Hello world TOTAL"], None, "right"),
        "chat_image": ([chat(asked)], [["photo"]], "right"),
        "chat_system": ([chat(system, date_string="26 Jul 2024")], None, "right"),
        "chat_plain": ([chat(plain, date_string="01 Jan 2025")], None, "right"),
        "batch_right": ([one, two], [["wide"], ["photo"]], "right"),
        "batch_left": ([one, two], [["wide"], ["photo"]], "left"),
        "batch_one_image": ([one, two], [["photo"], ["photo"]], "left"),
    }
    for key, (texts, images, side) in extra.items():
        x = inputs(texts, images, side)
        cases[key] = {"images": images or [], "prompts": texts, "padding_side": side} | run(
            model, x, golden, key, layers=key in ("image_not_first", "two_images", "text_only"))
        print(name, key, "smallest gap", cases[key]["smallest_gap"])

    model.to(case["dtype"]).save_pretrained(folder, **({"max_shard_size": case["shards"]} if case["shards"] else {}))
    tokenizer.padding_side = "right"
    processor.save_pretrained(folder)
    save_file(golden.tensors, f"{out}/{name}.golden.safetensors")
    about = {"generator": "training/golden/mllama_tiny.py", "transformers": transformers.__version__,
             "torch": torch.__version__, "pillow": PIL.__version__, "seed": case["seed"], "attention": "eager", "dtype": "float32",
             "new_tokens": NEW_TOKENS, "cases": cases, "tensors": golden.about}
    with open(f"{out}/{name}.golden.json", "w") as f:
        json.dump(about, f, separators=(",", ":"))
    print(name, sum(p.numel() for p in model.parameters()), "parameters")


if __name__ == "__main__":
    target = sys.argv[1]
    torch.set_num_threads(1)
    made = pictures.make(f"{target}/pictures", seed=7)
    for key in sys.argv[2:] or MODELS:
        make(key, MODELS[key], target, made)
