"""The report of an evaluation in Markdown. Figures in, text out."""

from .gates import gates


def to_markdown(figures: dict, previous: dict | None = None) -> str:
    """The gates first, then a table per question; with `previous`, another model's figures beside."""
    model = figures["model"]
    sections = [
        [f"# {model['name']} {model['version']}: report", "",
         f"{model['parameters']:,} parameters, {figures['samples_seen']:,} samples seen, against a corpus of {figures['notes_in_corpus']:,} notes."],
        _gates(figures, previous), _distances(figures, previous), _textures(figures, previous), _single_figures(figures, previous), _controls(figures),
        _keys(figures), ["![Generated notes](generated.png)", "", "![Real notes of the same keys](real.png)"],
    ]  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _gates(figures: dict, previous: dict | None) -> list[str]:
    ours, theirs = gates(figures), gates(previous) if previous else []
    head = ["| gate | wanted | found | |", "|---|---|---|---|"]
    if theirs:
        head = [f"| gate | wanted | found | | {previous['model']['name']} |", "|---|---|---|---|---|"]
    rows = [f"| {g.name} | {g.wanted} | {g.found} | {'pass' if g.met else '**miss**'} |" for g in ours]
    return head + [row + (f" {old.found} |" if theirs else "") for row, old in zip(rows, theirs or ours)]


def _distances(figures: dict, previous: dict | None) -> list[str]:
    labels = {
        "other": "the other half (floor)", "crossed": "**model**, asked for the other half", "model": "model, asked for the very half it is compared with",
        "average": "the mean note", "noise": "noise (ceiling)",
    }  # fmt: skip
    sets = [figures, previous] if previous else [figures]
    lines = _head(["Frechet distance to half the real notes, value and x floor"], sets)
    for name, label in labels.items():
        cells = (f"{s['frechet'][name]:.2f} ({s['frechet'][name] / s['frechet']['other']:.1f} x)" for s in sets)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    lines += [f"| on `{name}` alone, x floor | {' | '.join(format(s['frechet_per_map'][name], '.1f') for s in sets)} |" for name in figures["frechet_per_map"]]
    for name, label in (("model", "model"), ("real", "the other half"), ("noise", "noise")):
        cells = (f"{s['bins'][name]['different_bins']:.2f}, {s['bins'][name]['divergence_bits']:.3f} bits" for s in sets)
        lines.append(f"| share of bins that differ, Jensen-Shannon divergence: {label} | {' | '.join(cells)} |")
    return lines


def _textures(figures: dict, previous: dict | None) -> list[str]:
    sets, texture = [figures, previous] if previous else [figures], figures["texture"]
    names = [s["model"]["name"] for s in sets]
    lines = [f"| texture | {' | '.join(names)} | real | noise |", "|---|" + "---|" * (len(sets) + 2)]
    for name, real in texture["real"].items():
        cells = " | ".join(f"{s['texture']['model'][name]:.3f}" for s in sets)
        lines.append(f"| {name} | {cells} | {real:.3f} | {texture['noise'][name]:.3f} |")
    return lines


def _single_figures(figures: dict, previous: dict | None) -> list[str]:
    sets = [figures, previous] if previous else [figures]
    cells = {
        "pitch within 20 cents": lambda s: f"{s['pitch']['within']} of {s['pitch']['notes']} (median {s['pitch']['median_cents']:.2f}, worst {s['pitch']['worst_cents']:.2f} cents)",
        **{name: lambda s, name=name: f"{s['variety'][name]:.3f}" if name in s["variety"] else "" for name in figures["variety"]},
        "decaying notes whose tail is below -40 dB": lambda s: f"{s['tails_below_minus_40_db']['model']:.2f} (real {s['tails_below_minus_40_db']['real']:.2f})",
        "loudness step of neighbouring keys, 95th percentile": lambda s: f"{s['neighbouring_keys_db_p95']:.2f} dB",
        "ONNX Runtime, one thread, one note": lambda s: f"{s['ms_per_note']:.2f} ms",
    }
    return _head(["figure"], sets) + [f"| {label} | {' | '.join(cell(s) for s in sets)} |" for label, cell in cells.items()]


def _controls(figures: dict) -> list[str]:
    lines = ["| control | asked against measured (correlation) | effect per unit | Spearman |", "|---|---|---|---|"]
    for name, effect in figures["controls"].items():
        asked = figures["attributes"].get(name)
        lines.append(f"| {name} | {'' if asked is None else format(asked, '.2f')} | {effect['per_unit']:.3f} {effect['unit']} | {effect['spearman']:.2f} |")
    return lines


def _keys(figures: dict) -> list[str]:
    """Eight notes each: the worst of its stretch of the keyboard."""
    rows, lines = figures["keys"], ["| keys | furthest off, cents | peak, dB | slowest, ms |", "|---|---|---|---|"]
    for i in range(0, len(rows), 8):
        part = rows[i : i + 8]
        peaks = [row["peak_db"] for row in part]
        lines.append(
            f"| {part[0]['key']} to {part[-1]['key']} | {max((row['cents'] for row in part), key=abs):+.2f} "
            f"| {min(peaks):.1f} to {max(peaks):.1f} | {max(row['ms'] for row in part):.1f} |"
        )
    return lines


def _head(first: list[str], sets: list[dict]) -> list[str]:
    names = [*first, *(s["model"]["name"] for s in sets)]
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
