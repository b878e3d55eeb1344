"""Writes the small pictures of tests/page/data and golden.tsv, the pixels that Pillow reads from them.

Run from the top of the project: python training/make_page_fixtures.py
Needs Pillow (with libjpeg-turbo, WebP, TIFF), pillow-heif, reportlab and numpy. The output is the same on every run.
golden.tsv: file, page, width, height, SHA-256 of the RGB bytes after EXIF orientation and alpha over white.
"""
import hashlib
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps
import pillow_heif
from reportlab.lib import pdfencrypt
from reportlab.pdfgen import canvas

OUT = pathlib.Path("tests/page/data")
WIDTH, HEIGHT = 45, 31  # odd, and not a multiple of a JPEG block


def picture(width=WIDTH, height=HEIGHT):
    """Colour ramps with a dark mark in the top left corner, so that every turn looks different."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x * 7 + y * 13) % 256], axis=-1).astype(np.uint8)
    rgb[2:9, 2:15] = (200, 10, 30)
    return Image.fromarray(rgb)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


STORED = {  # how a picture is stored so that this EXIF orientation shows it upright
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(image, orientation):
    turn = STORED[orientation]
    return image if turn is None else image.transpose(turn)


def jpegs():
    image = picture()
    image.save(OUT / "baseline_420.jpg", quality=80, dpi=(200, 200))
    image.save(OUT / "baseline_444.jpg", quality=90, subsampling=0)
    image.save(OUT / "baseline_422.jpg", quality=85, subsampling=1)
    image.save(OUT / "progressive.jpg", quality=80, progressive=True)
    image.convert("L").save(OUT / "grey.jpg", quality=80)
    image.convert("CMYK").save(OUT / "cmyk_adobe.jpg", quality=85)
    for orientation in STORED:
        stored(image, orientation).save(OUT / f"exif_{orientation}.jpg", quality=95, subsampling=0, exif=exif(orientation))


def png_bytes(width, height, depth, colour, rows, interlace=0, extra=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def interlaced(image):
    pixels = np.asarray(image)
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y0::dy, x0::dx]
        rows += b"".join(b"\0" + row.tobytes() for row in part)
    return png_bytes(image.width, image.height, 8, 2, rows, interlace=1)


def pngs():
    image = picture()
    image.save(OUT / "rgb.png", dpi=(300, 300))
    image.quantize(16).save(OUT / "palette.png")
    faded = image.copy()
    faded.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))))
    faded.save(OUT / "alpha.png")
    (OUT / "interlaced.png").write_bytes(interlaced(image))
    wide = np.asarray(image).astype(">u2") * 257  # 16-bit: scaling back is exact
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    (OUT / "sixteen_bit.png").write_bytes(png_bytes(WIDTH, HEIGHT, 16, 2, rows))
    bits = np.asarray(image.convert("1", dither=Image.Dither.NONE))
    Image.fromarray(bits).save(OUT / "one_bit.png")
    stored(image, 6).save(OUT / "exif_6.png", exif=exif(6))


def webps():
    image = picture()
    image.save(OUT / "lossless.webp", lossless=True)
    image.save(OUT / "lossy.webp", quality=80)
    stored(image, 8).save(OUT / "exif_8.webp", lossless=True, exif=exif(8))
    image.save(OUT / "animated.webp", lossless=True, save_all=True, append_images=[ImageOps.invert(image)], duration=100)


def tiffs():
    pages = [picture(), picture(20, 33), ImageOps.invert(picture())]
    pages[0].save(OUT / "three_pages.tiff", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    pages[0].convert("1").save(OUT / "fax.tiff", compression="group4")
    for orientation in STORED:
        stored(pages[1], orientation).save(OUT / f"orientation_{orientation}.tiff", compression="tiff_deflate",
                                           tiffinfo={274: orientation})


def heics():
    pillow_heif.from_pillow(picture(64, 64)).save(OUT / "picture.heic", quality=90)


def pdf(name, draw, **options):
    document = canvas.Canvas(str(OUT / name), pagesize=(144, 216), invariant=1, **options)  # 2 x 3 inches
    document.setFont("Helvetica", 18)
    draw(document)
    document.save()


def pdfs():
    def three_pages(document):
        document.drawString(36, 108, "TOTAL")  # page 1; baseline 1.5 inches from the top
        document.drawString(36, 72, "12.50")
        document.showPage()
        document.showPage()  # page 2 is blank
        document.setPageRotation(90)  # page 3: a MediaBox of 3 x 2 inches, shown turned
        document.setFont("Helvetica", 18)
        document.drawString(36, 108, "SIDE")
        document.showPage()
    pdf("three_pages.pdf", three_pages)
    lock = pdfencrypt.StandardEncryption("secret", strength=128)
    lock.setAllPermissions(0)
    pdf("encrypted.pdf", lambda document: document.drawString(36, 108, "SECRET"), encrypt=lock)


def upright_rgb(image):
    image = ImageOps.exif_transpose(image)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB")


def golden():
    lines = [f"# training/make_page_fixtures.py, Pillow {PIL.__version__}; file page width height sha256(rgb)"]
    for path in sorted(OUT.iterdir()):
        if path.suffix not in (".jpg", ".png", ".webp", ".tiff"):
            continue
        with Image.open(path) as image:
            for page in range(1 if path.suffix == ".webp" else getattr(image, "n_frames", 1)):
                image.seek(page)
                rgb = upright_rgb(image.copy())
                digest = hashlib.sha256(rgb.tobytes()).hexdigest()
                lines.append(f"{path.name}\t{page + 1}\t{rgb.width}\t{rgb.height}\t{digest}")
    (OUT / "golden.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (jpegs, pngs, webps, tiffs, heics, pdfs, golden):
        make()
