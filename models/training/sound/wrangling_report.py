"""The wrangling report of a corpus: `python -m sound.wrangling_report CONFIG [--corpus DIR] [--out DIR]`. `prepare` ends with it.

Writes report.md, figures.json, rejected.csv and three pictures: balance.png, measures.png, notes.png.
"""

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from pipeline.errors import InputError
from pipeline.whole_file import whole_file

from .config import load_config
from .descriptors import ATTRIBUTES
from .pictures import sheet
from .places import corpus_folder
from .wrangling import MAPS, NEAR_CONSTANT, Inventory, figures, maps_of, outliers, take_inventory

NUM_SHOWN = 12


def write_report(folder: Path, out: Path) -> dict:
    """Reads the corpus in `folder`, writes the report into `out`, returns its figures."""
    inventory = take_inventory(folder)
    out.mkdir(parents=True, exist_ok=True)
    found = figures(inventory)
    odd = outliers(inventory)[:NUM_SHOWN]
    _balance(inventory, out / "balance.png")
    _measures(inventory, out / "measures.png")
    chosen = np.random.default_rng(1).choice(len(inventory), min(NUM_SHOWN, len(inventory)), replace=False).tolist()
    shown = chosen + [note for note, _, _ in odd]
    titles = [_short(inventory, n) for n in chosen] + [f"! {name} {far:+.0f}: {_short(inventory, note)}" for note, name, far in odd]
    sheet(maps_of(inventory, shown), titles, out / "notes.png")
    _rejected_table(inventory.summary, out / "rejected.csv")
    with whole_file(out / "figures.json") as part:
        part.write_text(json.dumps(found, indent=1))
    with whole_file(out / "report.md") as part:
        part.write_text(_words(inventory, found, odd))
    return found


def _short(inventory: Inventory, note: int) -> str:
    preset, variant = (inventory.words[w][note] for w in ("preset", "variant"))
    return f"{preset[:20]} {inventory.numbers['key'][note]:.0f} {variant}"


def _rejected_table(summary: dict, path: Path) -> None:
    with whole_file(path) as part, part.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["source", "preset", "note", "why"])
        table.writerows(["", "", rejected["note"], rejected["why"]] for rejected in summary.get("rejected", []))
        for entry in summary["entries"]:
            table.writerows([entry["source"], entry.get("preset", ""), rejected["note"], rejected["why"]] for rejected in entry["rejected"])


def _balance(inventory: Inventory, path: Path) -> None:
    """Who is there: families, keys, velocities, variants; bars are notes, orange their share of training's draws."""
    figure, axes = plt.subplots(2, 2, figsize=(14, 9))
    weight = inventory.numbers["weight"] / inventory.numbers["weight"].sum()
    families = sorted(set(inventory.words["family"]))
    notes = [np.mean(inventory.words["family"] == f) for f in families]
    drawn = [weight[inventory.words["family"] == f].sum() for f in families]
    axes[0, 0].barh(np.arange(len(families)) + 0.2, notes, 0.4, label="share of notes")
    axes[0, 0].barh(np.arange(len(families)) - 0.2, drawn, 0.4, color="tab:orange", label="share of training's draws")
    axes[0, 0].set_yticks(np.arange(len(families)), families)
    axes[0, 0].legend()
    keys = inventory.numbers["key"]
    edges = np.arange(keys.min() - 0.5, keys.max() + 1)
    axes[0, 1].hist(keys, edges, label="notes")
    axes[0, 1].hist(keys, edges, weights=weight * len(keys), histtype="step", color="tab:orange", label="drawn by training")
    axes[0, 1].set(xlabel="key (MIDI)")
    axes[0, 1].legend()
    axes[1, 0].hist(inventory.numbers["velocity"], np.linspace(0, 1, 41))
    axes[1, 0].set(xlabel="velocity")
    variants = Counter(inventory.words["variant"].tolist())
    axes[1, 1].bar(list(variants), list(variants.values()))
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)


def _measures(inventory: Inventory, path: Path) -> None:
    """How the notes measure, and which cells of the maps vary."""
    figure, axes = plt.subplots(3, 4, figsize=(18, 11))
    numbers = inventory.numbers
    histograms = {
        "own mistuning (cents)": numbers["tuning_cents"], "share of power on harmonics": np.minimum(numbers["explained_share"], 1.5),
        "DC (dB re peak)": numbers["dc_db"], "peak (dB re full scale)": numbers["peak_db"],
        "vibrato depth (cents)": numbers["vibrato_cents"], **dict(zip(ATTRIBUTES, inventory.attributes.T)),
    }  # fmt: skip
    for axis, (title, values) in zip(axes.flat, histograms.items()):
        axis.hist(values, 60, log=True)
        axis.set_title(title, fontsize=9)
    for axis, name in zip(axes.flat[9:], MAPS):
        picture = axis.imshow(inventory.cell_deviation[name], origin="lower", aspect="auto", cmap="magma", vmin=0)
        axis.contour(inventory.cell_deviation[name] < NEAR_CONSTANT[name], levels=[0.5], colors="cyan", linewidths=0.6)
        axis.set_title(f"{name}: standard deviation of each cell", fontsize=9)
        figure.colorbar(picture, ax=axis)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)


def _words(inventory: Inventory, found: dict, odd: list[tuple[int, str, float]]) -> str:
    tuning, keys = found["tuning"], found["keys"]
    lines = [
        "# Corpus: what was found and what was done", "",
        f"{found['notes']} notes of {found['presets']} instruments, keys {keys['lowest']} to {keys['highest']} "
        f"(fewest: key {keys['fewest']['key']} with {keys['fewest']['notes']}).", "",
        "| source | licence | asked for | kept | left out |", "|---|---|---|---|---|",
        *(_source_line(name, counts, inventory.summary) for name, counts in found["left_out"].items()), "",
        *_dropped(found), *_glance(found),
        "| looked for | found |", "|---|---|",
        f"| DC above -40 dB of the peak (taken out by a 20 Hz high-pass) | {found['dc_above_minus_40_db']} notes, worst {found['worst_dc_db']:.0f} dB |",
        f"| own mistuning (taken out) | median {tuning['median_cents']:.1f} cents, {tuning['above_5_cents']:.1%} above 5, {tuning['above_20_cents']:.1%} above 20 |",
        f"| less than 70 % of the power on the harmonics | {found['explained_below_0_7']:.1%} of the notes |",
        "| cells that hardly vary | " + ", ".join(f"{name} {share:.1%}" for name, share in found["constant_cells"].items()) + " (cyan in measures.png) |",
        f"| columns of one value | {', '.join(found['constant_columns']) or 'none'} |",
        f"| the same note under two presets | {found['duplicates']['notes']} plain notes ({found['duplicates']['share']:.1%}) |",
        f"| outliers (six robust deviations from the notes around their key) | {found['outliers']} |",
        f"| vibrato deeper than 10 cents | {found['vibrato_above_10_cents']} notes |", "",
        "## Who is there", "", "| family | notes | share of training's draws |", "|---|---|---|",
        *(f"| {name} | {f['notes']} | {f['weight']:.1%} |" for name, f in found["families"].items()), "",
        "Variants: " + ", ".join(f"{name} {count}" for name, count in found["variants"].items()) + ".", "",
        "![balance](balance.png)", "", "## How they measure", "", "![measures](measures.png)", "",
        *_listed("## The most often doubled presets", [f"{pair}: {count} notes" for pair, count in found["duplicates"]["pairs"]]),
        *_listed("## The strangest notes", [f"{inventory.name(note)}: {name} {far:+.1f} deviations" for note, name, far in odd]),
        "Twelve notes by chance, then the strangest (marked !): level, deviation, noise.", "", "![notes](notes.png)", "",
        *_pitches(inventory.summary),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _source_line(name: str, counts: dict, summary: dict) -> str:
    reasons = ", ".join(f"{why} {count}" for why, count in counts["reasons"].most_common()) or "nothing"
    licence = next((s["licence"] for s in summary.get("sources", []) if s["name"] == name), "")
    return f"| {name} | {licence} | {counts['asked']} | {counts['kept']} | {reasons} |"


def _dropped(found: dict) -> list[str]:
    return _listed("Presets left out whole:", [f"{name}: {preset}" for name, counts in found["left_out"].items() for preset in counts["dropped presets"]])


def _glance(found: dict) -> list[str]:
    return _listed("Not even opened:", [f"{rejected['note']}: {rejected['why']}" for rejected in found["told_at_a_glance"][:50]])


def _listed(heading: str, lines: list[str]) -> list[str]:
    return [heading, "", *(f"- {line}" for line in lines), ""] if lines else []


def _pitches(summary: dict) -> list[str]:
    """How the keys of recordings became known; those to check by ear first."""
    pitches = [pitch for entry in summary["entries"] for pitch in entry.get("pitches", [])]
    if not pitches:
        return []
    counts = Counter(pitch["from"] for pitch in pitches)
    unsure = sorted(pitches, key=lambda p: p["confidence"])[:20]
    return [
        "## Keys of the recordings", "", "From: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()) + ". Least sure, worth a listen:", "",
        *(f"- {p['note']}: key {p['key']} ({p['from']}, confidence {p['confidence']:.2f})" for p in unsure),
    ]  # fmt: skip


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models wrangle", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("-o", "--out", help="folder of the report (default: `report` in the corpus)")
    options = parser.parse_args(arguments)
    folder = corpus_folder(load_config(options.config), options.corpus)
    if not folder.is_dir():
        raise InputError(f"{folder}: no corpus; run `models prepare` first")
    out = Path(options.out) if options.out else folder / "report"
    found = write_report(folder, out)
    return {"report": str(out / "report.md"), "notes": found["notes"], "duplicates": found["duplicates"]["notes"], "outliers": found["outliers"]}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
