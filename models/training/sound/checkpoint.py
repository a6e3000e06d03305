"""Everything a training run needs to go on exactly where it was, in one file written whole or not at all."""

import io
from pathlib import Path

import torch

from .config import InputError
from .whole_file import whole_file


def save(path: Path, state: dict) -> None:
    """Writes beside, flushes to disk, renames: a kill at any moment leaves the file before or the file after."""
    content = io.BytesIO()  # torch reports a full disk as an internal error of its own; a plain write says what it is
    torch.save(state, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


def load(path: Path, config_sha256: str) -> dict:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # torch and pickle raise a dozen unrelated types for a bad file
        raise InputError(f"{path}: not a whole checkpoint ({type(error).__name__}); delete it to start again") from error
    if not isinstance(state, dict) or state.get("config_sha256") != config_sha256:
        raise InputError(f"{path}: made with another configuration; choose another --out, or delete it to start again")
    return state
