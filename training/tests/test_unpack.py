"""A shipped model becomes a checkpoint again: the same values, the same logits. Goldens: bitsandbytes' own (tests/golden/data). Needs torch."""
import json
import os
import subprocess

import pytest

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")

from training import unpack  # noqa: E402

ROOT = os.path.join(os.path.dirname(__file__), "../..")
GOLDEN = os.path.join(ROOT, "tests/golden/data")
NANO = os.path.join(ROOT, "models/nano")
PICTURE = os.path.join(ROOT, "samples/cafe-photo.jpg")
DOCKET = os.environ.get("DOCKET", os.path.join(ROOT, "build/docket"))


def test_values_are_those_of_bitsandbytes_at_awkward_sizes():
    """Dequantised values by their digest: bit for bit, nested and plain scales, partial blocks, both codes."""
    import hashlib
    about, t = json.load(open(f"{GOLDEN}/quant.golden.json")), safetensors_torch.load_file(f"{GOLDEN}/quant.golden.safetensors")
    seen = 0
    for entry in about["sizes"]:
        for case in entry["cases"]:
            absmax = t.get(case["key"] + (".absmax_q" if case["nested"] else ".absmax"))
            if absmax is None: continue   # a plain fp4's scales are not kept
            state = dict(shape=[entry["rows"], entry["cols"]], blocksize=case["block"])
            tensors = {"w.weight": t[case["key"] + ".packed"], "w.weight.quant_map": t[case["kind"] + ".code"], "w.weight.absmax": absmax}
            if case["nested"]:
                state.update(nested_blocksize=256, nested_offset=case["offset"])
                tensors.update({"w.weight.nested_absmax": t[case["key"] + ".nested_absmax"], "w.weight.nested_quant_map": t["nested_code"]})
            tensors["w.weight.quant_state.bitsandbytes__x"] = torch.tensor(list(json.dumps(state).encode()), dtype=torch.uint8)
            got = unpack.plain(tensors)
            assert list(got) == ["w.weight"]
            assert hashlib.sha256(got["w.weight"].reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest() == case["dequantized_sha256"], case["key"]
            seen += 1
    assert seen > 15


def test_int8_rows_come_back_within_half_a_step():
    about, t = json.load(open(f"{GOLDEN}/quant.golden.json")), safetensors_torch.load_file(f"{GOLDEN}/quant.golden.safetensors")
    for entry in about["sizes"]:
        if not entry.get("int8"): continue
        n = entry["id"]
        got = unpack.plain({"w.weight": t[f"{n}.int8"], "w.SCB": t[f"{n}.scb"], "w.weight_format": torch.tensor(0, dtype=torch.uint8)})
        want, step = t[f"{n}.x"].float(), t[f"{n}.scb"].float()[:, None] / 127
        assert ((got["w.weight"] - want).abs() <= step * .5 + want.abs() * 2 ** -10 + 1e-7).all()


def test_transformers_reads_an_unpacked_4_bit_model_as_bitsandbytes_did():
    transformers = pytest.importorskip("transformers")
    if transformers.__version__ != "4.45.2": pytest.skip("the reference is transformers 4.45.2")
    from PIL import Image
    config, state = unpack.unpack(f"{GOLDEN}/tiny-nf4")
    model = transformers.MllamaForConditionalGeneration._from_config(transformers.MllamaConfig(**config), attn_implementation="eager", torch_dtype=torch.float32).eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and not missing
    processor = transformers.AutoProcessor.from_pretrained(f"{GOLDEN}/tiny")
    x = processor(images=Image.open(f"{GOLDEN}/pictures/photo.jpg"), text="<|image|><|begin_of_text|>Extract the DATE and TOTAL of photo.\nDATE:", add_special_tokens=False, return_tensors="pt")
    with torch.no_grad(): got = model(**x).logits[:, -1]
    want = safetensors_torch.load_file(f"{GOLDEN}/tiny-quant.golden.safetensors")["nf4.last_logits"]
    assert (got - want).abs().max() < 1e-4 * want.abs().max()


@pytest.mark.skipif(not os.path.exists(DOCKET), reason="build/docket, or DOCKET, is the engine to compare with")
@pytest.mark.parametrize("dtype,bound", [(torch.float32, 1e-4), (torch.float16, 5e-3)])
def test_a_checkpoint_of_the_shipped_model_says_what_the_engine_says(tmp_path, dtype, bound):
    """fp32 differs by the order of sums alone (2e-6 of the largest logit seen), fp16 by 2^-11 of each weight as well (8e-4)."""
    from PIL import Image

    from training import evaluate, export
    out, forward = str(tmp_path / "checkpoint"), str(tmp_path / "forward.safetensors")
    unpack.checkpoint(NANO, out, dtype)
    m, t = export.load(out)
    ids = t.prompt("What is the total?") + t.encode("12.50")
    subprocess.run([DOCKET, "forward", "--model", NANO, "--image", PICTURE, "--prompt-ids", ",".join(map(str, ids)), "--out", forward], check=True)
    theirs = safetensors_torch.load_file(forward)
    ratio, pixels = evaluate.tiles(Image.open(PICTURE), m.c.tile)
    with torch.no_grad():
        seen, blank, _ = m.eval().see(pixels[None], torch.tensor([ratio]))
        got = m.language_model.lm_head(m.read(torch.tensor([[ids]]), seen, blank, t.before))[0]
    want = theirs["logits"].reshape(got.shape)
    assert (got - want).abs().max() < bound * want.abs().max()
    assert (got.argmax(-1) == want.argmax(-1)).all()


def test_a_checkpoint_has_what_training_continues_and_no_dense_head(tmp_path):
    from training import export
    out = str(tmp_path / "checkpoint")
    unpack.checkpoint(NANO, out)
    assert not os.path.exists(f"{out}/head.safetensors")
    assert all(os.path.getsize(f"{out}/{name}") < 16 << 20 for name in os.listdir(out))
    m, _ = export.load(out)
    q = safetensors_torch.load_file(f"{NANO}/model.safetensors")
    name = "vision_model.transformer.layers.3.mlp.fc2"
    assert torch.equal(m.get_parameter(name + ".weight"), (q[name + ".weight"].float() * (q[name + ".SCB"] / 127)[:, None]).half().float())
