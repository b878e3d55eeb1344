"""bitsandbytes and transformers read what docket quantised: load_quantized.py QUANTIZED_MODEL FORWARD.safetensors PICTURE PROMPT

FORWARD is docket's own run of the same model: docket forward --model QUANTIZED_MODEL --image PICTURE --prompt PROMPT --out FORWARD.
Every linear becomes bitsandbytes' Linear4bit or Linear8bitLt, made from the file's tensors by its own code
(Params4bit.from_prequantized, the SCB of Int8Params), with fp32 as compute type; transformers runs the model. transformers'
own loader for such files needs a GPU, so its step of replacing the modules is done here.
"""
import json
import sys

import quantized  # noqa: F401  (takes bitsandbytes' PyTorch definitions, see there)
import bitsandbytes as bnb
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoConfig, AutoProcessor, MllamaForConditionalGeneration


class Int8Linear(torch.nn.Module):
    """W = q * SCB / 127 in fp32; Linear8bitLt would round the activations to 8 bits as well, which docket does not."""

    def __init__(self, q, scb, bias):
        super().__init__()
        self.weight, self.bias = q.float() * (scb.float() / 127)[:, None], bias

    def forward(self, x):
        return torch.nn.functional.linear(x, self.weight, self.bias)


def linear4(tensors, name, bias):
    stats = {k: v for k, v in tensors.items() if k.startswith(name + ".weight.")}
    module = bnb.nn.Linear4bit(1, 1, bias=bias is not None, compute_dtype=torch.float32)
    module.weight = bnb.nn.Params4bit.from_prequantized(tensors[name + ".weight"], stats, device="cpu")
    module.weight.quant_state.dtype = torch.float32
    module.bias = None if bias is None else torch.nn.Parameter(bias.float())
    return module


def main(folder, forward, picture, prompt):
    tensors = load_file(f"{folder}/model.safetensors")
    config = AutoConfig.from_pretrained(folder)
    del config.quantization_config
    model = MllamaForConditionalGeneration._from_config(config, attn_implementation="eager", torch_dtype=torch.float32).eval()
    replaced = 0
    for name, module in list(model.named_modules()):
        if not isinstance(module, torch.nn.Linear):
            continue
        bias = tensors.get(name + ".bias")
        if tensors[name + ".weight"].dtype == torch.uint8:
            new = linear4(tensors, name, bias)
        elif tensors[name + ".weight"].dtype == torch.int8:
            new = Int8Linear(tensors[name + ".weight"], tensors[name + ".SCB"], None if bias is None else bias.float())
        else:
            continue
        model.set_submodule(name, new) if hasattr(model, "set_submodule") else setattr(
            model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2], new)
        replaced += 1
    plain = {k: v.float() for k, v in tensors.items() if v.is_floating_point() and k in model.state_dict()}
    model.load_state_dict(plain, strict=False)
    x = AutoProcessor.from_pretrained(folder)(text=[prompt], images=[[Image.open(picture)]], add_special_tokens=False,
                                              return_tensors="pt")
    with torch.no_grad():
        want = model(**x).logits
    got = load_file(forward)["logits"].reshape(want.shape)
    print(json.dumps({"transformers": transformers.__version__, "bitsandbytes": bnb.__version__, "modules": replaced,
                      "max_abs": float((got - want).abs().max()), "relative_l2": float((got - want).norm() / want.norm())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
