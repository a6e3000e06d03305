"""A folder of pictures -> a corpus on disk: `python -m picture.prepare CONFIG --pictures DIR [--out DIR]`.

A folder of folders gives each its own style (ImageNet's layout); a flat folder is one style. Shards are written whole or
not at all, `corpus.json` last: what was kept, what was left out and why. For a configuration of procedural families
there is nothing to prepare: their sheet is drawn to be looked at.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from tqdm import tqdm

from pipeline.cache import CACHE
from pipeline.errors import InputError, RequestError
from pipeline.whole_file import whole_file

from . import sheets
from .config import Config, load_config
from .dataset import FamilySource
from .geometry import CELLS_PER_UNIT, SHORT_UNITS
from .palette_of import palette_of
from .photo import SUFFIXES, Photo, Refusal, read_photo

SHORT_SIDE = SHORT_UNITS * CELLS_PER_UNIT
SHARD_PICTURES = 64
FLAT_STYLE = "pictures"
NEAR_BITS = 3
"""Pictures whose 64-bit difference hashes differ in no more bits are taken for the same."""
FEWEST_PER_STYLE = 2
SCHEMA = pa.schema([
    ("style", pa.string()), ("file", pa.string()), ("sha256", pa.string()), ("width", pa.int32()), ("height", pa.int32()),
    ("palette", pa.list_(pa.float32(), 15)), ("rgb", pa.binary()),
])  # fmt: skip


def difference_hash(pixels: np.ndarray) -> int:
    """64 bits: whether each of 8 x 8 places is lighter than the next to the right. Survives scaling and recompression."""
    grey = pixels.astype(np.float64).mean(axis=2)
    rows = np.array_split(np.arange(grey.shape[0]), 8)
    columns = np.array_split(np.arange(grey.shape[1]), 9)
    means = np.array([[grey[np.ix_(r, c)].mean() for c in columns] for r in rows])
    return sum(1 << i for i, bit in enumerate((means[:, :-1] < means[:, 1:]).ravel()) if bit)


class Duplicates:
    """Finds near-duplicates: two hashes that differ in at most NEAR_BITS = 3 bits agree in one of four 16-bit parts."""

    def __init__(self):
        self._parts: list[dict[int, list[tuple[int, str]]]] = [{} for _ in range(NEAR_BITS + 1)]

    def seen_before(self, value: int, name: str) -> str | None:
        """The name of an earlier picture like this one; remembers this one if there is none."""
        keys = [(value >> (16 * i)) & 0xFFFF for i in range(len(self._parts))]
        for part, key in zip(self._parts, keys):
            for other, other_name in part.get(key, []):
                if (other ^ value).bit_count() <= NEAR_BITS:
                    return other_name
        for part, key in zip(self._parts, keys):
            part.setdefault(key, []).append((value, name))
        return None


def picture_files(folder: Path) -> list[tuple[str, Path]]:
    """(style, file) in a fixed order."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    styles = [(path.name, path) for path in inside] or [(FLAT_STYLE, folder)]
    found = []
    for style, path in styles:
        files = path.rglob("*") if inside else path.iterdir()
        found += [(style, file) for file in sorted(files) if file.is_file() and file.suffix.lower() in SUFFIXES]
    if not found:
        raise InputError(f"{folder}: no pictures in it ({', '.join(sorted(SUFFIXES))})")
    return found


class ShardWriter:
    """Collects rows into Parquet files of SHARD_PICTURES."""

    def __init__(self, folder: Path):
        self.folder, self.rows, self.shards = folder, [], []

    def add(self, row: dict) -> None:
        self.rows.append(row)
        if len(self.rows) == SHARD_PICTURES:
            self.close()

    def close(self) -> None:
        if self.rows:
            name = f"pictures-{len(self.shards):05d}.parquet"
            with whole_file(self.folder / name) as part:
                pq.write_table(pa.Table.from_pylist(self.rows, schema=SCHEMA), part, compression="zstd")
            self.shards.append({"name": name, "pictures": len(self.rows)})
            self.rows = []


def prepare_folder(pictures: Path, out: Path) -> dict:
    """Reads every file once, in order; returns the corpus record."""
    files = picture_files(pictures)
    out.mkdir(parents=True, exist_ok=True)
    (out / "corpus.json").unlink(missing_ok=True)  # what is being replaced is no corpus until it is whole again
    writer, duplicates, left_out, notes, kept = ShardWriter(out), Duplicates(), [], Counter(), Counter()
    examples: list[np.ndarray] = []
    for style, path in tqdm(files, desc="prepare", unit="picture"):
        name = path.relative_to(pictures).as_posix()
        try:
            photo = read_photo(path, SHORT_SIDE)
            earlier = duplicates.seen_before(difference_hash(photo.pixels), name)
            if earlier is not None:
                raise Refusal(f"nearly the same as {earlier}")
        except Refusal as refusal:
            left_out.append({"file": name, "reason": str(refusal)})
            continue
        notes.update(photo.notes)
        kept[style] += 1
        writer.add(_row(style, name, path, photo))
        if len(examples) < 40:
            examples.append(photo.pixels[:SHORT_SIDE, :SHORT_SIDE] / 255)
    writer.close()
    styles = sorted(style for style, count in kept.items() if count >= FEWEST_PER_STYLE)
    if not styles:
        raise InputError(f"{pictures}: {sum(kept.values())} of {len(files)} files can be used, too few; {_reasons(left_out)}")
    record = {
        "schema_version": 1, "short_side": SHORT_SIDE, "source": pictures.resolve().name, "styles": styles, "kept": dict(sorted(kept.items())),
        "left_out": left_out, "notes": dict(notes), "shards": writer.shards,
    }  # fmt: skip
    for stale in set(out.glob("pictures-*.parquet")) - {out / shard["name"] for shard in writer.shards}:
        stale.unlink()
    sheets.write_sheet([examples[i : i + 10] for i in range(0, len(examples), 10)], out / "sheet.png")
    with whole_file(out / "report.md") as part:
        part.write_text(to_markdown(record))
    with whole_file(out / "corpus.json") as part:
        part.write_text(json.dumps(record, indent=1))
    return record


def _row(style: str, name: str, path: Path, photo: Photo) -> dict:
    height, width = photo.pixels.shape[:2]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    palette = palette_of(photo.pixels).ravel().tolist()
    return {"style": style, "file": name, "sha256": digest, "width": width, "height": height, "palette": palette, "rgb": photo.pixels.tobytes()}


def _reasons(left_out: list[dict]) -> str:
    return "; ".join(f"{entry['file']}: {entry['reason']}" for entry in left_out[:5]) or "put more pictures into it"


def to_markdown(record: dict) -> str:
    """What a user reads after `prepare`."""
    counts = record["kept"]
    few = [style for style in counts if style not in record["styles"]]
    lines = [
        f"# Pictures of {record['source']}", "", "| style | pictures |", "|---|---|", *(f"| {style} | {count} |" for style, count in counts.items()), "",
        *([f"Styles with fewer than {FEWEST_PER_STYLE} pictures are left out: {', '.join(few)}.", ""] if few else []),
        f"{len(record['left_out'])} files were left out:", "", *(f"- {entry['file']}: {entry['reason']}" for entry in record["left_out"]), "",
        *(f"- {count} pictures: {note}" for note, count in record["notes"].items()), "", "![Some of them](sheet.png)", "",
    ]  # fmt: skip
    if max(counts.values()) > 10 * min(counts.values()):
        lines.append("The styles are very uneven; each is drawn equally often, so that pictures of the small ones are repeated.\n")
    return "\n".join(lines)


def draw_families(config: Config, out: Path) -> dict:
    """A sheet of what the families paint, ten of each, whole pictures of the training size."""
    source = FamilySource(config)
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for index in tqdm(range(len(source.styles)), desc="families", unit="family"):
        batch = source.paint(torch.full((10,), index), torch.Generator().manual_seed(config.seed))
        rows.append(list(sheets.to_srgb(batch.picture)))
    sheets.write_sheet(rows, out / "families.png")
    return {"styles": source.styles, "sheet": str(out / "families.png")}


def corpus_folder(config: Config, out: str | None) -> Path:
    return Path(out) if out else CACHE / "corpus" / f"{config.name}-{config.sha256[:12]}"


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models prepare", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--pictures", help="the folder of pictures, for a configuration whose source is a folder")
    parser.add_argument("-o", "--out", help="folder of the corpus")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    out = corpus_folder(config, options.out)
    if config.data.source == "families":
        if options.pictures:
            raise RequestError(f"{config.name} learns procedural families; use a configuration with source = 'folder' for your own pictures")
        print(f"procedural families need no corpus; their sheet: {out / 'families.png'}", file=sys.stderr)
        return draw_families(config, out)
    if not options.pictures:
        raise RequestError("name the folder of your pictures: --pictures DIR")
    record = prepare_folder(Path(options.pictures), out)
    print(to_markdown(record), file=sys.stderr)
    kept = sum(record["kept"].values())
    return {"folder": str(out), "kept": kept, "left_out": len(record["left_out"]), "styles": record["styles"]}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
