"""docket and transformers 4.45.2 on the same pictures: compare_nano.py MODEL DOCKET PICTURES_FOLDER OUT.json [options]

Asks both for PROMPT about every picture, greedily, on the same two threads, and writes the replies, the share of equal
texts, the character error between them, and median times and peak memory of each. The reference loads the picture with
Pillow, composites and resizes it, and generates; docket is run once a picture and says its own times without loading.
"""
import argparse
import glob
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def with_old_names(model, folder):
    """The checkpoint as 4.45.2 wants it: tensors and RoPE's parameters under their older names."""
    from safetensors.torch import load_file, save_file
    old = [("model.vision_model.", "vision_model."), ("model.multi_modal_projector.", "multi_modal_projector."),
           ("model.language_model.", "language_model.model."), ("lm_head.", "language_model.lm_head.")]

    def rename(name):
        return next((to + name[len(new):] for new, to in old if name.startswith(new)), name)

    save_file({rename(k): v for k, v in load_file(f"{model}/model.safetensors").items()}, f"{folder}/model.safetensors",
              {"format": "pt"})
    config = json.load(open(f"{model}/config.json"))
    rope = config["text_config"].pop("rope_parameters", None)
    if rope:
        config["text_config"]["rope_theta"] = rope.pop("rope_theta")
        config["text_config"]["rope_scaling"] = rope
    json.dump(config, open(f"{folder}/config.json", "w"))


def reference(args, pictures):
    import torch
    from PIL import Image
    from tokenizers import Tokenizer
    from transformers import MllamaForConditionalGeneration
    from transformers.models.mllama import image_processing_mllama as ip
    torch.set_num_threads(2)
    folder = tempfile.mkdtemp()
    with_old_names(args.model, folder)
    model = MllamaForConditionalGeneration.from_pretrained(folder, torch_dtype=getattr(torch, args.dtype),
                                                           attn_implementation="eager").eval()
    config = model.config
    side = config.vision_config.image_size
    processor = ip.MllamaImageProcessor(size={"height": side, "width": side}, max_image_tiles=config.vision_config.max_num_tiles,
                                        image_mean=[0.48145466, 0.4578275, 0.40821073],
                                        image_std=[0.26862954, 0.26130258, 0.27577711])
    tokenizer = Tokenizer.from_file(f"{args.model}/tokenizer.json")
    ids = torch.tensor([tokenizer.encode(args.prompt, add_special_tokens=False).ids])
    eos = config.text_config.eos_token_id
    out = {}
    for path in pictures:
        start = time.perf_counter()
        x = processor([[Image.open(path)]], return_tensors="pt")
        tiles = x.pop("num_tiles")[0][0]
        mask = torch.zeros(1, ids.shape[1], 1, config.vision_config.max_num_tiles, dtype=torch.long)
        mask[:, :, :, :tiles] = 1
        with torch.no_grad():
            y = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=x["pixel_values"].to(model.dtype),
                               aspect_ratio_ids=x["aspect_ratio_ids"], aspect_ratio_mask=x["aspect_ratio_mask"],
                               cross_attention_mask=mask, max_new_tokens=args.tokens, do_sample=False, eos_token_id=eos,
                               pad_token_id=eos if isinstance(eos, int) else eos[0])
        reply = [t for t in y[0, ids.shape[1]:].tolist() if t != eos]
        out[path] = {"text": tokenizer.decode(reply, skip_special_tokens=False), "seconds": time.perf_counter() - start}
    shutil.rmtree(folder)
    return {"replies": out, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def docket(args, pictures, quant):
    out, peak = {}, 0
    for path in pictures:
        command = [args.docket, "ask", "--model", args.model, "--quant", quant, "--threads", "2", "--json", "--raw",
                   "--max-new-tokens", str(args.tokens), "--image", path, args.prompt]
        start = time.perf_counter()
        run = subprocess.run(["/usr/bin/env", sys.executable, "-c", MEASURE, *command], capture_output=True, text=True)
        said, memory = json.loads(run.stdout.splitlines()[0]), int(run.stderr.split()[-1])
        peak = max(peak, memory / 1024)
        out[path] = {"text": said["text"], "seconds": (said["encode_ms"] + said["prefill_ms"] + said["decode_ms"]) / 1000,
                     "process_seconds": time.perf_counter() - start}
    return {"replies": out, "peak_mb": peak}


MEASURE = ("import resource,subprocess,sys; subprocess.run(sys.argv[1:]); "
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)")


def main():
    p = argparse.ArgumentParser()
    for name in ("model", "docket", "pictures", "out"):
        p.add_argument(name)
    p.add_argument("--prompt", default="<|image|><|begin_of_text|><|fields|>")
    p.add_argument("--tokens", type=int, default=200)
    p.add_argument("--limit", type=int, default=10**9)
    p.add_argument("--dtype", default="float32")
    p.add_argument("--quants", default="none,int8,nf4,fp4")
    args = p.parse_args()
    pictures = sorted(sum((glob.glob(f"{args.pictures}/*.{e}") for e in ("png", "jpg")), []))[:args.limit]
    ref = reference(args, pictures)
    report = {"pictures": len(pictures), "prompt": args.prompt, "dtype": args.dtype, "rows": {}}
    seconds = lambda r, k="seconds": round(statistics.median(v[k] for v in r["replies"].values()), 3)
    report["rows"]["transformers"] = {"median_s": seconds(ref), "peak_mb": round(ref["peak_mb"])}
    for quant in [q for q in args.quants.split(",") if q]:
        got = docket(args, pictures, quant)
        pairs = [(got["replies"][f]["text"], ref["replies"][f]["text"]) for f in pictures]
        lines = [(g, w) for a, b in pairs for g, w in zip(a.split("\n"), b.split("\n"))]
        report["rows"][f"docket {quant}"] = {
            "median_s": seconds(got), "median_process_s": seconds(got, "process_seconds"), "peak_mb": round(got["peak_mb"]),
            "equal_texts": round(sum(a == b for a, b in pairs) / len(pairs), 4),
            "equal_lines": round(sum(a == b for a, b in lines) / max(1, len(lines)), 4),
            "character_error": round(sum(distance(a, b) for a, b in pairs) / max(1, sum(len(b) for _, b in pairs)), 5)}
        report["differ_" + quant] = [os.path.basename(f) for f, (a, b) in zip(pictures, pairs) if a != b][:20]
    json.dump(report, open(args.out, "w"), indent=1)
    print(json.dumps(report["rows"], indent=1))


if __name__ == "__main__":
    main()
