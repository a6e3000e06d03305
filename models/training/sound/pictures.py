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
    # A low row above each three for the titles: they would lie on the maps of the row before.
    rows = {"height_ratios": [0.3, 1, 1, 1] * num_rows}
    figure, axes = plt.subplots(4 * num_rows, NUM_COLUMNS, figsize=(2.6 * NUM_COLUMNS, 2.9 * num_rows), squeeze=False, gridspec_kw=rows)
    scales = [("magma", -80, 0), ("RdBu_r", -30, 30), ("viridis", -115, -10)]
    for axis in axes.flat:
        axis.set_axis_off()
    for i, title in enumerate(titles):
        first = 4 * (i // NUM_COLUMNS)
        axes[first, i % NUM_COLUMNS].text(0.5, 0, title, fontsize=8, ha="center", va="bottom")
        for part, (colours, low, high) in enumerate(scales):
            axis = axes[first + 1 + part, i % NUM_COLUMNS]
            axis.imshow(maps[part][i], origin="lower", aspect="auto", cmap=colours, vmin=low, vmax=high, interpolation="nearest")
    figure.subplots_adjust(left=0.01, right=0.99, top=0.99, bottom=0.01, wspace=0.04, hspace=0.12)
    figure.savefig(path, dpi=70)
    plt.close(figure)
