"""What transformers' logits processors leave of a row of logits: sampling.py OUT.json

Each case: options, the history for the repetition penalty, and the probabilities that one token would be drawn with (0 where
it is filtered out). Logits are multiples of 1/64, so that the text of the file is exact.
"""
import json
import sys

import torch
import transformers
from transformers.generation.logits_process import (MinPLogitsWarper, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper,
                                                    TopKLogitsWarper, TopPLogitsWarper)

CASES = [dict(temperature=1.0), dict(temperature=0.6, top_p=0.9), dict(temperature=0.6, top_p=0.9, top_k=50),
         dict(temperature=1.5, top_k=5), dict(temperature=0.8, min_p=0.1), dict(temperature=0.7, top_k=20, top_p=0.8, min_p=0.05),
         dict(temperature=1.0, repetition_penalty=1.3), dict(temperature=0.9, top_p=0.01), dict(temperature=2.0, top_k=1)]

if __name__ == "__main__":
    g = torch.Generator().manual_seed(9)
    out = []
    for case in CASES:
        logits = (torch.randn(60, generator=g) * 3 * 64).round() / 64
        history = [3, 3, 7, 59, 21]
        scores = logits[None].clone()
        ids = torch.tensor([history])
        if case.get("repetition_penalty", 1) != 1:
            scores = RepetitionPenaltyLogitsProcessor(case["repetition_penalty"])(ids, scores)
        scores = TemperatureLogitsWarper(case["temperature"])(ids, scores)
        if case.get("top_k"):
            scores = TopKLogitsWarper(case["top_k"])(ids, scores)
        if case.get("top_p"):
            scores = TopPLogitsWarper(case["top_p"])(ids, scores)
        if case.get("min_p"):
            scores = MinPLogitsWarper(case["min_p"])(ids, scores)
        out.append({"options": case, "history": history, "logits": logits.tolist(),
                    "probabilities": [round(p, 7) for p in scores.softmax(-1)[0].tolist()]})
    json.dump({"generator": "training/golden/sampling.py", "transformers": transformers.__version__, "seed": 9, "cases": out},
              open(sys.argv[1], "w"), separators=(",", ":"))
