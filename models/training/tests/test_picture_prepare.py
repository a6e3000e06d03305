"""A user's folder of pictures: what is taken, what is refused and why."""

import io
import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from test_picture_pipeline import run_picture_step

from picture import photo
from picture.config import load_config
from picture.folder import FolderSource
from picture.photo import Refusal, read_photo
from picture.prepare import Duplicates, difference_hash, prepare_folder
from picture.train import new_trainer
from pipeline.errors import InputError

SIDE = 256


def scene(seed: int, width: int = 400, height: int = 300) -> Image.Image:
    """Something with large shapes, different for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path):
    """Two styles of usable pictures in many formats, and everything that goes wrong with files."""
    root = tmp_path / "mine"
    for style in ("dunes", "woods"):
        (root / style).mkdir(parents=True)
    scene(1).save(root / "dunes/a.jpg")
    scene(2).save(root / "dunes/b.png")
    scene(3, 300, 900).save(root / "dunes/tall.webp")
    scene(4).convert("CMYK").save(root / "dunes/cmyk.tif")
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(5).save(root / "woods/turned.jpg", exif=exif)
    scene(6).convert("RGBA").save(root / "woods/alpha.png")
    grey = (np.asarray(scene(7).convert("L"), dtype=np.uint16) * 257).copy()
    Image.fromarray(grey).save(root / "woods/sixteen.png")
    Image.fromarray(np.asarray(scene(8).convert("L"))).save(root / "woods/grey.png")
    scene(1, 800, 600).save(root / "woods/again.jpg", quality=60)
    scene(9, 100, 100).save(root / "woods/small.png")
    (root / "woods/broken.jpg").write_bytes((root / "dunes/a.jpg").read_bytes()[:3000])
    (root / "woods/text.png").write_bytes(b"hello")
    (root / "woods/empty.webp").write_bytes(b"")
    (root / "woods/bomb.png").write_bytes(bomb(60_000, 60_000))
    (root / "woods/wide_bomb.png").write_bytes(bomb(2_000_000_000, 1))
    (root / "woods/notes.txt").write_text("not a picture")
    return root


def test_every_usable_file_is_kept_and_every_other_one_reported_with_its_reason(folder, tmp_path):
    out = tmp_path / "corpus"
    done = run_picture_step("prepare", "picture_folder", "--pictures", str(folder), "--out", str(out), "--json")
    assert json.loads(done.stdout.splitlines()[-1])["styles"] == ["dunes", "woods"]
    record = json.loads((out / "corpus.json").read_text())
    assert record["kept"] == {"dunes": 4, "woods": 4}
    reasons = {entry["file"]: entry["reason"] for entry in record["left_out"]}
    assert set(reasons) == {f"woods/{name}" for name in ("again.jpg", "small.png", "broken.jpg", "text.png", "empty.webp", "bomb.png", "wide_bomb.png")}
    assert "nearly the same as dunes/a.jpg" in reasons["woods/again.jpg"]
    assert "smaller than 256" in reasons["woods/small.png"]
    assert "pixels" in reasons["woods/bomb.png"] and "pixels" in reasons["woods/wide_bomb.png"]
    assert all("unreadable" in reasons[f"woods/{name}"] for name in ("broken.jpg", "text.png", "empty.webp"))
    assert "woods/bomb.png" in (out / "report.md").read_text() and (out / "sheet.png").is_file()


def test_a_turned_photo_is_turned_back(folder):
    pixels = read_photo(folder / "woods/turned.jpg", SIDE).pixels
    expected = np.asarray(scene(5).rotate(-90, expand=True).resize((256, 341), Image.Resampling.LANCZOS), dtype=float)
    assert pixels.shape == expected.shape and np.abs(pixels - expected).mean() < 4


def test_sixteen_bits_and_eight_bits_of_one_grey_picture_agree(folder, tmp_path):
    eight = np.asarray(scene(7).convert("L"))
    Image.fromarray(eight).save(tmp_path / "eight.png")
    wide, narrow = (read_photo(path, SIDE).pixels.astype(float) for path in (folder / "woods/sixteen.png", tmp_path / "eight.png"))
    assert np.abs(wide - narrow).max() <= 1.5


def test_a_colour_profile_is_converted_and_a_broken_one_is_passed_over(tmp_path):
    """Grey 120 under a profile of gamma 1.0 is much lighter in sRGB: 255 * 1.055 * (120/255)^(1/2.4) - 14."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (300, 300), (120, 120, 120))
    picture.save(tmp_path / "linear.png", icc_profile=with_linear_curves(profile))
    picture.save(tmp_path / "bad.png", icc_profile=b"not a profile")
    linear, bad = (read_photo(tmp_path / name, SIDE) for name in ("linear.png", "bad.png"))
    expected = 255 * (1.055 * (120 / 255) ** (1 / 2.4) - 0.055)
    assert np.abs(linear.pixels - expected).max() <= 2 and "converted" in " ".join(linear.notes)
    assert np.abs(bad.pixels.astype(int) - 120).max() <= 1 and "unreadable" in " ".join(bad.notes)


def with_linear_curves(profile: bytes) -> bytes:
    """The profile with its tone curves replaced by the straight line (a `curv` of no points)."""
    changed = bytearray(profile)
    (count,) = struct.unpack(">I", profile[128:132])
    for i in range(count):
        name, start, length = struct.unpack(">4sII", profile[132 + 12 * i : 144 + 12 * i])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            changed[start : start + 12] = b"curv" + bytes(8)
            changed[start + 12 : start + length] = bytes(length - 12)
    return bytes(changed)


def test_a_very_long_picture_keeps_its_middle(tmp_path):
    scene(3, 4000, 300).save(tmp_path / "long.png")
    assert read_photo(tmp_path / "long.png", SIDE).pixels.shape == (256, 1024, 3)


def test_heif_without_a_decoder_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(photo, "pillow_heif", None)
    (tmp_path / "phone.heic").write_bytes(b"\0" * 64)
    with pytest.raises(Refusal, match="pillow-heif"):
        read_photo(tmp_path / "phone.heic", SIDE)


def test_near_duplicates_are_found_and_different_pictures_are_not():
    duplicates = Duplicates()
    assert all(duplicates.seen_before(difference_hash(np.asarray(scene(seed))), str(seed)) is None for seed in range(40))
    jpeg = io.BytesIO()
    scene(17).resize((333, 250)).save(jpeg, "JPEG", quality=40)
    assert duplicates.seen_before(difference_hash(np.asarray(Image.open(jpeg))), "copy") == "17"


@pytest.mark.parametrize("content", ["missing", "empty", "one"])
def test_a_folder_without_enough_pictures_is_refused(tmp_path, content):
    root = tmp_path / "few"
    if content != "missing":
        root.mkdir()
    if content == "one":
        scene(1).save(root / "one.png")
    with pytest.raises(InputError, match="no such folder|no pictures|too few"):
        prepare_folder(root, tmp_path / "corpus")
    assert not (tmp_path / "corpus/corpus.json").exists()


def test_a_folder_corpus_trains(folder, tmp_path):
    prepare_folder(folder, tmp_path / "corpus")
    tiny = load_config("picture_tiny")
    config = replace(tiny, data=replace(tiny.data, source="folder", styles=[]), training=replace(tiny.training, paired_samples=0, pairing_weight=0.0))
    source = FolderSource(config, tmp_path / "corpus")
    batch = source.draw(8, 0)
    assert batch.picture.shape == (8, 3, 64, 64) and batch.weights is None and torch.equal(batch.picture, source.draw(8, 0).picture)
    assert (batch.crop_y.abs() <= 1).all() and (batch.crop_y.diff(dim=1) > 0).all()
    figures = new_trainer(config, source).train_step()
    assert {"discriminator", "lead", "generator"} <= set(figures) and "pairing" not in figures
