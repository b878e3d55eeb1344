"""Llama 3's tokenizer.json from the tiktoken file that Meta publishes: llama3_tokenizer.py tokenizer.model OUT.json

For a local check of the real vocabulary (128,000 tokens); nothing of it is committed. Merges are recovered as transformers'
converter does: for each token, every split into two tokens, in the order of rank.
"""
import base64
import json
import sys

from tiny_tokenizer import PATTERN

SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
           "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>",
           "<|python_tag|>"] + [f"<|reserved_special_token_{i}|>" for i in range(2, 247)] + ["<|image|>"]


def alphabet():
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    rest = [b for b in range(256) if b not in printable]
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(rest)}


if __name__ == "__main__":
    letters = alphabet()
    rank = {}
    for line in open(sys.argv[1], "rb"):
        if line.strip():
            token, number = line.split()
            rank[base64.b64decode(token)] = int(number)
    text = lambda b: "".join(letters[x] for x in b)
    merges = []
    for token, number in rank.items():
        local = [(token[:i], token[i:], number) for i in range(1, len(token)) if token[:i] in rank and token[i:] in rank]
        merges += sorted(local, key=lambda m: (rank[m[0]], rank[m[1]]))
    merges.sort(key=lambda m: m[2])
    special = [{"id": 128000 + i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, s in enumerate(SPECIAL)]
    json.dump({"version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
               "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                   {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                   {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
               "post_processor": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
               "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
               "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                         "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
                         "vocab": {text(t): n for t, n in rank.items()},
                         "merges": [f"{text(a)} {text(b)}" for a, b, _ in merges]}}, open(sys.argv[2], "w"))
