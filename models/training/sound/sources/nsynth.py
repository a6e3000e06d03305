"""NSynth's layout (Engel et al. 2017, arXiv 1704.01279): `examples.json` beside a folder `audio` of WAV files."""

import json
from pathlib import Path

from pipeline.errors import InputError

from .found import Found, Rejected

INDEX = "examples.json"
FAMILIES = {
    "bass": "bass", "brass": "brass", "flute": "winds", "guitar": "pluck", "keyboard": "keys", "mallet": "pluck",
    "organ": "organ", "reed": "winds", "string": "strings", "synth_lead": "lead", "vocal": "choir",
}  # fmt: skip


def find(folder: Path) -> tuple[list[Found], list[Rejected]]:
    """The notes of the index by name order; one that names no audio file is told."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        entries = sorted(index.items())
        notes = [(name, int(e["pitch"]), int(e["velocity"]), str(e["instrument_str"]), str(e["instrument_family_str"])) for name, e in entries]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not NSynth's index ({type(error).__name__}: {error}); each note needs pitch, velocity, instrument_str and instrument_family_str") from error
    found, rejected = [], []
    for name, key, velocity, instrument, family in notes:
        audio = folder / "audio" / f"{name}.wav"
        if audio.is_file():
            found.append(Found(audio, name, instrument, FAMILIES.get(family, "own"), key, "mapping", min(max(velocity, 1), 127) / 127))
        else:
            rejected.append(Rejected(name, f"the index names it, but {audio.name} is missing"))
    return found, rejected
