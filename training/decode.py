"""Greedy decoding of a batch with one prompt each, keys kept; for evaluation during training."""
import torch

from .model import MAX_TILES, Nano, SelfLayer, attend, rope_tables


@torch.inference_mode()
def greedy(m: Nano, pixels, ratio, prompt: list[int], before: int, limit: int, stop: int, exact: bool = True) -> list[list[int]]:
    """pixels: [B, n, 3, T, T], one tile count; the same prompt for all -> token ids of each reply, without the stop token."""
    seen, blank, _ = m.see(pixels, ratio, exact)
    b, device = pixels.shape[0], pixels.device
    tiles = seen.shape[1] // (m.c.patches + 1)
    everything = seen if blank is None else torch.cat([seen] + [blank] * (MAX_TILES - tiles), 1)
    layers = m.language_model.model.layers
    cross = {i: layer.keys(everything) for i, layer in enumerate(layers) if not isinstance(layer, SelfLayer)}
    cache: dict = {}
    cos, sin = rope_tables(len(prompt) + limit, m.c, device)   # in fp32, as the weights are here
    ids = torch.tensor([prompt], device=device).expand(b, -1)
    at, done, out = 0, torch.zeros(b, dtype=torch.bool, device=device), []
    n = seen.shape[1]
    for step in range(limit):
        x = m.language_model.model.embed_tokens(ids)
        t = x.shape[1]
        rows = (torch.arange(at, at + t, device=device) >= before)[:, None].to(x.dtype)
        for i, layer in enumerate(layers):
            if isinstance(layer, SelfLayer):
                q, k, v = layer.before(x, cos[at:at + t], sin[at:at + t])
                if i in cache: k, v = torch.cat([cache[i][0], k], 1), torch.cat([cache[i][1], v], 1)
                cache[i] = (k, v)
                x = layer.after(x, attend(q, k, v, layer.heads, causal=at == 0))
            else:
                q, (k, v) = layer.queries(x), cross[i]
                if at == 0: a = torch.cat([attend(q[:, :before], k, v, layer.heads), attend(q[:, before:], k[:, :n], v[:, :n], layer.heads)], 1)
                else: a = attend(q, k[:, :n], v[:, :n], layer.heads)
                x = layer.after(x, a, rows)
        token = m.language_model.lm_head(m.language_model.model.norm(x[:, -1:])).float().argmax(-1)
        out.append(token)
        done |= token[:, 0] == stop
        if step % 16 == 15 and bool(done.all()): break
        ids, at = token, at + t
    grid = torch.cat(out, 1).tolist()
    return [row[:row.index(stop)] if stop in row else row for row in grid]
