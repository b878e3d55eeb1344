"""A folder of labelled documents, and the questions and answers that are taught from it. Needs neither torch nor the generator.

truth.jsonl is what `docket eval` reads (docs/formats/eval.md): {"file", "truth": {field: value}}. A field that is null is taught as
NOT_FOUND; one that is left out is not asked for. A line whose "version" is above 1 (`docket correct` writes them) revises the document's earlier lines."""
import json
import os
import random
import re
from dataclasses import dataclass, field

ABSENT = "NOT_FOUND"
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
PRINTED = ("invoice_date", "due_date", "invoice_time")   # answered as printed, labelled in one form


class BadData(Exception):
    """Says which file and line, and what was expected."""


@dataclass
class Labelled:
    path: str
    truth: dict
    printed: dict = field(default_factory=dict)   # of PRINTED: the text on the paper, where it is known
    partial: bool = False   # only what `truth` names, None included, is labelled
    version: int = 1


def printed_forms(truth: dict) -> dict: return {k: truth[f"{k}_raw"] for k in PRINTED if truth.get(f"{k}_raw")}


def read(folder: str, limit: int = 10**9) -> list[Labelled]:
    name = os.path.join(folder, "truth.jsonl") if os.path.isdir(folder) else folder
    if not os.path.exists(name): raise BadData(f"{name}: is missing; expected a JSON line for each document: {{\"file\": ..., \"truth\": {{field: value}}}}")
    out, latest = [], {}
    with open(name, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip(): continue
            where = f"{name} line {number}"
            try: row = json.loads(line)
            except ValueError as error: raise BadData(f"{where}: is no JSON ({error})") from None
            if not isinstance(row, dict) or not isinstance(row.get("file"), str) or not isinstance(row.get("truth"), dict): raise BadData(f"{where}: expected \"file\" and \"truth\"")
            version, known = row.get("version", 1), latest.get(row["file"])
            if version > 1:
                if known is None or version != known.version + 1: raise BadData(f"{where}: is version {version} of {row['file']}, expected version {known.version + 1 if known else 1}")
                known.truth.update(row["truth"])
                known.version, known.printed = version, printed_forms(known.truth)
                continue
            if len(out) == limit: continue
            path = os.path.join(os.path.dirname(name), row["file"])
            if not os.path.exists(path): raise BadData(f"{where}: {path} is missing")
            if not path.lower().endswith(PICTURES): raise BadData(f"{where}: {path} is no picture; make one of a PDF page first")
            out.append(Labelled(path, row["truth"], printed_forms(row["truth"]), row.get("partial", False), version))
            latest[row["file"]] = out[-1]
    if not out: raise BadData(f"{name}: holds no documents")
    return out


def split(documents: list, share: float, seed: int) -> tuple[list, list]:
    """-> those to train on, those to test with: every document by its path alone, so that a longer folder moves none."""
    test = [d for d in documents if random.Random(f"{seed}/{os.path.basename(d.path)}").random() < share]
    return [d for d in documents if d not in test], test


@dataclass
class Question:
    """One of prompts/: what the engine asks."""
    stage: str
    form: str
    family: str
    kinds: list
    fields: list
    text: str

    def ask(self, names: list) -> str: return self.text.replace("{keys}", ", ".join(n.upper() for n in names))


def questions(folder: str) -> list[Question]:
    out = []
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".txt"): continue
        with open(os.path.join(folder, file), encoding="utf-8") as f: head, _, text = f.read().partition("\n---\n")
        keys = dict(re.split(r":\s*", line, 1) for line in head.splitlines() if ":" in line)
        listed = lambda key: [f for f in re.split(r",\s*", keys.get(key, "").strip()) if f]
        out.append(Question(keys.get("stage", ""), keys.get("form", ""), keys.get("family", "any"), listed("kinds"), listed("fields"), text.strip()))
    return out


def answer(document: Labelled, name: str) -> str | None:
    """The text that is taught for a field; None when it is not known and so not asked for."""
    if name == "payment_method" and "payments" in document.truth: return " | ".join(dict.fromkeys(p["method"] for p in document.truth["payments"])) or ABSENT
    if name not in document.truth: return None
    value = document.truth[name]
    if value is None: return ABSENT
    if name in PRINTED: return document.printed.get(name)
    return None if isinstance(value, (list, dict)) else str(value)


class Teacher:
    """Draws questions about a document: most often the engine's first one, else another of its KEY: VALUE questions or one field."""
    def __init__(self, every: list[Question], family: str):
        fit = [q for q in every if q.family in ("any", family)]
        pick = lambda stage, form: [q for q in fit if q.stage == stage and q.form == form]
        self.listed, self.single = pick("all", "key_value"), [q for q in pick("field", "value") if len(q.fields) == 1]
        general = [q for q in self.listed if "any" in q.kinds]
        if not general: raise BadData("prompts/: has no KEY: VALUE question for this model")
        self.first = max(general, key=lambda q: q.family == family)   # as fields::QuestionSet::choose: the family's own before any

    def draw(self, r: random.Random, document: Labelled) -> tuple[str, str]:
        roll = r.random()
        if roll < .15:
            known = [q for q in self.single if answer(document, q.fields[0])]
            if known:
                q = r.choice(known)
                return q.text, answer(document, q.fields[0])
        return self.fields(document, self.first if roll < .75 else r.choice(self.listed))

    def fields(self, document: Labelled, q: Question | None = None) -> tuple[str, str]:
        q = q or self.first
        names = [n for n in q.fields if answer(document, n) is not None] or [n for n in self.first.fields if answer(document, n) is not None]
        if not names: raise BadData(f"{document.path}: its truth has none of {', '.join(self.first.fields)}")
        return q.ask(names), "\n".join(f"{n.upper()}: {answer(document, n)}" for n in names)
