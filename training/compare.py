"""python -m training.compare CHECKPOINT HF_FOLDER PICTURE ...: our reader and transformers 4.45.2 must say the same, word for word."""
import argparse

import torch
import transformers
from PIL import Image

from .evaluate import FIELDS, READ, Reader, tiles


def main() -> None:
    p = argparse.ArgumentParser(prog="python -m training.compare")
    p.add_argument("checkpoint"); p.add_argument("exported"); p.add_argument("pictures", nargs="+"); p.add_argument("--tokens", type=int, default=120)
    a = p.parse_args()
    assert transformers.__version__ == "4.45.2", transformers.__version__
    processor = transformers.AutoProcessor.from_pretrained(a.exported)
    model = transformers.MllamaForConditionalGeneration.from_pretrained(a.exported, torch_dtype=torch.float32).eval()
    reader, same, total = Reader(a.checkpoint), 0, 0
    for path in a.pictures:
        image = Image.open(path)
        for question in (FIELDS, READ, "What is the total?"):
            chat = processor.apply_chat_template([{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}], add_generation_prompt=True)
            inputs = processor(images=image, text=chat, add_special_tokens=False, return_tensors="pt")
            assert inputs["input_ids"][0].tolist() == reader.t.prompt(question)
            ratio, pixels = tiles(image, reader.m.c.tile)
            assert inputs["aspect_ratio_ids"].item() == ratio and (inputs["pixel_values"][0, 0, :len(pixels)] - pixels).abs().max() < 1e-5
            with torch.inference_mode():
                ids = model.generate(**inputs, max_new_tokens=a.tokens, do_sample=False)[0, inputs["input_ids"].shape[1]:]
            theirs = processor.tokenizer.decode(ids, skip_special_tokens=True)
            ours = reader.replies([(ratio, pixels)], question, a.tokens)[0]
            total, same = total + 1, same + (theirs == ours)
            print(f"{path}: {question}\n{ours}\n" if theirs == ours else f"{path}: {question}\nOURS   {ours!r}\nTHEIRS {theirs!r}\n", flush=True)
    print(f"{same} of {total} replies the same under transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
