"""Readers that are not ours open every format with the right size, depth, profile and metadata, and see the same picture."""

import io
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import numpy
import OpenEXR
import png
import pytest
import tifffile
from conftest import HEIGHT, WIDTH
from PIL import Image, ImageCms

# ITU-R BT.709, which sRGB shares: x and y of red, green, blue and D65.
CHROMATICITIES = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
ICC_TAG, XMP_TAG = 34675, 700


def recipe_of(xmp: bytes | str) -> dict:
    """The recipe in an XMP packet; it also says that a trained model made the picture."""
    text = xmp.decode() if isinstance(xmp, bytes) else xmp
    assert "digitalsourcetype/trainedAlgorithmicMedia" in text
    return json.loads(unescape(re.search('understory:recipe="([^"]*)"', text)[1]))


def assert_is_ours(recipe: dict) -> None:
    assert recipe["command"] == "backdrop"
    assert (recipe["request"]["width"], recipe["request"]["height"]) == (WIDTH, HEIGHT)
    assert recipe["request"]["seed"] == 7


def profile_name(icc: bytes) -> str:
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()


def rgb(path: Path) -> numpy.ndarray:
    """`[height, width, 3]`, 0..255."""
    return numpy.asarray(Image.open(path).convert("RGB")).astype(int)


def blocks(picture: numpy.ndarray, side: int) -> numpy.ndarray:
    """Means of squares of pixels."""
    height, width, channels = picture.shape
    return picture.reshape(height // side, side, width // side, side, channels).mean(axis=(1, 3))


def words_of_png(path: Path) -> numpy.ndarray:
    """`[height, width, 3]`, 0..65535."""
    width, height, rows, info = png.Reader(filename=str(path)).read()
    assert (width, height, info["bitdepth"], info["planes"]) == (WIDTH, HEIGHT, 16, 3)
    return numpy.vstack([numpy.asarray(row, dtype=int) for row in rows]).reshape(HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    ("kind", "mode", "profile"),
    [
        ("png8", "RGB", "sRGB"),
        ("p3", "RGB", "Display P3"),
        ("alpha", "RGBA", "sRGB"),
        ("jpeg", "RGB", "sRGB"),
        ("webp", "RGB", "sRGB"),
    ],
)
def test_pillow_sees_size_mode_profile_and_recipe(pictures: dict[str, Path], kind: str, mode: str, profile: str) -> None:
    picture = Image.open(pictures[kind])
    picture.load()
    assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), mode)
    assert profile in profile_name(picture.info["icc_profile"])
    assert_is_ours(recipe_of(picture.info["xmp"]))


def test_pillow_sees_an_avif_and_the_recipe_in_its_exif(pictures: dict[str, Path]) -> None:
    picture = Image.open(pictures["avif"])
    picture.load()
    assert (picture.format, picture.size, picture.mode) == ("AVIF", (WIDTH, HEIGHT), "RGB")
    assert_is_ours(recipe_of(picture.getexif()[XMP_TAG]))


@pytest.mark.parametrize(("kind", "most_pixels"), [("jpeg", 1), ("avif", 1), ("webp", 2)])
def test_lossy_formats_show_the_picture_of_the_lossless_one(pictures: dict[str, Path], kind: str, most_pixels: int) -> None:
    # WebP stores one colour for two by two pixels: only their means can be compared.
    found, wanted = (blocks(rgb(pictures[name]), most_pixels) for name in (kind, "png8"))
    error = numpy.abs(found - wanted).mean()
    assert error < 3.0, f"{error} of 255"


def test_a_tiff_of_16_bits_holds_the_words_of_the_png(pictures: dict[str, Path]) -> None:
    with tifffile.TiffFile(pictures["tiff"]) as file:
        page = file.pages[0]
        assert (page.shape, page.dtype) == ((HEIGHT, WIDTH, 3), numpy.uint16)
        assert "sRGB" in profile_name(page.tags[ICC_TAG].value)
        assert page.tags["Software"].value.startswith("Understory ")
        assert_is_ours(recipe_of(bytes(page.tags[XMP_TAG].value)))
        assert (page.asarray() == words_of_png(pictures["png16"])).all()


def test_an_exr_holds_the_light_of_the_png_as_half_floats(pictures: dict[str, Path]) -> None:
    with OpenEXR.File(str(pictures["exr"]), separate_channels=True) as file:
        # Both are emptied when the file is closed.
        header, channels = dict(file.header()), file.channels()
        light = numpy.stack([channels[name].pixels for name in "RGB"], axis=-1)
    assert (light.shape, light.dtype) == ((HEIGHT, WIDTH, 3), numpy.float16)
    assert numpy.allclose(numpy.ravel(header["chromaticities"]), CHROMATICITIES, atol=1e-6)
    assert_is_ours(recipe_of(header["xmp"]))
    coded = words_of_png(pictures["png16"]) / 65535
    # IEC 61966-2-1.
    wanted = numpy.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    # A half float has 11 bits; a step of the 16-bit file is at most 3.5e-5 of light.
    assert numpy.abs(light.astype(float) - wanted).max() < 2**-11 + 4e-5


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed here: `apt-get install {package}`")
    return found


def test_imagemagick_sees_size_and_depth(pictures: dict[str, Path]) -> None:
    identify = program("identify", "imagemagick")
    for kind, depth in [("png8", "8"), ("png16", "16"), ("jpeg", "8"), ("tiff", "16")]:
        command = [identify, "-format", "%w %h %z", pictures[kind]]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        assert told.stdout == f"{WIDTH} {HEIGHT} {depth}", (kind, told.stdout)


def test_ffprobe_sees_size_and_kind_of_pixels(pictures: dict[str, Path]) -> None:
    ffprobe = program("ffprobe", "ffmpeg")
    # Not OpenEXR: ffmpeg 5.1 cannot pass texts of more than 255 bytes in its header; the sources of later versions do.
    kinds = {"png8": "rgb24", "png16": "rgb48be", "jpeg": "yuvj444p", "tiff": "rgb48le", "alpha": "rgba"}
    for kind, pixels in kinds.items():
        command = [ffprobe, "-v", "error", "-show_entries", "stream=width,height,pix_fmt", "-of", "csv=p=0", pictures[kind]]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        assert told.stdout.strip() == f"{WIDTH},{HEIGHT},{pixels}", (kind, told.stdout)
