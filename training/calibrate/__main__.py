"""python -m training.calibrate DOCKET TRUTH [TRUTH ...] [--reader both] [--write]: refits the confidences, one command.

Reads the documents of every truth file with `DOCKET eval` and fits, for each field with enough values, two constants (a, b) of
logit(new) = a + b logit(old) on whether the value was right, by Newton's method with a weak pull to (0, 1), which matters for small samples
only. That turns a row of src/fields/calibration.inc into slope b * slope, offset a + b * offset, reading b * reading, so the same rows can be
refitted again and again. Thresholds stay: they say how many wrong values one is ready to take, which no fit can know. Prints for each field n and
the expected calibration error before, after, and held out (fitted on every other value, judged on the rest); a row is kept where the held-out
error is no better than the old one. --write changes the file. Use documents that nothing was tuned on: rendered ones (training/generate), and
corrections of your own. Values below the threshold are not given and so not seen here."""
import argparse
import json
import math
import os
import re
import subprocess

ROWS = os.path.join(os.path.dirname(__file__), "../../src/fields/calibration.inc")
ROW = re.compile(r"^CALIBRATION\((k\w+), ([-\d.]+), ([-\d.]+), ([-\d.]+), ([-\d.]+)\)$")
DEFAULT = (1.0, 0.5, 2.0, 0.55)  # kDefault of src/fields/choose.cpp
FEWEST = 40                      # values of a field, for two constants
PULL = (1.0, 2.0)                # of a to 0, of b to 1: as many values' worth


def logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def logistic(x: float) -> float: return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def fit(values: list[tuple[float, bool]]) -> tuple[float, float]:
    """(a, b) for (confidence, right) pairs: logistic regression with a normal prior around (0, 1)."""
    a, b = 0.0, 1.0
    for _ in range(50):
        ga, gb, haa, hab, hbb = PULL[0] * a, PULL[1] * (b - 1), PULL[0], 0.0, PULL[1]
        for confidence, right in values:
            x = logit(confidence)
            p = logistic(a + b * x)
            ga += p - right; gb += (p - right) * x
            w = p * (1 - p)
            haa += w; hab += w * x; hbb += w * x * x
        det = haa * hbb - hab * hab
        da, db = (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det
        a, b = a - da, max(0.05, b - db)
        if abs(da) + abs(db) < 1e-9: break
    return a, b


def ece(values: list[tuple[float, bool]], a: float = 0.0, b: float = 1.0) -> float:
    """Ten bins of equal width, as src/eval/statistics.h."""
    bins: dict[int, list[float]] = {}
    for confidence, right in values:
        p = confidence if (a, b) == (0.0, 1.0) else logistic(a + b * logit(confidence))
        s = bins.setdefault(min(9, int(p * 10)), [0.0, 0.0])
        s[0] += p; s[1] += right
    return sum(abs(p - r) for p, r in bins.values()) / max(1, len(values))


def held_out(values: list[tuple[float, bool]]) -> float:
    even, odd = values[0::2], values[1::2]
    return (ece(odd, *fit(even)) * len(odd) + ece(even, *fit(odd)) * len(even)) / max(1, len(values))


def identifier(field: str) -> str: return "k" + "".join(part.capitalize() for part in field.split("_"))


def refit(text: str, values: dict[str, list[tuple[float, bool]]]) -> tuple[str, list[str]]:
    """The text of calibration.inc with the rows of fields that gain, and a line of report for each field."""
    lines, report = text.rstrip("\n").split("\n"), []
    for field, scored in sorted(values.items()):
        if len(scored) < FEWEST: continue
        name = identifier(field)
        at = next((i for i, line in enumerate(lines) if (m := ROW.match(line)) and m[1] == name), None)
        slope, offset, reading, threshold = DEFAULT if at is None else tuple(float(x) for x in ROW.match(lines[at]).groups()[1:])
        a, b = fit(scored)
        before, after, fresh = ece(scored), ece(scored, a, b), held_out(scored)
        gains = fresh < before
        report.append(f"{field:24} n {len(scored):4}  ECE {before:.3f} -> {after:.3f}, held out {fresh:.3f}  a {a:+.2f} b {b:.2f}{'' if gains else '  kept as it is'}")
        if not gains: continue
        row = f"CALIBRATION({name}, {b * slope:.2f}, {a + b * offset:.2f}, {b * reading:.2f}, {threshold:g})"
        if at is None: lines.append(row)
        else: lines[at] = row
    return "\n".join(lines) + "\n", report


def scored_values(docket: str, truth: str, reader: str) -> dict[str, list[tuple[float, bool]]]:
    done = subprocess.run([docket, "eval", "--truth", truth, "--reader", reader, "--format", "json"], capture_output=True, text=True)
    if not done.stdout: raise SystemExit(done.stderr.strip() or f"{docket} eval gave nothing for {truth}")
    return {field: [(c, bool(r)) for c, r in row["values"]] for field, row in json.loads(done.stdout)["calibration"]["by_field"].items()}


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__.split("\n\n")[0])
    p.add_argument("docket"); p.add_argument("truth", nargs="+")
    p.add_argument("--reader", default="both", choices=["both", "vlm", "ocr", "auto"]); p.add_argument("--write", action="store_true")
    a = p.parse_args()
    values: dict[str, list[tuple[float, bool]]] = {}
    for truth in a.truth:
        for field, scored in scored_values(a.docket, truth, a.reader).items(): values.setdefault(field, []).extend(scored)
    with open(ROWS) as f: text = f.read()
    changed, report = refit(text, values)
    print("\n".join(report))
    if a.write:
        with open(ROWS, "w") as f: f.write(changed)


if __name__ == "__main__": main()
