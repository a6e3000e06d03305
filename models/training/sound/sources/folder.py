"""A plain folder of recordings, searched with its subfolders: each file one note (or several, with silence between)."""

from pathlib import Path

from .found import Found, Rejected, family_of
from .key_names import key_in, velocity_in
from .riff import sample_chunk

AUDIO = {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".caf", ".w64", ".au"}
BY_HAND = {".m4a", ".mp4", ".wma", ".aac", ".ape", ".wv"}


def find(folder: Path) -> tuple[list[Found], list[Rejected]]:
    """Every audio file by name order. What looks like audio but cannot be read here is told, other files are not."""
    found, rejected = [], []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if path.name.startswith("."):
            continue
        if path.suffix.lower() in BY_HAND:
            rejected.append(Rejected(name, f"{path.suffix} cannot be read; convert it to WAV or FLAC"))
        elif path.suffix.lower() in AUDIO:
            found.append(_describe(path, name, folder))
    return found, rejected


def _describe(path: Path, name: str, folder: Path) -> Found:
    preset = path.parent.name if path.parent != folder else folder.name
    key, chunk = key_in(path.stem), None
    try:
        chunk = sample_chunk(path)
    except OSError:
        pass  # reading the samples will meet the same error and tell it
    key_from = "name" if key is not None else "heard"
    if key is None and chunk:
        key, key_from = chunk.key, "smpl"
    return Found(
        path, name, preset, family_of(name), key, key_from, velocity_in(path.stem), loop=chunk.loop if chunk else None
    )  # fmt: skip
