"""python -m training.engine_table DOCKET MODEL DIR [...] [--limit N] [--quant none int8 nf4 fp4] [--threads 2]: the engine's accuracy,
memory and seconds for each way of keeping the weights. --present compares how many true totals and dates stand in transcripts
of the model, of Tesseract, and of either (DIR needs truth.jsonl; transcripts are made with `docket ask` and `tesseract`)."""
import argparse
import json
import os
import re
import subprocess
import time

from . import dates

FIELDS = "Extract the fields of this receipt as KEY: VALUE lines. Use NOT_FOUND for anything that is not printed."
READ = "Transcribe this document."
SCORED = ["document_type", "supplier_name", "supplier_abn", "invoice_date", "gst_amount", "total_amount"]
DATES = re.compile(r"\d{1,4}\s?[-/. ]\s?(?:\d{1,2}|[A-Za-z]{3,9})\s?[-/. ,']\s?\d{1,4}|\d{1,2}[A-Za-z]{3}\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}")


def documents(folder: str, limit: int) -> list[dict]:
    with open(os.path.join(folder, "truth.jsonl")) as f: rows = [json.loads(line) for line in f][:limit]
    return [dict(path=os.path.join(folder, r["file"]), truth=r["truth"]) for r in rows]


def ask(docket: str, model: str, picture: str, question: str, quant: str, threads: int, tokens: int) -> dict:
    """The reply, its milliseconds and the process's largest memory in MB."""
    done = subprocess.run(["/usr/bin/env", "time", "-f", "%M", docket, "ask", "--model", model, "--quant", quant, "--threads", str(threads), "--image", picture, "--json",
                           "--max-new-tokens", str(tokens), question], capture_output=True, text=True)
    if done.returncode: raise RuntimeError(f"{picture}: {done.stderr.strip()[-300:]}")
    reply = json.loads(done.stdout)
    return dict(text=reply["text"], ms=reply["encode_ms"] + reply["prefill_ms"] + reply["decode_ms"], mb=int(done.stderr.split()[-1]) / 1024)


def total_present(text: str, total: str) -> bool:
    """The amount as a number of its own, with or without thousands separators."""
    return any(m.replace(",", "") == total.lstrip("-") for m in re.findall(r"(?<![\d.])\d[\d,]*\.\d\d(?!\d)", text))


def date_present(text: str, date: str, month_first: bool = False) -> bool:
    return any(dates.iso(re.sub(r"\s+", " ", m), month_first) == date for m in DATES.findall(text))


def table(a) -> None:
    from .evaluate import parse, verdict
    for quant in a.quant:
        for folder in a.folders:
            tally, ms, mb = {}, [], 0.0
            for d in documents(folder, a.limit):
                reply = ask(a.docket, a.model, d["path"], FIELDS, quant, a.threads, 220)
                got = parse(reply["text"])
                ms.append(reply["ms"]); mb = max(mb, reply["mb"])
                for f in SCORED:
                    if f not in d["truth"]: continue
                    v = verdict(f, d["truth"][f], got.get(f), d["truth"].get("currency") == "USD")
                    tally.setdefault(f, {}).setdefault(v, 0); tally[f][v] += 1
            parts = []
            for f, t in tally.items():
                n = t.get("exact", 0) + t.get("wrong", 0) + t.get("missing", 0)
                parts.append(f"{f} {t.get('exact', 0)}/{n}" + (f" invented {t['invented']}/{t['invented'] + t.get('absent', 0)}" if t.get("invented") else ""))
            print(f"{quant:5} {folder}: {len(ms)} documents, {sorted(ms)[len(ms) // 2] / 1000:.2f} s median, {mb:.0f} MB; " + ", ".join(parts), flush=True)


def present(a) -> None:
    for folder in a.folders:
        seen = {who: {"total": 0, "date": 0} for who in ("model", "tesseract", "either")}
        counted = {"total": 0, "date": 0}
        for d in documents(folder, a.limit):
            texts = [ask(a.docket, a.model, d["path"], READ, a.quant[0], a.threads, 620)["text"],
                     subprocess.run(["tesseract", d["path"], "-", "--psm", "6"], capture_output=True, text=True, check=True, env={**os.environ, "OMP_THREAD_LIMIT": str(a.threads)}).stdout]
            for what, want, test in (("total", d["truth"].get("total_amount"), total_present), ("date", d["truth"].get("invoice_date"), date_present)):
                if not want: continue
                counted[what] += 1
                found = [test(t, want) for t in texts]
                for who, hit in zip(seen, (*found, any(found))): seen[who][what] += hit
        for who, hits in seen.items(): print(f"{folder} {who:9} " + ", ".join(f"{w} {n} of {counted[w]}" for w, n in hits.items()), flush=True)


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.engine_table")
    p.add_argument("docket"); p.add_argument("model"); p.add_argument("folders", nargs="+")
    p.add_argument("--limit", type=int, default=10**9); p.add_argument("--quant", nargs="+", default=["none", "int8", "nf4", "fp4"]); p.add_argument("--threads", type=int, default=2)
    p.add_argument("--present", action="store_true")
    a = p.parse_args()
    start = time.time()
    (present if a.present else table)(a)
    print(f"{time.time() - start:.0f} s in all")


if __name__ == "__main__":
    main()
