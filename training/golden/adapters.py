"""Makes LoRA adapters for the tiny model with peft, and what the reference says with them: adapters.py OUT_FOLDER

Needs OUT/tiny and OUT/pictures (mllama_tiny.py). Writes OUT/lora-all (every linear weight, ranks and alphas by pattern,
the layout of transformers 4.45), OUT/lora-text (two text projections, rsLoRA, the layout of 4.52 with the adapter's name
left in), and OUT/lora.golden.{json,safetensors}. Weights are random numbers rounded to the 16 bits they are stored in.
"""
import json
import os
import shutil
import sys

import peft
import PIL
import torch
import transformers
from peft import LoraConfig, get_peft_model
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoProcessor, MllamaForConditionalGeneration

assert transformers.__version__ == "4.45.2", transformers.__version__
assert PIL.__version__ == "10.4.0", PIL.__version__  # see mllama_tiny.py
NEW_TOKENS = 40
EVERY = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "fc1", "fc2",
         "multi_modal_projector", "lm_head"]
ADAPTERS = {
    "lora-all": dict(seed=8, dtype=torch.float16, size=0.3, rename=False,
                     config=dict(r=4, lora_alpha=6, target_modules=EVERY,
                                 rank_pattern={"fc1": 3, r"layers\.[02]\.self_attn\.q_proj": 7, "lm_head": 17},
                                 alpha_pattern={"fc1": 5, r"layers\.[02]\.self_attn\.q_proj": 9})),
    "lora-text": dict(seed=6, dtype=torch.bfloat16, size=0.4, rename=True,
                      config=dict(r=5, lora_alpha=4, use_rslora=True,
                                  target_modules=r"language_model\..*\.(q_proj|down_proj)")),
}
CASES = {"photo": ("<|image|><|begin_of_text|>Extract the TOTAL:", "photo.jpg"),
         "image_not_first": ("<|begin_of_text|>Before the picture. <|image|>After TOTAL:", "wide.png"),
         "text_only": ("<|begin_of_text|>Hello world TOTAL", None)}


def renamed(key):
    """4.45's name as 4.52 writes it, with the adapter's name where peft would remove it."""
    for old, new in (("language_model.lm_head.", "lm_head."), ("language_model.model.", "model.language_model."),
                     ("vision_model.", "model.vision_model."), ("multi_modal_projector.", "model.multi_modal_projector.")):
        if key.startswith("base_model.model." + old):
            key = "base_model.model." + new + key[len("base_model.model." + old):]
            break
    return key.replace(".lora_A.", ".lora_A.default.").replace(".lora_B.", ".lora_B.default.")


def base(folder):
    return MllamaForConditionalGeneration.from_pretrained(folder, torch_dtype=torch.float32,
                                                          attn_implementation="eager").eval()


def make(name, spec, out):
    """A PEFT folder with random weights."""
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    model = get_peft_model(base(f"{out}/tiny"), LoraConfig(**spec["config"]))
    g = torch.Generator().manual_seed(spec["seed"])
    with torch.no_grad():
        for key, p in model.named_parameters():
            if "lora_" in key:
                r = torch.randn(p.shape, generator=g) * (p.shape[1] ** -0.5 if "lora_A" in key else spec["size"])
                p.copy_(r.to(spec["dtype"]).float())
    model.save_pretrained(folder, save_embedding_layers=False)
    os.remove(f"{folder}/README.md")
    file = f"{folder}/adapter_model.safetensors"
    tensors = {k: v.to(spec["dtype"]) for k, v in load_file(file).items()}
    save_file({renamed(k) if spec["rename"] else k: v for k, v in tensors.items()}, file, {"format": "pt"})
    config = json.load(open(f"{folder}/adapter_config.json"))
    config["base_model_name_or_path"] = "tiny"
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()
    json.dump(config, open(f"{folder}/adapter_config.json", "w"), indent=1, sort_keys=False)
    return model.eval()


def ask(model, processor, prompt, image):
    kw = {"images": [[image]]} if image is not None else {}
    x = processor(text=[prompt], add_special_tokens=False, return_tensors="pt", **kw)
    model.generation_config.eos_token_id = None
    with torch.no_grad():
        last = model(**x).logits[0, -1]
        out = model.generate(**x, max_new_tokens=NEW_TOKENS, do_sample=False, output_logits=True,
                             return_dict_in_generate=True)
    gap = min(float((v.topk(2).values[:, 0] - v.topk(2).values[:, 1]).min()) for v in out.logits)
    return last.float(), out.sequences[0, x["input_ids"].shape[1]:].tolist(), gap


def main(out):
    processor = AutoProcessor.from_pretrained(f"{out}/tiny")
    about = {"generator": "training/golden/adapters.py", "transformers": transformers.__version__,
             "peft": peft.__version__, "torch": torch.__version__, "cases": {}}
    tensors = {}
    for name, spec in ADAPTERS.items():
        model = make(name, spec, out)
        for case, (prompt, picture) in CASES.items():
            image = Image.open(f"{out}/pictures/{picture}") if picture else None
            logits, greedy, gap = ask(model, processor, prompt, image)
            tensors[f"{name}.{case}.last_logits"] = logits
            about["cases"].setdefault(name, {})[case] = {"prompt": prompt, "picture": picture, "greedy": greedy,
                                                         "smallest_gap": gap}
            print(name, case, "smallest gap", gap)
    save_file(tensors, f"{out}/lora.golden.safetensors")
    json.dump(about, open(f"{out}/lora.golden.json", "w"), separators=(",", ":"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
