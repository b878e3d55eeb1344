"""The nine pictures that every tiny model is shown, small enough to commit. Needs numpy and Pillow."""
import os

import numpy as np
from PIL import Image, ImageDraw

# name, width, height, mode, extension. `exact` is one tile of the first model; `large` exceeds every canvas.
PICTURES = [
    ("wide", 150, 31, "RGB", "png"),
    ("tall", 33, 161, "RGB", "png"),
    ("one_pixel_high", 90, 1, "RGB", "png"),
    ("alpha", 45, 100, "RGBA", "png"),
    ("grey", 75, 40, "L", "png"),
    ("palette", 75, 40, "P", "png"),
    ("photo", 203, 157, "RGB", "jpg"),
    ("exact", 28, 28, "RGB", "png"),
    ("large", 181, 230, "RGB", "png"),
]


def draw(width, height, random):
    """Ramps, mild noise and some lettering: enough structure that a shifted or swapped pixel shows."""
    yy, xx = np.mgrid[0:height, 0:width]
    a = np.stack([xx * 255 // max(1, width - 1), yy * 255 // max(1, height - 1), (3 * xx + 5 * yy) % 256], -1)
    a = (a + random.integers(-3, 4, a.shape)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(a, "RGB")
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        pen.text((int(random.integers(0, width)), int(random.integers(0, height))), "TOTAL $12.34", fill=(0, 0, 0))
    return image


def make(folder, seed):
    """Writes the pictures into `folder` and returns [(name, path)]."""
    os.makedirs(folder, exist_ok=True)
    random = np.random.default_rng(seed)
    made = []
    for name, width, height, mode, extension in PICTURES:
        image = draw(width, height, random)
        if mode == "RGBA":
            image = image.convert("RGBA")
            image.putalpha(Image.fromarray(random.integers(0, 256, (height, width)).astype(np.uint8)))
        elif mode == "P":
            image = image.quantize(16)
        elif mode == "L":
            image = image.convert("L")
        path = f"{folder}/{name}.{extension}"
        image.save(path, **({"quality": 88} if extension == "jpg" else {"optimize": True}))
        made.append((name, path))
    return made
