"""The small Mllama, written out plainly: same tensors, names and arithmetic as transformers 4.45.2, without its mask of [N, N].

Two vision paths. fast: only the tokens of tiles that hold picture. exact: what the reference computes, i.e. every tile and
appended token takes part, and only (padded query, padded key) pairs are blocked. Missing tiles of an image are identical, so one
of them is computed and its keys are repeated; padded queries see the valid keys alone, valid queries see all. No mask is built."""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn

MAX_TILES = 4
RATIOS = [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 1), (4, 1)]  # (rows, columns) of aspect ratio ids 1..8


@dataclass(frozen=True)
class Config:
    tile: int = 480
    patch: int = 20
    vision_dim: int = 256
    vision_layers: int = 6
    global_layers: int = 1
    taps: tuple = (2, 4)          # inputs of these local layers, as 4.45 counts
    dim: int = 256
    layers: int = 8
    cross: tuple = (1, 3, 5)
    kv_heads: int = 2
    ffn: int = 1024
    vocab: int = 2048             # <|image|> is this id; eight more embedding rows
    head_dim: int = 64

    @property
    def patches(self): return (self.tile // self.patch) ** 2
    @property
    def pads(self): return -(self.patches + 1) % 8
    @property
    def vision_out(self): return self.vision_dim * (1 + len(self.taps))


def attend(q, k, v, heads: int, causal: bool = False):
    """[B, Tq, heads*hd], [B, Tk, kv*hd] -> [B, Tq, heads*hd]; key heads are shared by groups of query heads."""
    hd = q.shape[-1] // heads
    q, k, v = (t.reshape(*t.shape[:2], -1, hd).transpose(1, 2) for t in (q, k, v))
    if k.shape[1] != heads:
        k, v = (t.repeat_interleave(heads // t.shape[1], 1) for t in (k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).flatten(2)


def look(q, k, v, valid: int, before: int, heads: int):
    """Cross-attention of K prompts an image: q [B, K, T, dim] -> [B*K*T, dim]. Rows ahead of <|image|> see all keys, padding as
    well, the others the `valid` ones of tiles that hold picture."""
    b, kk, t, dim = q.shape
    if valid == k.shape[1]: return attend(q.reshape(b, kk * t, dim), k, v, heads).reshape(-1, dim)
    early = attend(q[:, :, :before].reshape(b, kk * before, dim), k, v, heads).reshape(b, kk, before, dim)
    late = attend(q[:, :, before:].reshape(b, kk * (t - before), dim), k[:, :valid], v[:, :valid], heads).reshape(b, kk, t - before, dim)
    return torch.cat([early, late], 2).reshape(-1, dim)


class LayerNorm(nn.LayerNorm):
    """Keeps the dtype of its input (autocast would widen it, and double the traffic of the residual stream)."""
    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            return F.layer_norm(x, self.normalized_shape, self.weight.to(x.dtype), self.bias.to(x.dtype), self.eps)


class RmsNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            if torch.compiler.is_compiling():   # F.rms_norm would fix the batch size of the compiled part
                y = x.float()
                return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + 1e-5) * self.weight).to(x.dtype)
            return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), 1e-5)


def bare(n_in, n_out): return nn.Linear(n_in, n_out, bias=False)


class Attention(nn.Module):
    def __init__(self, dim, heads, kv, hd):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = bare(dim, heads * hd), bare(dim, kv * hd), bare(dim, kv * hd), bare(heads * hd, dim)

    def qkv(self, x):
        weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        return F.linear(x, weight).split([self.q_proj.out_features, self.k_proj.out_features, self.v_proj.out_features], -1)


class VisionMlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x): return self.fc2(F.gelu(self.fc1(x)))


class VisionLayer(nn.Module):
    def __init__(self, c: Config, gated: bool):
        super().__init__()
        self.heads = c.vision_dim // c.head_dim
        self.self_attn, self.mlp = Attention(c.vision_dim, self.heads, self.heads, c.head_dim), VisionMlp(c.vision_dim)
        self.input_layernorm, self.post_attention_layernorm = LayerNorm(c.vision_dim, 1e-5), LayerNorm(c.vision_dim, 1e-5)
        if gated: self.gate_attn, self.gate_ffn = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        self.gated = gated

    def before(self, x): return self.self_attn.qkv(self.input_layernorm(x))

    def after(self, x, a):
        a = self.self_attn.o_proj(a)
        x = x + (self.gate_attn.tanh().to(a.dtype) * a if self.gated else a)
        m = self.mlp(self.post_attention_layernorm(x))
        return x + (self.gate_ffn.tanh().to(m.dtype) * m if self.gated else m)

    def forward(self, x, valid: int, missing: int, lone: int):
        """x: [B, valid + padded, d]; the last lone padded tokens stand for `missing` tiles each."""
        q, k, v = self.before(x)
        if x.shape[1] == valid:
            return self.after(x, attend(q, k, v, self.heads))
        k_all, v_all = k, v
        if missing > 1:
            k_all, v_all = (torch.cat([t] + [t[:, -lone:]] * (missing - 1), 1) for t in (k, v))
        seen = attend(q[:, :valid], k_all, v_all, self.heads)
        padded = attend(q[:, valid:], k[:, :valid], v[:, :valid], self.heads)
        return self.after(x, torch.cat([seen, padded], 1))


class Stack(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)


class TileVector(nn.Module):
    """Per aspect ratio and tile one vector; only used tiles have one (the rest stay zero, as in converted checkpoints)."""
    def __init__(self, c: Config):
        super().__init__()
        self.embedding, self.gate = nn.Embedding(len(RATIOS) + 1, MAX_TILES * c.vision_dim), nn.Parameter(torch.full((1,), .3))
        used = torch.tensor([0] + [a * b for a, b in RATIOS])[:, None] > torch.arange(MAX_TILES)
        self.register_buffer("used", used.repeat_interleave(c.vision_dim, 1), persistent=False)

    def forward(self, ids, tiles):  # -> [B, tiles, 1, d]
        table = self.embedding.weight * self.used
        return self.gate.tanh() * table[ids].reshape(len(ids), MAX_TILES, 1, -1)[:, :tiles]


class Positions(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.embedding, self.gate = nn.Parameter(torch.randn(c.patches + 1, c.vision_dim) * .02), nn.Parameter(torch.zeros(1), requires_grad=False)


class Vision(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.patch_embedding = nn.Conv2d(3, c.vision_dim, c.patch, c.patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(c.vision_dim) * .02)
        self.gated_positional_embedding = Positions(c)
        self.pre_tile_positional_embedding, self.post_tile_positional_embedding = TileVector(c), TileVector(c)
        self.layernorm_pre, self.layernorm_post = LayerNorm(c.vision_dim, 1e-5), LayerNorm(c.vision_dim, 1e-5)
        self.transformer = Stack([VisionLayer(c, False) for _ in range(c.vision_layers)])
        self.global_transformer = Stack([VisionLayer(c, True) for _ in range(c.global_layers)])

    def patches(self, x):  # [B, n, 3, T, T] -> [B, n, P, d]
        c, (b, n) = self.c, x.shape[:2]
        g = c.tile // c.patch
        x = x.reshape(b, n, 3, g, c.patch, g, c.patch).permute(0, 1, 3, 5, 2, 4, 6).reshape(b, n, g * g, -1)
        return F.linear(x, self.patch_embedding.weight.flatten(1))

    def forward(self, x, ids, exact: bool):
        """x: [B, n, 3, T, T] the n used tiles; ids: [B] -> ([B, n*P, out] valid tokens, [B, P, out] of a missing tile or None)."""
        c, (b, n) = self.c, x.shape[:2]
        d, p = c.vision_dim, c.patches + 1
        h = self.patches(x)
        h = h + self.pre_tile_positional_embedding(ids, n).to(h.dtype)
        h = torch.cat([self.class_embedding.expand(b, n, 1, d).to(h.dtype), h], 2) + self.gated_positional_embedding.embedding.to(h.dtype)
        h = self.layernorm_pre(h).reshape(b, n * p, d)
        valid, missing, lone = n * p, MAX_TILES - n, p + c.pads
        if exact:
            blank = torch.cat([self.class_embedding[None], torch.zeros(c.patches, d, device=h.device)]) + self.gated_positional_embedding.embedding
            blank = torch.cat([self.layernorm_pre(blank), torch.zeros(c.pads, d, device=h.device)])
            tail = torch.zeros(b, n * c.pads, d, device=h.device, dtype=h.dtype)
            h = torch.cat([h, tail] + ([blank.to(h.dtype).expand(b, -1, -1)] if missing else []), 1)
        taken = []
        for i, layer in enumerate(self.transformer.layers):
            if i in c.taps: taken.append(h)
            h = layer(h, valid, missing, lone)
        h = self.layernorm_post(h)
        post = self.post_tile_positional_embedding(ids, n)
        add = [post.expand(b, n, p, d).reshape(b, valid, d)]
        if exact:
            add.append(post.expand(b, n, c.pads, d).reshape(b, n * c.pads, d))
            if missing: add.append(torch.zeros(b, lone, d, device=h.device))
        h = h + torch.cat(add, 1).to(h.dtype)
        for layer in self.global_transformer.layers: h = layer(h, valid, missing, lone)
        out = torch.cat([h, torch.stack([t.to(h.dtype) for t in taken], -1).flatten(-2)], -1)
        return out[:, :valid], out[:, -lone:-c.pads or None] if exact and missing else None


class TextMlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = bare(c.dim, c.ffn), bare(c.dim, c.ffn), bare(c.ffn, c.dim)

    def forward(self, x):
        g, u = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight])).chunk(2, -1)
        return self.down_proj(F.silu(g) * u)


def rope_tables(length: int, c: Config, device) -> tuple:
    """cos, sin [length, 1, head_dim] with llama3 scaling (factor 8, low 1, high 4, original 8192), in fp32; the first half of sin negated."""
    f = 500000.0 ** (-torch.arange(0, c.head_dim, 2, device=device).float() / c.head_dim)
    wave = 2 * math.pi / f
    mid = (8192 / wave - 1) / 3
    f = torch.where(wave < 2048, f, torch.where(wave > 8192, f / 8, (1 - mid) * f / 8 + mid * f))
    a = torch.arange(length, device=device).float()[:, None] * f
    return torch.cat([a.cos(), a.cos()], -1)[:, None], torch.cat([-a.sin(), a.sin()], -1)[:, None]


def rotate(x, cos, sin):
    """x: [..., heads*hd], cos and sin: [..., 1, hd] in x's dtype, the first half of sin negated."""
    y = x.unflatten(-1, (-1, cos.shape[-1]))
    return (y * cos + y.roll(y.shape[-1] // 2, -1) * sin).flatten(-2)


class SelfLayer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.heads = c.dim // c.head_dim
        self.self_attn, self.mlp = Attention(c.dim, self.heads, c.kv_heads, c.head_dim), TextMlp(c)
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(c.dim), RmsNorm(c.dim)

    def before(self, x, cos, sin):
        """x: [..., dim] -> queries and keys, both rotated, and values."""
        q, k, v = self.self_attn.qkv(self.input_layernorm(x))
        q, k = rotate(torch.cat([q, k], -1), cos, sin).split([q.shape[-1], k.shape[-1]], -1)
        return q, k, v

    def after(self, x, a):
        x = x + self.self_attn.o_proj(a)
        return x + self.mlp(self.post_attention_layernorm(x))


class CrossLayer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.heads, self.hd = c.dim // c.head_dim, c.head_dim
        self.cross_attn, self.mlp = Attention(c.dim, self.heads, c.kv_heads, c.head_dim), TextMlp(c)
        self.cross_attn.q_norm, self.cross_attn.k_norm = RmsNorm(c.head_dim), RmsNorm(c.head_dim)
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(c.dim), RmsNorm(c.dim)
        self.cross_attn_attn_gate, self.cross_attn_mlp_gate = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))

    def keys(self, states):
        k, v = F.linear(states, torch.cat([self.cross_attn.k_proj.weight, self.cross_attn.v_proj.weight])).chunk(2, -1)
        return self.cross_attn.k_norm(k.unflatten(-1, (-1, self.hd))).flatten(-2), v

    def queries(self, x):
        q = self.cross_attn.q_proj(self.input_layernorm(x))
        return self.cross_attn.q_norm(q.unflatten(-1, (-1, self.hd))).flatten(-2)

    def after(self, x, a, rows):
        """rows: [tokens, 1] of 0/1: the MLP of a row that may see no tile is dropped."""
        a = self.cross_attn.o_proj(a)
        x = x + self.cross_attn_attn_gate.tanh().to(a.dtype) * a
        m = self.mlp(self.post_attention_layernorm(x))
        return x + (self.cross_attn_mlp_gate.tanh().to(m.dtype) * rows.to(m.dtype)) * m


class TextModel(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.embed_tokens, self.norm = nn.Embedding(c.vocab + 8, c.dim), RmsNorm(c.dim)
        self.layers = nn.ModuleList([CrossLayer(c) if i in c.cross else SelfLayer(c) for i in range(c.layers)])


class Language(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.model, self.lm_head = TextModel(c), bare(c.dim, c.vocab)


class Nano(nn.Module):
    def __init__(self, c: Config = Config()):
        super().__init__()
        self.c = c
        self.vision_model, self.multi_modal_projector, self.language_model = Vision(c), nn.Linear(c.vision_out, c.dim), Language(c)
        for name, p in self.named_parameters():
            if "norm" in name or "gate" in name and "proj" not in name or p.dim() < 2: continue
            nn.init.normal_(p, 0, .02 if "embed" in name and "patch" not in name else p[0].numel() ** -.5 * .7)

    def see(self, pixels, ids, exact: bool = True):
        """-> (cross states of the used tiles [B, n*P, dim], of one missing tile or None, raw vision tokens for the dense head)"""
        seen, blank = self.vision_model(pixels, ids, exact)
        return self.multi_modal_projector(seen), None if blank is None else self.multi_modal_projector(blank), seen

    def read(self, ids, seen, blank, before: int):
        """ids: [B, K, T], K prompts of each image, `before` tokens ahead of <|image|> -> hidden [B*K, T, dim] after the norm."""
        return self.read_all([ids], seen, blank, before)[0].unflatten(0, (-1, ids.shape[2]))

    def read_all(self, texts: list, seen, blank, before: int) -> list:
        """texts: [B, K, T], of any K and T each -> hidden [B*K*T, dim] each. Their tokens go through the layers as one row and only
        attention parts them: half the kernels of one pass a text, and the image's keys are made once."""
        sizes, dim = [ids.numel() for ids in texts], self.c.dim
        x = self.language_model.model.embed_tokens(torch.cat([ids.reshape(-1) for ids in texts])).to(seen.dtype)
        cos, sin = rope_tables(max(ids.shape[2] for ids in texts), self.c, x.device)
        spread = lambda t: torch.cat([t[:ids.shape[2]].expand(ids.shape[0] * ids.shape[1], *[-1] * t.dim()).flatten(0, 1) for ids in texts])
        rows = spread((torch.arange(len(cos), device=x.device) >= before)[:, None].to(x.dtype))   # [tokens, 1]: may see the picture
        cos, sin = spread(cos.to(x.dtype)), spread(sin.to(x.dtype))
        everything = seen if blank is None else torch.cat([seen] + [blank] * (MAX_TILES - seen.shape[1] // (self.c.patches + 1)), 1)
        for layer in self.language_model.model.layers:
            if isinstance(layer, SelfLayer):
                parts = zip(texts, *(t.split(sizes) for t in layer.before(x, cos, sin)))
                x = layer.after(x, torch.cat([attend(*(t.reshape(-1, ids.shape[2], t.shape[-1]) for t in qkv), layer.heads, True).reshape(-1, dim) for ids, *qkv in parts]))
            else:
                k, v = layer.keys(everything)
                parts = zip(texts, layer.queries(x).split(sizes))
                x = layer.after(x, torch.cat([look(q.reshape(*ids.shape, dim), k, v, seen.shape[1], before, layer.heads) for ids, q in parts]), rows)
        return list(self.language_model.model.norm(x).split(sizes))

    def config_dict(self) -> dict: return asdict(self.c)
