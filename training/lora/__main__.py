"""python -m training.lora DATA --out ADAPTER [--model models/nano] [--test DIR] [--check DIR ...]

Trains a LoRA adapter on a folder of your own labelled documents and says what it is worth: DATA/truth.jsonl is what `docket eval`
reads, beside its pictures. Without --test a fifth of the documents is kept out for that. Writes ADAPTER/adapter_config.json and
adapter_model.safetensors as PEFT does; use it with `docket extract --adapter ADAPTER`. Run it again to go on where it was cut."""
import argparse
import json
import os
import sys
import time

from . import documents, forms, report

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def arguments() -> argparse.Namespace:
    a = argparse.ArgumentParser(prog="python -m training.lora", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("data", help="folder with truth.jsonl and pictures")
    a.add_argument("--out", required=True, help="folder to write the adapter to")
    a.add_argument("--model", default=os.path.join(HERE, "models", "nano"), help="checkpoint to adapt: unquantised, or in 8 bits [models/nano]")
    a.add_argument("--test", help="folder of other labelled documents for before and after [a fifth of DATA]")
    a.add_argument("--check", nargs="*", default=[], help="folders that must not get worse: before and after too")
    a.add_argument("--keep", type=int, default=60, help="documents of training/generate on which the model is held to its own answers; 0: none [60]")
    a.add_argument("--keep-weight", type=float, default=1.0, help="weight of that in the loss [1]")
    a.add_argument("--epochs", type=float, default=4, help="times that each document is taught [4]")
    a.add_argument("--batch", type=int, default=4, help="documents a step [4]")
    a.add_argument("--rank", type=int, default=16, help="of the adapter [16]")
    a.add_argument("--alpha", type=float, default=32, help="B A is scaled by alpha / rank [32]")
    a.add_argument("--dropout", type=float, default=0.05, help="of the adapter's input [0.05]")
    a.add_argument("--rate", type=float, default=0, help="highest learning rate [1e-3 for a small model, 1e-4 else]")
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--load-4bit", action="store_true", help="keep the base in 4 bits on the GPU (bitsandbytes)")
    a.add_argument("--docket", default=os.path.join(HERE, "build", "docket"), help="the built program, for before and after; empty: skip that")
    a.add_argument("--reader", default="vlm", choices=["vlm", "auto", "both"], help="who reads before and after [vlm: the model alone]")
    a.add_argument("--jobs", type=int, default=2, help="documents that docket reads at once [2]")
    return a.parse_args()


def say_printed(base, rows: list, teacher) -> None:
    """Fills in how dates and times are printed where no label says so: the model's own reading gives the form, the label the value."""
    for name in documents.PRINTED:
        asking = next((q for q in teacher.single if q.fields == [name]), None)
        if asking is None: continue
        todo = [d for d in rows if d.truth.get(name) and name not in d.printed]
        if not todo: continue
        said = base.say_all([d.path for d in todo], asking.text)
        agree = lambda tries, put: [f is not None and put(f, d.truth[name]) == t.strip() for f, t, d in zip(tries, said, todo)]
        put = forms.printed_time if name == "invoice_time" else forms.printed_date
        read = [[forms.time_form(t) for t in said]] if name == "invoice_time" else [[forms.date_form(t, first) for t in said] for first in (False, True)]
        read = max(read, key=lambda tries: sum(agree(tries, put)))   # 03/04: the order under which more readings agree with their labels
        found = forms.settle(read, agree(read, put))
        for d, form in zip(todo, found):
            if form is not None: d.printed[name] = put(form, d.truth[name])
        print(f"{name}: printed form known for {sum(name in d.printed for d in todo)} of {len(todo)}, e.g. {next((d.printed[name] for d in todo if name in d.printed), 'none')}", flush=True)


def other_documents(count: int, seed: int, folder: str) -> list:
    """Documents of the generator's training split, with what is printed known."""
    if not count: return []
    from .. import tasks
    from ..generate.__main__ import write_one
    from ..generate.compose import compose
    os.makedirs(folder, exist_ok=True)
    out = []
    for i in range(count):
        number, photo = 10**6 * (seed + 1) + i, i % 2 == 1
        path = os.path.join(folder, f"{number}.{'jpg' if photo else 'png'}")
        if not os.path.exists(path): write_one(folder, str(number), number, "train", photo, None)
        sheet, _, truth = compose(number, "train")
        out.append(documents.Labelled(path, truth, {n: tasks.value(sheet, truth, n) for n in documents.PRINTED if truth.get(n)}))
    return out


def before_and_after(a, name: str, rows: list, asked: list, work: str) -> None:
    truth = report.write_truth(os.path.join(work, f"{name}.jsonl"), rows, asked)
    before, after = (report.counts(report.evaluate(a.docket, a.model, truth, adapter, a.reader, a.jobs), asked) for adapter in ("", a.out))
    print("\n" + report.table(f"{name}, {len(rows)} documents", before, after), flush=True)


def save(model, out: str, name: str) -> None:
    """As PEFT writes it, less the path that the base model had on this machine."""
    model.save_pretrained(out, save_embedding_layers=False)
    os.chmod(os.path.join(out, "adapter_model.safetensors"), 0o644)
    path = os.path.join(out, "adapter_config.json")
    with open(path) as f: config = json.load(f)
    config["base_model_name_or_path"] = name
    if isinstance(config["target_modules"], list): config["target_modules"].sort()
    with open(path, "w") as f: json.dump(config, f, indent=2)
    if os.path.exists(os.path.join(out, "README.md")): os.remove(os.path.join(out, "README.md"))   # a form that nobody filled in


def main() -> None:
    a = arguments()
    start = time.time()
    try:
        rows, checks = documents.read(a.data), [(os.path.basename(os.path.normpath(c)), documents.read(c)) for c in a.check]
        taught, tested = (rows, documents.read(a.test)) if a.test else documents.split(rows, .2, a.seed)
        if not taught: raise documents.BadData(f"{a.data}: too few documents to train on")
        every = documents.questions(os.path.join(HERE, "prompts"))
    except documents.BadData as error: sys.exit(str(error))
    work = os.path.normpath(a.out) + ".work"
    os.makedirs(work, exist_ok=True)

    import torch
    from . import base as bases, train
    torch.manual_seed(a.seed)
    base = bases.Base(a.model, work, a.load_4bit)
    teacher = documents.Teacher(every, base.family)
    others = other_documents(a.keep, a.seed, os.path.join(work, "others"))
    for i, d in enumerate(taught + others):
        base.see(d.path)
        if i % 50 == 49: print(f"{i + 1} of {len(taught) + len(others)} pictures encoded, {time.time() - start:.0f} s", flush=True)
    say_printed(base, taught, teacher)
    steps = max(1, round(a.epochs * len(taught) / a.batch))
    keep = max(1, a.batch // 2) if others else 0
    top = a.rate or (1e-3 if base.family == "nano" else 1e-4)
    plan = dict(data=[os.path.abspath(d.path) for d in taught], model=os.path.abspath(a.model), steps=steps, batch=a.batch, keep=[len(others), a.keep_weight], rank=a.rank, alpha=a.alpha, dropout=a.dropout, rate=top, seed=a.seed)
    model = train.with_adapter(base, a.rank, a.alpha, a.dropout, a.seed)
    train.train(base, model, train.Lessons(base, teacher, taught, others, a.batch, keep, a.seed), steps, top, a.keep_weight, work, plan)
    save(model, a.out, os.path.basename(os.path.normpath(a.model)))
    print(f"{a.out}: written, {time.time() - start:.0f} s in all", flush=True)
    del base, model
    if not a.docket: return
    if not os.path.exists(a.docket): sys.exit(f"{a.docket}: is missing; build it for before and after, or give --docket \"\"")
    if tested: before_and_after(a, "test", tested, teacher.first.fields, work)
    for name, rows in checks: before_and_after(a, name, rows, teacher.first.fields, work)


if __name__ == "__main__":
    main()
