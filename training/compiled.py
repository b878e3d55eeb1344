"""torch.compile over the parts of the layers between the attention calls: norms, gates, activations and residual sums fuse, so
that the residual stream is read and written a few times a layer and not dozens of times. Whole-model compilation took too long
to pay; these parts are few, shared by all layers of a kind, and take any batch and length."""
import torch
import torch.nn.functional as F

from .model import CrossLayer, Nano, SelfLayer, VisionLayer

PARTS = [(VisionLayer, ("before", "after")), (SelfLayer, ("before", "after")), (CrossLayer, ("queries", "keys", "after"))]


def token_loss(hidden, weight, targets):
    """-> mean cross-entropy of the head's logits over the targets that are not padding (-100), share of them predicted right."""
    logits, there = F.linear(hidden, weight).float(), targets >= 0
    return F.cross_entropy(logits, targets), ((logits.detach().argmax(-1) == targets) & there).sum() / there.sum()


def patch_loss(raw, weight, bias, labels, class_weight):
    """raw [patches, d], labels: a class for each slot of each patch -> weighted cross-entropy, share of the characters named right."""
    guess = F.linear(raw, weight, bias).float().reshape(-1, class_weight.shape[0])
    labels = labels.reshape(-1)
    there = labels > 0
    right = ((guess.detach().argmax(-1) == labels) & there).sum() / there.sum().clamp_min(1)
    return F.cross_entropy(guess, labels, weight=class_weight), right


def use() -> None:
    """Puts compiled versions in place of the layers' methods and of the two losses."""
    torch._dynamo.config.suppress_errors = True   # a part that does not compile runs as it is
    for kind, names in PARTS:
        for name in names: setattr(kind, name, torch.compile(getattr(kind, name), dynamic=True))
    for name in ("token_loss", "patch_loss"): globals()[name] = torch.compile(globals()[name], dynamic=True)
