"""The model that an adapter is trained beside: loaded once, its vision part run once an image, everything after that in text."""
import hashlib
import os

import torch
from PIL import Image, ImageOps
from tokenizers import Tokenizer
from transformers import DynamicCache, MllamaForConditionalGeneration
from transformers.models.mllama.image_processing_mllama import MllamaImageProcessor

from . import checkpoint

CHAT = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<|image|>{}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
SMALL_WIDTH = 1024   # as the engine tells a small model from an Instruct checkpoint (src/extract/conversation.cpp)


class Base:
    def __init__(self, folder: str, work: str, four_bit: bool = False):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        with open(os.path.join(folder, "config.json"), "rb") as f: self.key = hashlib.sha256(os.path.abspath(folder).encode() + f.read()).hexdigest()[:16]
        source = checkpoint.dequantise(folder, os.path.join(work, "base")) if checkpoint.is_quantised(folder) else folder
        how = {}
        if four_bit:
            from transformers import BitsAndBytesConfig
            how["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16,
                                                            llm_int8_skip_modules=["vision_model", "multi_modal_projector", "lm_head"])
        dtype = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        self.model = MllamaForConditionalGeneration.from_pretrained(source, torch_dtype=dtype, attn_implementation="sdpa", **how)
        if not four_bit: self.model.to(self.device)
        self.model.requires_grad_(False).eval()
        self.processor = MllamaImageProcessor.from_pretrained(source)
        self.tokens = Tokenizer.from_file(os.path.join(source, "tokenizer.json"))
        self.eot, self.image = (self.tokens.token_to_id(t) for t in ("<|eot_id|>", "<|image|>"))
        self.family = "nano" if self.model.config.text_config.hidden_size <= SMALL_WIDTH else "instruct"
        self.cache = os.path.join(work, "seen")
        os.makedirs(self.cache, exist_ok=True)

    def encode(self, text: str) -> list[int]: return self.tokens.encode(text, add_special_tokens=False).ids
    def prompt(self, question: str) -> list[int]: return self.encode(CHAT.format(question))

    @torch.no_grad()
    def see(self, path: str) -> dict:
        """What the language model is given of a picture: {"states": fp16 [4 * tokens, hidden], "tiles": how many hold picture}. Kept on disk."""
        with open(path, "rb") as f: name = os.path.join(self.cache, hashlib.sha256(self.key.encode() + f.read()).hexdigest()[:32] + ".pt")
        if os.path.exists(name): return torch.load(name, weights_only=True)
        x = self.processor(ImageOps.exif_transpose(Image.open(path)).convert("RGB"), return_tensors="pt")
        x = {k: v.to(self.device) for k, v in x.items() if isinstance(v, torch.Tensor)}
        vision = self.model.vision_model(pixel_values=x["pixel_values"].to(self.model.dtype), aspect_ratio_ids=x["aspect_ratio_ids"], aspect_ratio_mask=x["aspect_ratio_mask"])[0]
        states = self.model.multi_modal_projector(vision).flatten(0, -2)
        seen = {"states": states.to(torch.bfloat16 if self.device.type == "cuda" else torch.float16).cpu(), "tiles": int(x["aspect_ratio_mask"].sum())}
        torch.save(seen, name + ".part")
        os.replace(name + ".part", name)
        return seen

    def batch(self, rows: list) -> dict:
        """rows: [(seen, prompt ids, reply ids)], padded on the right -> arguments of the model, and `labels` [B, T] (-100: not taught)."""
        length, tiles = max(len(p) + len(a) for _, p, a in rows), self.model.config.vision_config.max_num_tiles
        ids, labels = torch.zeros(len(rows), length, dtype=torch.long), torch.full((len(rows), length), -100)
        there, cross = torch.zeros(len(rows), length, dtype=torch.long), torch.zeros(len(rows), length, 1, tiles)
        for i, (seen, prompt, reply) in enumerate(rows):
            n = len(prompt) + len(reply)
            ids[i, :n], there[i, :n] = torch.tensor(prompt + reply), 1
            labels[i, len(prompt):n] = torch.tensor(reply, dtype=torch.long)
            cross[i, prompt.index(self.image):n, :, :seen["tiles"]] = 1
        states = torch.stack([seen["states"] for seen, _, _ in rows]).to(self.device, self.model.dtype)
        return dict(input_ids=ids.to(self.device), attention_mask=there.to(self.device), cross_attention_mask=cross.to(self.device), cross_attention_states=states), labels.to(self.device)

    @torch.no_grad()
    def say_all(self, paths: list, question: str, limit: int = 24, batch: int = 8) -> list[str]:
        """Short greedy replies to one question about many pictures."""
        out = []
        for at in range(0, len(paths), batch):
            seen = [self.see(p) for p in paths[at:at + batch]]
            args, _ = self.batch([(s, self.prompt(question), []) for s in seen])
            said, past = [[] for _ in seen], DynamicCache()
            for _ in range(limit):
                length = args["attention_mask"].shape[1]
                here = torch.arange(length - args["input_ids"].shape[1], length, device=self.device)
                made = self.model(**args, past_key_values=past, cache_position=here, use_cache=True, num_logits_to_keep=1)
                token = made.logits[:, -1].argmax(-1)
                for i, t in enumerate(token.tolist()): said[i].append(t)
                if all(self.eot in s for s in said): break
                # The picture's keys are kept with the rest; the masks grow by the new token.
                grown = torch.cat([args["cross_attention_mask"], args["cross_attention_mask"][:, -1:]], 1)
                args = dict(input_ids=token[:, None], attention_mask=torch.ones(len(seen), length + 1, dtype=torch.long, device=self.device), cross_attention_mask=grown, cross_attention_states=None)
            out += [self.tokens.decode(s[:s.index(self.eot)] if self.eot in s else s) for s in said]
        return out
