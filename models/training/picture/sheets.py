"""Contact sheets: pictures side by side in one PNG, to be looked at by a person."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.whole_file import whole_file

from .colour import compose, oklab_to_srgb
from .dataset import Batch, cells_of
from .network import Generator

GAP_PX = 4
PAIRS_SHOWN = 40


def write_sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures [h, w, 3] in sRGB 0..1, all of one size."""
    height, width = rows[0][0].shape[:2]
    columns = max(len(row) for row in rows)
    sheet = np.full((len(rows) * (height + GAP_PX), columns * (width + GAP_PX), 3), 24, dtype=np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            top, left = r * (height + GAP_PX), c * (width + GAP_PX)
            sheet[top : top + height, left : left + width] = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    with whole_file(path) as part:
        Image.fromarray(sheet).save(part, format="PNG")


def to_srgb(picture: Tensor) -> np.ndarray:
    """[n, 3, h, w] OKLab -> [n, h, w, 3] sRGB."""
    return oklab_to_srgb(picture.permute(0, 2, 3, 1)).numpy()


@torch.no_grad()
def write_pairs(generator: Generator, batch: Batch, path: Path) -> None:
    """Training pictures, and under each what the generator makes of the same noise."""
    order = batch.style.argmax(dim=1).argsort(stable=True)[:: max(1, len(batch.style) // PAIRS_SHOWN)][:PAIRS_SHOWN]
    real, made = to_srgb(batch.picture[order]), to_srgb(compose(cells_of(generator, batch)[order], batch.palette[order]))
    rows = []
    for start in range(0, len(order), 10):
        rows += [list(real[start : start + 10]), list(made[start : start + 10])]
    write_sheet(rows, path)
