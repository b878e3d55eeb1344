"""The training of an adapter on the golden tiny model: needs torch 2.5, transformers 4.45.2 and peft 0.13.2."""
import json
import os
import sys

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")
if transformers.__version__ != "4.45.2": pytest.skip("the reference is transformers 4.45.2", allow_module_level=True)

from training.lora import __main__ as main, base as bases, checkpoint, documents, train  # noqa: E402

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "golden", "data")
TINY = os.path.join(GOLDEN, "tiny")


@pytest.fixture()
def folder(tmp_path):
    rows = [{"file": os.path.join(GOLDEN, "pictures", name), "truth": {"total_amount": f"{i}.50", "supplier_abn": None, "invoice_date": "2024-05-03", "invoice_date_raw": "3/5/24"}} for i, name in enumerate(("photo.jpg", "wide.png"))]
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return tmp_path


def run(monkeypatch, folder, out, *more):
    monkeypatch.setattr(sys, "argv", ["lora", str(folder), "--out", str(folder / out), "--model", TINY, "--test", str(folder), "--keep", "0", "--docket", "", "--batch", "2", "--rank", "4", *more])
    main.main()
    return json.load(open(folder / out / "adapter_config.json")), {k: v for k, v in __import__("safetensors.torch").torch.load_file(folder / out / "adapter_model.safetensors").items()}


def test_a_quantised_model_is_trained_on_as_plain_numbers(tmp_path):
    """tiny-nf4 is tiny in 4 bits by bitsandbytes; its fp32 copy loads in transformers and says nearly the same."""
    folder = checkpoint.dequantise(os.path.join(GOLDEN, "tiny-nf4"), str(tmp_path / "plain"))
    assert not checkpoint.is_quantised(folder) and checkpoint.is_quantised(os.path.join(GOLDEN, "tiny-nf4"))
    got, want = (transformers.MllamaForConditionalGeneration.from_pretrained(f, torch_dtype=torch.float32).state_dict() for f in (folder, TINY))
    assert got.keys() == want.keys()
    for name in want: assert (got[name] - want[name]).norm() <= .15 * want[name].norm() + 1e-6, name


def test_the_kept_picture_gives_the_logits_of_the_whole_model(tmp_path):
    base = bases.Base(TINY, str(tmp_path))
    path = os.path.join(GOLDEN, "pictures", "photo.jpg")
    from PIL import Image
    x = base.processor(Image.open(path), return_tensors="pt")
    ids = base.prompt("What is the TOTAL?")
    args, _ = base.batch([(base.see(path), ids, [])])
    with torch.no_grad():
        want = base.model(input_ids=args["input_ids"], attention_mask=args["attention_mask"], cross_attention_mask=args["cross_attention_mask"], pixel_values=x["pixel_values"],
                          aspect_ratio_ids=x["aspect_ratio_ids"], aspect_ratio_mask=x["aspect_ratio_mask"]).logits
        got = base.model(**args).logits
    assert (got - want).abs().max() < 5e-3 * want.abs().max()   # kept in fp16
    base.eot = -1
    said = base.say_all([path, os.path.join(GOLDEN, "pictures", "wide.png")], "TOTAL", 5)
    for _ in range(5):
        with torch.no_grad(): ids = (ids if _ else base.prompt("TOTAL")) + [int(base.model(**base.batch([(base.see(path), ids if _ else base.prompt("TOTAL"), [])])[0]).logits[0, -1].argmax())]
    assert base.tokens.decode(ids[len(base.prompt("TOTAL")):]) == said[0]


def test_padding_changes_nothing_and_the_loss_falls(tmp_path, folder):
    base = bases.Base(TINY, str(tmp_path))
    teacher, rows = documents.Teacher(documents.questions(os.path.join(main.HERE, "prompts")), base.family), documents.read(str(folder))
    lessons = [(base.see(d.path), base.prompt(q), base.encode(a) + [base.eot]) for d, (q, a) in ((d, teacher.fields(d)) for d in rows)]
    lessons.append((lessons[0][0], base.prompt("TOTAL?"), base.encode("1") + [base.eot]))   # much shorter
    with torch.no_grad():
        each = [train.taught_loss(base.model, base, [row]) * len(row[2]) for row in lessons]
        assert abs(train.taught_loss(base.model, base, lessons) - sum(each) / sum(len(row[2]) for row in lessons)) < 1e-4
    model = train.with_adapter(base, 4, 8, 0, 0)
    assert train.kept_loss(model, base, lessons[:2]).abs() < 1e-6   # B is zero: nothing has moved
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    first = train.taught_loss(model, base, lessons).item()
    for _ in range(12):
        optimiser.zero_grad()
        train.taught_loss(model, base, lessons).backward()
        optimiser.step()
    assert train.taught_loss(model, base, lessons).item() < .7 * first
    assert train.kept_loss(model, base, lessons[:2]) > 1e-3
    names = {n.split(".lora_")[0] for n, p in model.named_parameters() if p.requires_grad}
    assert names and all(".language_model.model.layers." in n for n in names)


def test_a_run_that_was_cut_goes_on_to_the_same_adapter(monkeypatch, folder):
    config, whole = run(monkeypatch, folder, "whole", "--epochs", "6")
    assert config["base_model_name_or_path"] == "tiny" and config["r"] == 4 and config["peft_type"] == "LORA" and len(whole) > 8
    stop = train.taught_loss
    calls = []

    def cut(*args):
        calls.append(1)
        if len(calls) == 4: raise KeyboardInterrupt
        return stop(*args)

    monkeypatch.setattr(train, "taught_loss", cut)
    original = train.train
    monkeypatch.setattr(train, "train", lambda *a, **k: original(*a, **k, save_seconds=-1))
    with pytest.raises(KeyboardInterrupt): run(monkeypatch, folder, "cut", "--epochs", "6")
    _, resumed = run(monkeypatch, folder, "cut", "--epochs", "6")
    assert len(calls) == 4 + 3   # steps 0 to 2 and the cut one, then 3 to 5
    assert whole.keys() == resumed.keys() and all(torch.equal(whole[k], resumed[k]) for k in whole)
    with pytest.raises(SystemExit, match="other settings"): run(monkeypatch, folder, "cut", "--epochs", "7")
