"""What kind of source a path is, what belongs to it, and its checksum."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import InputError

from . import folder, nsynth, sfz
from .found import Found, Rejected

FONTS = {".sf2", ".sf3"}
TONES = "tones:"


def kind_of(path: str) -> str:
    """`tones`, `font`, `sfz`, `nsynth` or `folder`."""
    if path == TONES:
        return "tones"
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place}: missing; run `cargo xtask setup --corpus` for the instruments of the shipped models, or name your own source")
    if place.is_file():
        if place.suffix.lower() in FONTS:
            return "font"
        if place.suffix.lower() == ".sfz":
            return "sfz"
        raise InputError(f"{place}: a source is a folder, a SoundFont (.sf2, .sf3) or an .sfz file")
    if (place / nsynth.INDEX).is_file():
        return "nsynth"
    return "sfz" if next(place.rglob("*.sfz"), None) else "folder"


def find(path: str) -> tuple[list[Found], list[Rejected]]:
    """The recordings of a source that is not a font, by name order, and those that can be told at a glance to be of no use."""
    kinds: dict[str, Callable[[Path], tuple[list[Found], list[Rejected]]]] = {"sfz": _find_sfz, "nsynth": nsynth.find, "folder": folder.find}
    found, rejected = kinds[kind_of(path)](Path(path))
    if not found:
        told = f" ({len(rejected)} files were left out; the first: {rejected[0].note}: {rejected[0].why})" if rejected else ""
        raise InputError(f"{path}: no recordings in it{told}; WAV, FLAC, MP3, OGG and AIFF can be read")
    return found, rejected


def _find_sfz(path: Path) -> tuple[list[Found], list[Rejected]]:
    files = [path] if path.is_file() else sorted(path.rglob("*.sfz"))
    listed = [sfz.find(file) for file in files]
    return [found for part, _ in listed for found in part], [rejected for _, part in listed for rejected in part]


def digest(path: str) -> str:
    """SHA-256 of a file; of a folder, of its recordings' names and checksums in name order."""
    if path == TONES:
        return ""
    place = Path(path)
    if place.is_file() and kind_of(path) == "font":
        return _file_digest(place)
    files = sorted({found.path for found in find(path)[0]})
    root = place if place.is_dir() else place.parent
    lines = [f"{file.relative_to(root) if file.is_relative_to(root) else file.name} {_file_digest(file)}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
