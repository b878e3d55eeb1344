"""The tokenizer: byte-level BPE of 2,048 pieces in the 11B's form, digits one by one, and the chat form of a prompt."""
import random

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCAB = 2048
SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
SPLIT = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHAT_TEMPLATE = ("{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' }}"
                 "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}{% if c['type'] == 'image' %}{{ '<|image|>' }}{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endif %}"
                 "{{ '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")


def build(path: str, documents: int = 4000) -> None:
    """Trains the pieces on transcripts and replies of the training split, and saves tokenizer.json."""
    from . import tasks
    from .generate.compose import compose
    texts = ["user\n\n", "assistant\n\n"] * 2000
    r = random.Random(7)
    for seed in range(documents):
        sheet, doc, truth = compose(seed, "train")
        texts.append(tasks.transcript([" ".join(c.text for c in row.cells) for row in sheet.rows if row.cells]))
        texts += [t for q in tasks.structured(r, sheet, truth, 2) for t in q]
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=VOCAB - len(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    assert t.get_vocab_size() == VOCAB - len(SPECIAL)
    t.add_special_tokens(SPECIAL + ["<|image|>"])
    t.save(path)


class Tokens:
    def __init__(self, path: str):
        self.t = Tokenizer.from_file(path)
        ids = self.t.token_to_id
        self.bos, self.end_of_text, self.pad, self.start, self.end, self.eot = map(ids, SPECIAL)
        self.image = ids("<|image|>")
        assert self.image == VOCAB

    def encode(self, text: str) -> list[int]: return self.t.encode(text, add_special_tokens=False).ids
    def decode(self, ids: list[int]) -> str: return self.t.decode(ids, skip_special_tokens=True)

    def prompt(self, question: str) -> list[int]:
        """The 11B's chat form with one picture: picture first, then the question, then the assistant's header."""
        return self.encode(f"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<|image|>{question}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")

    @property
    def before(self) -> int:
        """Tokens ahead of the picture."""
        return self.prompt("x").index(self.image)
