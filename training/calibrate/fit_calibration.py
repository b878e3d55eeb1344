"""Fits the three constants of one field's row in src/fields/calibration.inc.

    fields_score WORDS TRUTH --dump FIELD > a.jsonl      (built with slope 1, offset 0, reading 0 for that field)
    python fit_calibration.py a.jsonl [b.jsonl ...]

Each document with a best candidate and a truth is one example: its raw probability p, the reader's confidence in the
worst word, and whether the best candidate is right. Logistic regression with a weak pull towards (1, 0, 0); the pull
matters for small samples only. Prints the constants, and the calibration error within the sample and held out (even
documents fitted, odd ones judged, and the reverse).
"""

import json
import math
import sys


def load(paths):
    rows = []
    for path in paths:
        for line in open(path):
            row = json.loads(line)
            if row["truth"] is None or not row["candidates"]:
                continue
            p = min(max(row["confidence"], 1e-6), 1 - 1e-6)
            best = row["candidates"][0]
            rows.append((math.log(p / (1 - p)), best["word_confidence"] - 0.9, 1.0 if best["right"] else 0.0))
    return rows


def probability(w, row):
    x = w[1] + w[0] * row[0] + w[2] * row[1]
    return 1 / (1 + math.exp(-max(-30, min(30, x))))


def fit(rows, prior=(1.0, 0.0, 0.0), pull=(2.0, 0.5, 0.05), rounds=4000, rate=0.5):
    w = list(prior)
    for _ in range(rounds):
        gradient = [pull[k] * (w[k] - prior[k]) for k in range(3)]
        for row in rows:
            error = probability(w, row) - row[2]
            gradient[0] += error * row[0]
            gradient[1] += error
            gradient[2] += error * row[1]
        for k in range(3):
            w[k] -= rate * gradient[k] / (len(rows) * (6 if k == 0 else 1) if k < 2 else len(rows) * 0.05)
        w[0], w[2] = max(w[0], 0.05), max(w[2], 0.0)
    return w


def ece(w, rows):
    bins = {}
    for row in rows:
        p = probability(w, row)
        total = bins.setdefault(min(9, int(p * 10)), [0.0, 0.0])
        total[0] += p
        total[1] += row[2]
    return sum(abs(a - b) for a, b in bins.values()) / max(1, len(rows))


def main():
    rows = load(sys.argv[1:])
    w = fit(rows)
    even, odd = rows[0::2], rows[1::2]
    held_out = (ece(fit(even), odd) + ece(fit(odd), even)) / 2
    print(f"slope {w[0]:.3f} offset {w[1]:.3f} reading {w[2]:.3f}  n {len(rows)}  "
          f"ECE {ece(w, rows):.3f} (before {ece((1, 0, 0), rows):.3f}, held out {held_out:.3f})")


if __name__ == "__main__":
    main()
