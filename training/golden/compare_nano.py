"""docket and transformers 4.45.2 on the same pictures: compare_nano.py MODEL DOCKET PICTURES_FOLDER OUT.json [options]

Asks both for PROMPT about every picture, greedily, on the same threads, and writes the share of equal texts, the
character error between them, exact fields against truth.jsonl where the folder has one, and median wall times, processor
times and peak memory of each. The reference loads the picture with Pillow, composites and resizes it, and generates;
docket is run once a picture and says its own times without loading. Pillow must be 10.4 (see mllama_tiny.py).
Where MODEL is one that docket quantised (model quantize), the reference runs with its weights dequantised to fp32.
"""
import argparse
import glob
import json
import os
import re
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


def value(name, text):
    """A field in a form that two spellings of one value share."""
    if text is None or text in ("", "NONE", "NOT_FOUND"):
        return None
    if name == "supplier_abn":
        return re.sub(r"\D", "", text)
    if name in ("total_amount", "gst_amount"):
        return re.sub(r"[^0-9.-]", "", text)
    return re.sub(r"\s+", " ", text).strip().upper()


def date(text):
    """What the printed forms of the rendered dockets mean, as ISO."""
    import datetime
    for form in ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%d.%m.%Y", "%d.%m.%y", "%d %b %Y", "%d %b %y", "%d %B %Y", "%Y-%m-%d",
                 "%d%b%y", "%d%b%Y", "%d-%b-%Y", "%d-%b-%y", "%a %d %b %Y", "%a %d/%m/%Y", "%a %d/%m/%y", "%a %d %b %y"):
        try:
            return datetime.datetime.strptime((text or "").replace(",", "").strip(), form).date().isoformat()
        except ValueError:
            pass
    return None


FIELDS = {"supplier_name": "STORE", "supplier_abn": "ABN", "invoice_date": "DATE", "total_amount": "TOTAL", "gst_amount": "GST"}


def exactness(replies, truth):
    """Exact values of those that are printed, by field: "46 of 50"."""
    out = {}
    for name, short in FIELDS.items():
        right = printed = 0
        for path, reply in replies.items():
            want = truth.get(os.path.basename(path), {}).get(name)
            if want is None:
                continue
            said = dict(line.split(": ", 1) for line in reply["text"].split("\n") if ": " in line)
            got = said.get(name.upper(), said.get(short))
            printed += 1
            right += date(got) == want if name == "invoice_date" else value(name, got) == value(name, want)
        out[name] = f"{right} of {printed}"
    return out


def with_old_names(model, folder):
    """The checkpoint as 4.45.2 wants it: tensors and RoPE's parameters under their older names."""
    from safetensors.torch import load_file, save_file
    old = [("model.vision_model.", "vision_model."), ("model.multi_modal_projector.", "multi_modal_projector."),
           ("model.language_model.", "language_model.model."), ("lm_head.", "language_model.lm_head.")]

    def rename(name):
        return next((to + name[len(new):] for new, to in old if name.startswith(new)), name)

    tensors = dequantised(load_file(f"{model}/model.safetensors"))
    save_file({rename(k): v.contiguous() for k, v in tensors.items()}, f"{folder}/model.safetensors", {"format": "pt"})
    config = json.load(open(f"{model}/config.json"))
    config.pop("quantization_config", None)
    rope = config["text_config"].pop("rope_parameters", None)
    if rope:
        config["text_config"]["rope_theta"] = rope.pop("rope_theta")
        config["text_config"]["rope_scaling"] = rope
    json.dump(config, open(f"{folder}/config.json", "w"))


def dequantised(tensors):
    """A checkpoint of bitsandbytes with the weights in fp32 that its codes and scales stand for."""
    import bitsandbytes.functional as F
    out = {}
    for name, tensor in tensors.items():
        if not name.endswith(".weight") and ".weight." in name or name.endswith((".SCB", ".weight_format")):
            continue
        stats = {k[len(name) + 1:]: v for k, v in tensors.items() if k.startswith(name + ".")}
        if f"{name[:-7]}.SCB" in tensors:
            tensor = tensor.float() * (tensors[f"{name[:-7]}.SCB"].float() / 127)[:, None]
        elif stats:
            state = F.QuantState.from_dict(stats, device=tensor.device)
            state.dtype = dtype_of("float32")  # as a linear of fp32 compute type multiplies
            tensor = F.dequantize_4bit(tensor, state)
        out[name] = tensor
    return out


def dtype_of(name):
    import torch
    return getattr(torch, name)


def reference_model(args):
    import torch
    from transformers import MllamaForConditionalGeneration
    folder = tempfile.mkdtemp()
    with_old_names(args.model, folder)
    torch.set_num_threads(args.threads)
    model = MllamaForConditionalGeneration.from_pretrained(folder, torch_dtype=getattr(torch, args.dtype),
                                                           attn_implementation="eager").eval()
    shutil.rmtree(folder)
    return model


def remembered(args):
    """What --cache holds of this model, prompt and type: replies by picture, so that a run can stop and go on."""
    if not args.cache or not os.path.exists(args.cache):
        return {}
    return {r["picture"]: r for r in map(json.loads, open(args.cache)) if r["key"] == key_of(args)}


def key_of(args):
    return [os.path.abspath(args.model), args.prompt, args.dtype, args.tokens, args.threads]


def answers(known, pictures):
    replies = {path: known[os.path.realpath(path)] for path in pictures}
    return {"replies": replies, "peak_mb": max(r["peak_mb"] for r in replies.values())}


def reference(args, pictures):
    """Replies by picture and the process's peak in MB; a picture that the cache knows is not asked again."""
    known = remembered(args)
    if all(os.path.realpath(path) in known for path in pictures):
        return answers(known, pictures)
    import torch
    from PIL import Image
    from tokenizers import Tokenizer
    from transformers.models.mllama import image_processing_mllama as ip
    model = reference_model(args)
    config = model.config
    side = config.vision_config.image_size
    processor = ip.MllamaImageProcessor(size={"height": side, "width": side}, max_image_tiles=config.vision_config.max_num_tiles,
                                        image_mean=[0.48145466, 0.4578275, 0.40821073],
                                        image_std=[0.26862954, 0.26130258, 0.27577711])
    tokenizer = Tokenizer.from_file(f"{args.model}/tokenizer.json")
    ids = torch.tensor([tokenizer.encode(args.prompt, add_special_tokens=False).ids])
    eos = config.text_config.eos_token_id
    ends = [eos] if isinstance(eos, int) else eos
    image_row = ids[0].tolist().index(config.image_token_index)
    for path in pictures:
        if os.path.realpath(path) in known:
            continue
        start, busy = time.perf_counter(), time.process_time()
        x = processor([[Image.open(path)]], return_tensors="pt")
        tiles = x.pop("num_tiles")[0][0]
        mask = torch.zeros(1, ids.shape[1], 1, config.vision_config.max_num_tiles, dtype=torch.long)
        mask[:, image_row:, :, :tiles] = 1
        with torch.no_grad():
            y = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=x["pixel_values"].to(model.dtype),
                               aspect_ratio_ids=x["aspect_ratio_ids"], aspect_ratio_mask=x["aspect_ratio_mask"],
                               cross_attention_mask=mask, max_new_tokens=args.tokens, do_sample=False, eos_token_id=eos,
                               pad_token_id=ends[0])
        reply = [t for t in y[0, ids.shape[1]:].tolist() if t not in ends]
        answer = {"key": key_of(args), "picture": os.path.realpath(path),
                  "text": tokenizer.decode(reply, skip_special_tokens=False),
                  "seconds": time.perf_counter() - start, "busy": time.process_time() - busy,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        known[answer["picture"]] = answer
        if args.cache:
            with open(args.cache, "a") as file:
                file.write(json.dumps(answer) + "\n")
    return answers(known, pictures)


def docket(args, pictures, quant):
    out, peak = {}, 0
    for path in pictures:
        command = [args.docket, "ask", "--model", args.model, "--quant", quant, "--threads", str(args.threads), "--json", "--raw",
                   "--max-new-tokens", str(args.tokens), "--image", path, args.prompt]
        start = time.perf_counter()
        run = subprocess.run(["/usr/bin/env", sys.executable, "-c", MEASURE, *command], capture_output=True, text=True)
        said, (memory, busy) = json.loads(run.stdout.splitlines()[0]), map(float, run.stderr.split()[-2:])
        peak = max(peak, memory / 1024)
        out[path] = {"text": said["text"], "seconds": (said["encode_ms"] + said["prefill_ms"] + said["decode_ms"]) / 1000,
                     "process_seconds": time.perf_counter() - start, "busy": busy}
    return {"replies": out, "peak_mb": peak}


MEASURE = ("import resource,subprocess,sys; subprocess.run(sys.argv[1:]); "
           "r = resource.getrusage(resource.RUSAGE_CHILDREN); print(r.ru_maxrss, r.ru_utime + r.ru_stime, file=sys.stderr)")


def main():
    p = argparse.ArgumentParser()
    for name in ("model", "docket", "pictures", "out"):
        p.add_argument(name)
    p.add_argument("--prompt", default="<|image|><|begin_of_text|><|fields|>")
    p.add_argument("--tokens", type=int, default=200)
    p.add_argument("--limit", type=int, default=10**9)
    p.add_argument("--dtype", default="float32")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--cache", help="a file that keeps the reference's replies from run to run")
    p.add_argument("--quants", default="none,int8,nf4,fp4")
    args = p.parse_args()
    pictures = sorted(sum((glob.glob(f"{args.pictures}/*.{e}") for e in ("png", "jpg")), []))[:args.limit]
    truth = {}
    if os.path.exists(f"{args.pictures}/truth.jsonl"):
        truth = {(r := json.loads(line))["file"]: r["truth"] for line in open(f"{args.pictures}/truth.jsonl")}
    ref = reference(args, pictures)
    report = {"pictures": len(pictures), "prompt": args.prompt, "dtype": args.dtype,
              "load": os.getloadavg()[1], "rows": {}}
    seconds = lambda r, k="seconds": round(statistics.median(v[k] for v in r["replies"].values()), 3)
    report["rows"]["transformers"] = {"median_s": seconds(ref), "median_busy_s": seconds(ref, "busy"),
                                      "peak_mb": round(ref["peak_mb"]), "exact": exactness(ref["replies"], truth)}
    for quant in [q for q in args.quants.split(",") if q]:
        got = docket(args, pictures, quant)
        pairs = [(got["replies"][f]["text"], ref["replies"][f]["text"]) for f in pictures]
        lines = [(g, w) for a, b in pairs for g, w in zip(a.split("\n"), b.split("\n"))]
        report["rows"][f"docket {quant}"] = {
            "median_s": seconds(got), "median_process_s": seconds(got, "process_seconds"),
            "median_process_busy_s": seconds(got, "busy"), "peak_mb": round(got["peak_mb"]),
            "equal_texts": round(sum(a == b for a, b in pairs) / len(pairs), 4),
            "equal_lines": round(sum(a == b for a, b in lines) / max(1, len(lines)), 4),
            "character_error": round(sum(distance(a, b) for a, b in pairs) / max(1, sum(len(b) for _, b in pairs)), 5),
            "exact": exactness(got["replies"], truth)}
        report["differ_" + quant] = [os.path.basename(f) for f, (a, b) in zip(pictures, pairs) if a != b][:20]
    json.dump(report, open(args.out, "w"), indent=1)
    print(json.dumps(report["rows"], indent=1))


if __name__ == "__main__":
    main()
