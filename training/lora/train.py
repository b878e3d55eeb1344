"""The training itself: low-rank pairs beside the frozen weights of the language model, taught on labelled documents, and held to the
model's own answers on others so that what it could read before stays."""
import json
import os
import random
import time

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

TARGETS = r"language_model\.model\.layers\.\d+\.(self_attn|cross_attn|mlp)\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


def with_adapter(base, rank: int, alpha: float, dropout: float, seed: int):
    torch.manual_seed(seed)
    model = get_peft_model(base.model, LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=TARGETS))
    for parameter in model.parameters():
        if parameter.requires_grad: parameter.data = parameter.data.float()   # pairs in fp32 beside bf16 weights
    return model


class Lessons:
    """Step n's rows depend on n and the seed alone, so that a resumed run goes on as one that was not cut."""
    def __init__(self, base, teacher, documents, others, batch: int, keep: int, seed: int):
        self.base, self.teacher, self.documents, self.others, self.batch, self.keep, self.seed = base, teacher, documents, others, batch, keep, seed

    def rows(self, documents: list, at: int, count: int, what: str) -> list:
        rows = []
        for i in range(at, at + count):
            turn, place = divmod(i, len(documents))
            order = list(range(len(documents)))
            random.Random(f"{self.seed}/{what}/{turn}").shuffle(order)
            document = documents[order[place]]
            question, answer = self.teacher.draw(random.Random(f"{self.seed}/{what}/{i}"), document)
            rows.append((self.base.see(document.path), self.base.prompt(question), self.base.encode(answer) + [self.base.eot]))
        return rows

    def taught(self, step: int) -> list: return self.rows(self.documents, step * self.batch, self.batch, "taught")
    def kept(self, step: int) -> list: return self.rows(self.others, step * self.keep, self.keep, "kept") if self.others and self.keep else []


def taught_loss(model, base, rows) -> torch.Tensor:
    args, labels = base.batch(rows)
    logits = model(**args, use_cache=False).logits[:, :-1].float()
    return F.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)


def kept_loss(model, base, rows) -> torch.Tensor:
    """How far the adapter moves what the model says of other documents: KL(alone || with the adapter), a token."""
    args, labels = base.batch(rows)
    at = labels[:, 1:] != -100
    with torch.no_grad(), model.disable_adapter(): alone = model(**args, use_cache=False).logits[:, :-1][at].float().log_softmax(-1)
    ours = model(**args, use_cache=False).logits[:, :-1][at].float().log_softmax(-1)
    return F.kl_div(ours, alone, log_target=True, reduction="batchmean")


def rate(step: int, steps: int, top: float) -> float:
    """Up over a twentieth of the run, then down in a straight line to a twentieth of the top."""
    warm = max(1, steps // 20)
    return top * min((step + 1) / warm, max(.05, (steps - step) / max(1, steps - warm)))


def save_state(folder: str, model, optimiser, step: int, plan: dict) -> None:
    os.makedirs(folder, exist_ok=True)
    name = os.path.join(folder, "state.pt")
    torch.save({"adapter": get_peft_model_state_dict(model), "optimiser": optimiser.state_dict(), "step": step, "plan": json.dumps(plan, sort_keys=True)}, name + ".part")
    os.replace(name + ".part", name)


def resume(folder: str, model, optimiser, plan: dict) -> int:
    """The step to go on from. A state of other settings is refused: its result would be neither run's."""
    name = os.path.join(folder, "state.pt")
    if not os.path.exists(name): return 0
    state = torch.load(name, weights_only=True)
    if state["plan"] != json.dumps(plan, sort_keys=True): raise SystemExit(f"{name}: was left by a run with other settings or documents; remove it to start anew")
    set_peft_model_state_dict(model, state["adapter"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"]


def train(base, model, lessons: Lessons, steps: int, top_rate: float, keep_weight: float, work: str, plan: dict, save_seconds: float = 60) -> None:
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=top_rate, weight_decay=.01, betas=(.9, .98))
    first = resume(work, model, optimiser, plan)
    print(f"{sum(p.numel() for p in trained):,} numbers to train, {steps} steps" + (f", going on from step {first}" if first else ""), flush=True)
    model.train()
    shown, saved, sums = time.time(), time.time(), [0.0, 0.0, 0]
    for step in range(first, steps):
        torch.manual_seed(1_000_003 * lessons.seed + step)   # of dropout
        for group in optimiser.param_groups: group["lr"] = rate(step, steps, top_rate)
        optimiser.zero_grad(set_to_none=True)
        loss = taught_loss(model, base, lessons.taught(step))
        loss.backward()
        kept = lessons.kept(step)
        held = kept_loss(model, base, kept) if kept else torch.zeros(())
        if kept: (keep_weight * held).backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        if not torch.isfinite(norm): raise SystemExit(f"step {step}: the gradient is no number; try a lower --rate")
        optimiser.step()
        sums = [sums[0] + loss.item(), sums[1] + held.item(), sums[2] + 1]
        now = time.time()
        if sums[2] == 10 or step + 1 == steps:
            print(f"step {step + 1:5} of {steps}  loss {sums[0] / sums[2]:.4f}  moved elsewhere {sums[1] / sums[2]:.4f}  {(now - shown) / sums[2]:.2f} s a step", flush=True)
            shown, sums = now, [0.0, 0.0, 0]
        if now - saved > save_seconds or step + 1 == steps:
            save_state(work, model, optimiser, step + 1, plan)
            saved = now
    model.eval()
