"""Our plain model is the reference's: same logits as transformers 4.45.2 under the exact mask, for every tile count. Needs torch."""
import json
import os

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
if transformers.__version__ != "4.45.2":
    pytest.skip("the reference is transformers 4.45.2", allow_module_level=True)

from training import export, tokens  # noqa: E402
from training.decode import greedy  # noqa: E402
from training.model import RATIOS, Config, Nano  # noqa: E402

SMALL = Config(tile=60, patch=20, vision_dim=64, vision_layers=3, taps=(1, 2), dim=64, layers=4, cross=(1, 2), kv_heads=1, ffn=128)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("nano"))
    tokens.build(os.path.join(folder, "tokenizer.json"), 300)
    torch.manual_seed(3)
    m = Nano(SMALL).eval()
    from safetensors.torch import save_file
    with torch.no_grad():
        for name, p in m.named_parameters():
            if "norm" in name or "bias" in name: p.add_(torch.randn_like(p) * .1)
            if "tile_positional" in name and p.dim() == 2: p.normal_(0, .3)
    save_file(m.state_dict(), os.path.join(folder, "model.safetensors"))
    with open(os.path.join(folder, "nano.json"), "w") as f: json.dump(m.config_dict(), f)
    out = os.path.join(folder, "hf")
    export.export(folder, out, torch.float32)
    return m, transformers.MllamaForConditionalGeneration.from_pretrained(out, torch_dtype=torch.float32).eval(), tokens.Tokens(os.path.join(folder, "tokenizer.json"))


@pytest.mark.parametrize("ratio", [1, 2, 3, 4, 5, 6, 7, 8])
def test_same_logits(pair, ratio):
    m, hf, t = pair
    n = RATIOS[ratio - 1][0] * RATIOS[ratio - 1][1]
    pixels = torch.randn(1, n, 3, SMALL.tile, SMALL.tile)
    ids = torch.tensor([t.prompt("What is the ABN?") + t.encode("51 824 753 556")])
    full = torch.zeros(1, 1, 4, 3, SMALL.tile, SMALL.tile)
    full[0, 0, :n] = pixels[0]
    mask = torch.zeros(1, 1, 4, dtype=torch.long)
    mask[..., :n] = 1
    cross = torch.zeros(1, ids.shape[1], 1, 4, dtype=torch.long)
    cross[:, t.before:, :, :n] = 1
    with torch.no_grad():
        want = hf(input_ids=ids, pixel_values=full, aspect_ratio_ids=torch.tensor([[ratio]]), aspect_ratio_mask=mask, cross_attention_mask=cross).logits[0]
        seen, blank, _ = m.see(pixels, torch.tensor([ratio]))
        got = m.language_model.lm_head(m.read(ids[:, None], seen, blank, t.before))[0]
    assert (got - want).abs().max() < 2e-5 * want.abs().max() + 1e-5


def test_decoding_with_kept_keys_is_the_forward_pass(pair):
    m, _, t = pair
    pixels, prompt = torch.randn(2, 2, 3, SMALL.tile, SMALL.tile), t.prompt("OCR")
    replies = greedy(m, pixels, torch.tensor([2, 5]), prompt, t.before, 6, stop=-1)
    with torch.no_grad():
        seen, blank, _ = m.see(pixels, torch.tensor([2, 5]))
        for k in range(2):
            ids = torch.tensor([prompt + replies[k]])
            logits = m.language_model.lm_head(m.read(ids[:, None], seen[k:k + 1], blank[k:k + 1], t.before))[0]
            assert logits[len(prompt) - 1:-1].argmax(-1).tolist() == replies[k]
