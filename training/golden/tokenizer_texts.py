"""Ids that the tokenizers library gives for many texts: tokenizer_texts.py OUT.json NAME=TOKENIZER.json...

The texts are fixed ones that exercise the regular expression's branches, and random ones (seed 5) over letters, digits,
spaces, punctuation and scripts. One list of ids per tokenizer and text, without added special tokens, and one with.
"""
import hashlib
import json
import random
import sys

import tokenizers

FIXED = ["", " ", "  ", "\n", "\r\n", "Hello world", "DATE: 05/03/2024\nTOTAL: $1,234.56", "  leading and trailing  ",
         "It's we'll I'VE they'd you'Re 'S", "it\u017f 'ſ 's", "a\n\n\nb\r\n\r\nc", "1234567890 12 345", "ABN 88 000 014 675",
         "café naïve Ünïcode 東京 🧾🧾", "tabs\t\tand\x00nul", "<|begin_of_text|>literal special<|eot_id|>", "<|eot_id|",
         "    indented\n    code()", "x" * 80, "¼ ½ ٣٤ Ⅷ", "e\u0301 combining", "emoji👩‍👩‍👧family", "a\u00a0b\u2003c\u180ed\u0085e\u2028f",
         "<|image|>If I had to write a haiku for this one", "Describe this image<|image|> Test   <|image|>ok\n", "...!!!\n\n???",
         "$ $$ $1 £2", "don't Don'T DON'T", "\u200b\ufeffzero", "مرحبا بالعالم", "नमस्ते दुनिया", "a" + "\u0300" * 5, "  \n  \n x",
         "https://example.com/a?b=c&d=e", "ﬁ ligature K\u212a", "<|image|><|image|>", "<|finetune_right_pad_id|>x<|python_tag|>"]
PARTS = ["a", "bc", "Def", "GST", "total", "'s", "'LL", "1", "23", "456", "7890", " ", "  ", "\t", "\n", "\r\n", ".", ",", "$",
         "::", "<|eot_id|>", "<|image|>", "é", "ß", "東", "🧾", "\u00a0", "\u2009", "-", "_", "/", "(", ")", "Ж", "٣", "\u0301"]


def texts():
    r = random.Random(5)
    return FIXED + ["".join(r.choice(PARTS) for _ in range(r.randint(1, 24))) for _ in range(160)]


if __name__ == "__main__":
    every = texts()
    out = {"generator": "training/golden/tokenizer_texts.py", "tokenizers": tokenizers.__version__, "seed": 5, "texts": every,
           "models": {}}
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        t = tokenizers.Tokenizer.from_file(path)
        ids = [t.encode(s, add_special_tokens=False).ids for s in every]
        digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
        out["models"][name] = {"tokenizer_sha256": digest, "ids": ids, "with_special": [t.encode(s, add_special_tokens=True).ids for s in every[:20]],
                               "decoded": [t.decode(i, skip_special_tokens=False) for i in ids],
                               "decoded_without_special": [t.decode(i, skip_special_tokens=True) for i in ids[:60]]}
    json.dump(out, open(sys.argv[1], "w"), separators=(",", ":"))
