"""One picture file -> sRGB pixels, or a Refusal in plain words. Decodes what Pillow can, and HEIF where `pillow-heif` is installed.

Camera rotation is applied, colour profiles are converted to sRGB, CMYK and 16-bit files become 8-bit RGB, transparency
lies on mid grey. Nothing is decoded before its size is known to be bearable.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

try:
    import pillow_heif
except ImportError:  # HEIF files are then refused with a word on how to read them
    pillow_heif = None
else:
    pillow_heif.register_heif_opener()

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".heic", ".heif"}
HEIF_SUFFIXES = {".heic", ".heif"}
MOST_PIXELS = 150_000_000
"""Larger files are refused unread: a small file can unpack to more than the memory holds."""
MOST_FILE_BYTES = 512 * 2**20
LONGEST_SHAPE = 4.0
"""Of wider or taller pictures only the middle is used."""
DRAFT_SIDES = 4
"""JPEGs are decoded at no more than this many times the wanted size."""


class Refusal(Exception):
    """Why a file is not used; shown in the report."""


@dataclass(frozen=True)
class Photo:
    pixels: np.ndarray
    """[h, w, 3] uint8 sRGB, short side as wanted."""
    original_width: int
    original_height: int
    notes: tuple[str, ...]
    """What was done to it or could not be: rotated, converted, ..."""


def read_photo(path: Path, short_side: int) -> Photo:
    """Raises Refusal with the reason."""
    if path.suffix.lower() in HEIF_SUFFIXES and pillow_heif is None:
        raise Refusal("HEIF needs the Python package pillow-heif, which is not installed")
    if path.stat().st_size > MOST_FILE_BYTES:
        raise Refusal(f"larger than {MOST_FILE_BYTES // 2**20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warning at a lower size than ours; broken EXIF
            with Image.open(path) as image:
                return _converted(image, short_side)
    except Refusal:
        raise
    except MemoryError:
        raise Refusal("does not fit into memory") from None
    except Image.DecompressionBombError as error:
        raise Refusal(f"too many pixels ({error})") from error
    except Exception as error:  # decoders raise a dozen unrelated types for a bad file
        raise Refusal(f"unreadable ({type(error).__name__}: {error})") from error


def _converted(image: Image.Image, short_side: int) -> Photo:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Refusal(f"{width} x {height} are more than {MOST_PIXELS // 10**6} million pixels")
    if min(width, height) < short_side:
        raise Refusal(f"{width} x {height} is smaller than {short_side} pixels")
    notes = []
    if image.format == "JPEG" and image.mode == "RGB":
        image.draft("RGB", (DRAFT_SIDES * short_side, DRAFT_SIDES * short_side))
    turned = ImageOps.exif_transpose(image)
    if turned.size != image.size or image.getexif().get(0x0112, 1) != 1:
        notes.append("rotated as its EXIF says")
    rgb = _opaque(_to_srgb(turned, image.info.get("icc_profile"), notes), notes)
    rgb = _middle(rgb, notes)
    scale = short_side / min(rgb.size)
    rgb = rgb.resize((max(short_side, round(rgb.width * scale)), max(short_side, round(rgb.height * scale))), Image.Resampling.LANCZOS)
    return Photo(np.asarray(rgb, dtype=np.uint8), width, height, tuple(notes))


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """RGB or RGBA, 8 bit, in sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        notes.append("16-bit or float grey made 8-bit")
        return _wide_grey(image)
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append("its colour profile is unreadable; taken as sRGB")
        else:
            notes.append("converted from its own colour profile")
            return converted
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "CMYK":
        notes.append("CMYK without a profile, converted plainly")
    return image.convert("RGB")


def _wide_grey(image: Image.Image) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).all():
        raise Refusal("holds values that are not numbers")
    highest = 1.0 if image.mode == "F" and values.max() <= 1.0 else 65535.0 if values.max() > 255 else 255.0
    return Image.fromarray(np.clip(255 * values / highest, 0, 255).astype(np.uint8), "L").convert("RGB")


def _opaque(image: Image.Image, notes: list[str]) -> Image.Image:
    if image.mode != "RGBA":
        return image
    notes.append("transparency laid on mid grey")
    ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def _middle(image: Image.Image, notes: list[str]) -> Image.Image:
    longest = round(min(image.size) * LONGEST_SHAPE)
    if max(image.size) <= longest:
        return image
    notes.append(f"only its middle: it is longer than {LONGEST_SHAPE:g} to 1")
    width, height = min(image.width, longest), min(image.height, longest)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
