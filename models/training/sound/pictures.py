"""Contact sheets of note grids: level, deviation and noise of each note, one pixel per column (so the attack is stretched)."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from .metrics import Maps

NUM_COLUMNS = 6


def sheet(maps: Maps, titles: list[str], path: Path) -> None:
    """One cell per note: level (-80..0 dB), deviation (±30 cents) and noise (-115..-10 dB), columns left to right."""
    num_rows = -(-len(titles) // NUM_COLUMNS)
    figure, axes = plt.subplots(3 * num_rows, NUM_COLUMNS, figsize=(2.6 * NUM_COLUMNS, 2.9 * num_rows), squeeze=False)
    scales = [("magma", -80, 0), ("RdBu_r", -30, 30), ("viridis", -115, -10)]
    for axis in axes.flat:
        axis.set_axis_off()
    for i, title in enumerate(titles):
        for part, (colours, low, high) in enumerate(scales):
            axis = axes[3 * (i // NUM_COLUMNS) + part, i % NUM_COLUMNS]
            axis.imshow(maps[part][i], origin="lower", aspect="auto", cmap=colours, vmin=low, vmax=high, interpolation="nearest")
            if part == 0:
                axis.set_title(title, fontsize=8)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.97, bottom=0.01, wspace=0.04, hspace=0.12)
    figure.savefig(path, dpi=70)
    plt.close(figure)
