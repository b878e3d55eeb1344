"""Goldens of bitsandbytes' own arithmetic on the CPU: quantized.py OUT_FOLDER

Writes OUT/quant.golden.{safetensors,json} (4-bit and int8 at awkward sizes) and the tiny model of mllama_tiny.py in nf4 with
double quantisation (OUT/tiny-nf4; fp4 and int8 are made the same way, but only their logits are kept), with the reference's
logits for nf4, fp4 and int8 in OUT/tiny-quant.golden.safetensors. Those run with the dequantised weights in fp32, which is what a bitsandbytes linear with
fp32 compute type multiplies by. The int8 logits use W = q * SCB / 127 likewise (no activation quantisation).
"""
import ctypes
import hashlib
import json
import shutil
import sys

# bitsandbytes' C++ library for CPUs overwrites entry 0 of the 8-bit map and crashes on a block of zeros; without it, its own
# PyTorch definition of each operation runs, which is what its GPU kernels are tested against.
load_library = ctypes.cdll.LoadLibrary


def without_bitsandbytes(path):
    if "bitsandbytes" in str(path):
        raise OSError("left out on purpose")
    return load_library(path)


ctypes.cdll.LoadLibrary = without_bitsandbytes
import bitsandbytes  # noqa: E402
import bitsandbytes.functional as F
import torch
from bitsandbytes.backends import utils
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoProcessor, MllamaForConditionalGeneration

# The CPU backend refuses an odd number of values unless it is 1, so odd sizes are tested against the definition instead.
# 0.48.2's PyTorch definition carries FP4's values rounded to four digits; its files and GPU kernels have the exact ones.
utils.CODE["fp4"] = F.get_4bit_type("fp4", device="cpu")
SIZES = [(1, 128), (3, 128), (5, 40), (7, 130), (1, 2), (2, 33), (64, 66), (129, 256), (32, 96)]


def sample(shape, dtype, g):
    """Normal values with outliers, zeros, exact codebook midpoints and a block of one repeated value."""
    x = torch.randn(shape, generator=g).reshape(-1) * 0.02
    x[torch.rand(x.shape, generator=g) < 0.01] *= 30
    x[torch.rand(x.shape, generator=g) < 0.02] = 0
    if x.numel() > 256:
        x[64:128] = 0.125
        x[128:192] = torch.linspace(-1, 1, 64)
    return x.reshape(shape).to(dtype)


def tables(out):
    g = torch.Generator().manual_seed(3)
    t, about = {}, []
    for n, (rows, cols) in enumerate(SIZES):
        # The PyTorch definition scales a partial last block in the weight's own type, GPU kernels in fp32.
        dtype = [torch.float32, torch.bfloat16, torch.float16][n % 3] if rows * cols % 128 == 0 else torch.float32
        x = sample((rows, cols), dtype, g)
        t[f"{n}.x"] = x
        entry = {"id": n, "rows": rows, "cols": cols, "dtype": str(dtype).split(".")[1], "cases": []}
        for kind in ("nf4", "fp4"):
            for block, nested in ((64, False), (64, True), (128, False)):
                if rows * cols > 9000 and block == 128:
                    continue
                packed, state = F.quantize_4bit(x, blocksize=block, quant_type=kind, compress_statistics=nested)
                # In fp32: for bf16 the CPU backend rounds the codebook first, which the GPU kernels do not.
                # The values would double the file; a digest pins them all.
                state.dtype = torch.float32
                deq = F.dequantize_4bit(packed, state)
                key = f"{n}.{kind}.{block}.{int(nested)}"
                t[f"{key}.packed"] = packed
                case = {"kind": kind, "block": block, "nested": nested, "key": key, "dequantized_sha256": digest(deq)}
                if nested:
                    t[f"{key}.absmax_q"] = state.absmax
                    t[f"{key}.nested_absmax"] = state.state2.absmax
                    t["nested_code"] = state.state2.code
                    case["offset"] = float(state.offset)
                elif kind == "nf4":
                    t[f"{key}.absmax"] = state.absmax
                t[f"{kind}.code"] = state.code
                entry["cases"].append(case)
        if n % 3 != 1:
            q, scb, _ = torch.ops.bitsandbytes.int8_vectorwise_quant(x.half(), 0.0)
            t[f"{n}.int8"], t[f"{n}.scb"] = q, scb
            entry["int8"] = True
        about.append(entry)
    save_file(t, f"{out}/quant.golden.safetensors")
    json.dump({"generator": "training/golden/quantized.py", "bitsandbytes": bitsandbytes.__version__, "torch": torch.__version__,
               "seed": 3, "sizes": about}, open(f"{out}/quant.golden.json", "w"), indent=1)


def digest(tensor):
    return hashlib.sha256(tensor.reshape(-1).clone().view(torch.uint8).numpy().tobytes()).hexdigest()


def linears(model):
    return {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and n != "language_model.lm_head"}


def quantized_model(out, name, kind, nested):
    """The tiny checkpoint as bitsandbytes would save it, and the reference's logits with its dequantised weights."""
    model = MllamaForConditionalGeneration.from_pretrained(f"{out}/tiny", torch_dtype=torch.float32,
                                                           attn_implementation="eager").eval()
    stored = {k: v for k, v in load_file(f"{out}/tiny/model.safetensors").items()}
    with torch.no_grad():
        for path, module in linears(model).items():
            w, key = module.weight, f"{path}.weight"
            if kind == "int8":
                q, scb, _ = torch.ops.bitsandbytes.int8_vectorwise_quant(w.data.half(), 0.0)
                stored[key], stored[f"{path}.SCB"] = q, scb
                stored[f"{path}.weight_format"] = torch.tensor(0, dtype=torch.uint8)
                w.copy_(q.float() * scb[:, None] / 127)
            else:
                packed, state = F.quantize_4bit(w.data, quant_type=kind, compress_statistics=nested)
                stored[key] = packed
                for k, v in state.as_dict(packed=True).items():
                    stored[f"{key}.{k}"] = v
                w.copy_(F.dequantize_4bit(packed, state))
    folder = f"{out}/tiny-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(f"{out}/tiny", folder, ignore=shutil.ignore_patterns("*.safetensors", "tokenizer*", "special*"))
    save_file({k: v.contiguous() for k, v in stored.items()}, f"{folder}/model.safetensors", {"format": "pt"})
    config = json.load(open(f"{folder}/config.json"))
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_8bit": kind == "int8",
                                     "load_in_4bit": kind != "int8", "bnb_4bit_quant_type": kind,
                                     "bnb_4bit_use_double_quant": nested, "bnb_4bit_compute_dtype": "float32",
                                     "bnb_4bit_quant_storage": "uint8", "llm_int8_threshold": 6.0,
                                     "llm_int8_skip_modules": None}
    json.dump(config, open(f"{folder}/config.json", "w"), indent=1)
    processor = AutoProcessor.from_pretrained(f"{out}/tiny")
    prompt = "<|image|><|begin_of_text|>Extract the DATE and TOTAL of photo.\nDATE:"
    x = processor(images=Image.open(f"{out}/pictures/photo.jpg"), text=prompt, add_special_tokens=False, return_tensors="pt")
    with torch.no_grad():
        logits = model(**x).logits[:, -1]
    if name != "nf4":
        shutil.rmtree(folder)
    return logits


if __name__ == "__main__":
    target = sys.argv[1]
    torch.set_num_threads(1)
    tables(target)
    save_file({f"{n}.last_logits": quantized_model(target, n, k, d) for n, k, d in
               (("nf4", "nf4", True), ("fp4", "fp4", False), ("int8", "int8", False))}, f"{target}/tiny-quant.golden.safetensors")
