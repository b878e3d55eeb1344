"""Before and after, by `docket eval`: needs the built program, no torch."""
import json
import os
import subprocess


def evaluate(docket: str, model: str, truth: str, adapter: str = "", reader: str = "vlm", jobs: int = 1) -> dict:
    """What `docket eval --format json` says. A run that fails raises with its message."""
    command = [docket, "eval", "--truth", truth, "--model", model, "--reader", reader, "--jobs", str(jobs), "--time-limit", "600", "--format", "json"]
    if adapter: command += ["--adapter", adapter]
    # A busy machine cuts no reply short: what is measured is the model.
    done = subprocess.run(command, capture_output=True, text=True, env={"DOCKET_ASK_SECONDS": "600", **os.environ})
    try: return json.loads(done.stdout)
    except ValueError: raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}") from None


def counts(report: dict, asked: list[str]) -> dict:
    """Of the fields asked for: {name: (labelled, right, invented, without a label)}; right as eval's `normalised`."""
    return {f["field"]: (f["n"], f["normalised"], f["invented"], f["without_truth"]) for f in report["fields"] if f["field"] in asked and f["n"] + f["without_truth"]}


def total(rows: dict) -> tuple: return tuple(sum(r[i] for r in rows.values()) for i in range(4))


def error(rows: dict) -> float:
    """Share of all answers that are not right: a wrong or missing value, or one where nothing is labelled."""
    n, right, invented, absent = total(rows)
    return (n - right + invented) / max(1, n + absent)


def table(name: str, before: dict, after: dict) -> str:
    """Markdown: a row a field, and all of them."""
    lines = [f"| {name} | before | after | invented before | after |", "| --- | --- | --- | --- | --- |"]
    for field in [*before, "all fields"]:
        (n, b, bi, absent), (_, a, ai, _) = (total(before), total(after)) if field == "all fields" else (before[field], after.get(field, (0, 0, 0, 0)))
        share = lambda x: f"{x} of {n} ({100 * x / n:.1f} %)" if n else "-"
        lines.append(f"| {field} | {share(b)} | {share(a)} | {bi} of {absent} | {ai} of {absent} |")
    b, a = error(before), error(after)
    change = f", {100 * (1 - a / b):.0f} % fewer" if b and a <= b else f", {100 * (a / b - 1):.0f} % more" if b else ""
    return "\n".join(lines) + f"\n\nAnswers not right: {100 * b:.1f} % before, {100 * a:.1f} % after{change}.\n"


def write_truth(path: str, documents: list, asked: list[str]) -> str:
    """A truth file of these documents with the fields asked for alone: no one expects the others."""
    with open(path, "w") as f:
        for d in documents: f.write(json.dumps({"file": os.path.abspath(d.path), "partial": d.partial, "truth": {k: v for k, v in d.truth.items() if k in asked}}) + "\n")
    return path
