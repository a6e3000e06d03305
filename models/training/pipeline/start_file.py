"""What another run can begin with: a run's folder, or the networks of one as a single small file, to be kept and passed on.

Such a file has no optimizers and numbers of 16 bits: a run that begins with it goes on from there, not exactly as the old
one would have. It may lack the discriminator.
"""

import io
from pathlib import Path

import torch

from . import checkpoint
from .errors import InputError, RequestError
from .whole_file import whole_file

NETWORKS = ("generator", "discriminator", "average")
FACTS = ("samples", "samples_before", "styles")
"""Numbers and names of a run's state that come along, where it has them."""


def save(path: Path, state: dict) -> None:
    """The networks of a trainer's state, whole or not at all."""
    kept = {name: state[name] for name in FACTS if name in state}
    kept |= {part: {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state[part].items()} for part in NETWORKS}
    content = io.BytesIO()
    torch.save(kept, content)
    with whole_file(path) as file:
        file.write_bytes(content.getvalue())


def load(start: Path) -> dict:
    """The state in a run's folder, or the networks in a file of `save`: without optimizers."""
    if start.is_dir() and checkpoint.exists(start):
        return checkpoint.load(start, None)
    if not start.is_file():
        raise RequestError(f"--start-from {start}: neither a run's folder with a checkpoint nor a file of `models export --start-file`")
    try:
        state = torch.load(start, map_location="cpu", weights_only=True)
        state.setdefault("discriminator", {})
        return state | {part: {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state[part].items()} for part in NETWORKS}
    except Exception as error:  # torch and pickle raise a dozen unrelated types for a bad file
        raise InputError(f"{start}: not the networks of a run ({type(error).__name__}); write it again with `models export --start-file`") from error
