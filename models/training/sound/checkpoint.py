"""Everything a training run needs to go on exactly where it was, in one file written whole or not at all."""

import os
import zipfile
from pathlib import Path

import torch

from .config import InputError


def save(path: Path, state: dict) -> None:
    """Writes beside, flushes to disk, renames: a kill at any moment leaves the file before or the file after."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def load(path: Path, config_sha256: str) -> dict:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{path}: not a whole checkpoint ({error}); delete it to start again") from error
    if state.get("config_sha256") != config_sha256:
        raise InputError(f"{path}: made with another configuration; choose another --out, or delete it to start again")
    return state
