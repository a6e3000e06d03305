"""One recording as a source lists it, before a sample of it is read."""

from dataclasses import dataclass
from pathlib import Path

FAMILY_WORDS = {
    "strings": ("string", "violin", "viola", "cello", "celli", "contrabass", "fiddle"),
    "choir": ("choir", "voice", "vocal", "vox", "aah", "ooh"),
    "pad": ("pad", "ambient", "drone", "texture"),
    "organ": ("organ", "harmonium", "accordion"),
    "brass": ("brass", "horn", "trumpet", "trombone", "tuba"),
    "winds": ("flute", "clarinet", "oboe", "bassoon", "sax", "recorder", "whistle", "reed", "wind"),
    "keys": ("piano", "rhodes", "wurli", "harpsichord", "celesta", "keyboard"),
    "pluck": ("guitar", "harp", "pluck", "pizz", "mandolin", "banjo", "koto", "kalimba", "marimba", "vibraphone", "mallet", "bell"),
    "bass": ("bass",),
    "lead": ("lead", "synth"),
}


@dataclass(frozen=True)
class Found:
    """Where a note is and what its source says about it; what it does not say is None and is heard later."""

    path: Path
    name: str
    """What a person calls it: the path below the source's folder."""
    preset: str
    family: str
    key: int | None = None
    key_from: str = "heard"
    """`heard`, `name`, `title`, `smpl` or `mapping`."""
    velocity: float | None = None
    start_frame: int = 0
    end_frame: int | None = None
    loop: tuple[int, int] | None = None
    """First frame and one past the last, counted in the file; played round while the key is held."""


@dataclass(frozen=True)
class Rejected:
    """A note that stays out. `note` names it: a file, or a key and velocity."""

    note: str
    why: str


def family_of(words: str) -> str:
    """The family that a path speaks of, or `own`."""
    lower = words.lower()
    return next((family for family, known in FAMILY_WORDS.items() if any(word in lower for word in known)), "own")
