"""Everything a training run needs to go on exactly where it was: shards below 16 MiB and an index that names them.

The index is written last and replaced in one step: a kill at any moment, or a full disk, leaves the checkpoint before
or the one after. The one before is kept, in case a shard is damaged later.
"""

import hashlib
import io
import json
import re
from pathlib import Path

import torch

from .errors import InputError
from .whole_file import whole_file

INDEX, PREVIOUS = "checkpoint.json", "checkpoint.previous.json"
SHARD_BYTES = 15 * 1024 * 1024


def exists(folder: Path) -> bool:
    return (folder / INDEX).is_file() or (folder / PREVIOUS).is_file()


def save(folder: Path, state: dict) -> None:
    """Writes beside, flushes to disk, renames."""
    content = io.BytesIO()  # torch reports a full disk as an internal error of its own; a plain write says what it is
    torch.save(state, content)
    content = content.getvalue()
    parts = [content[i : i + SHARD_BYTES] for i in range(0, len(content), SHARD_BYTES)]
    index = {"config_sha256": state["config_sha256"], "step": state["step"], "shards": [_describe(state["step"], i, p) for i, p in enumerate(parts)]}
    written = []
    try:
        for entry, part in zip(index["shards"], parts):
            written.append(folder / entry["name"])
            with whole_file(folder / entry["name"]) as file:
                file.write_bytes(part)
        _write_index(folder, index)
    except OSError:
        for file in set(written) - _named(folder):
            file.unlink(missing_ok=True)
        raise
    for file in set(folder.glob("checkpoint-*.shard")) - _named(folder):
        file.unlink()


def load(folder: Path, config_sha256: str | None) -> dict:
    """The newest checkpoint of a run; with `config_sha256`, refuses that of another configuration."""
    path = folder / INDEX if (folder / INDEX).is_file() else folder / PREVIOUS
    try:
        index = json.loads(path.read_text())
        shards = [(folder / s["name"], int(s["bytes"]), s["sha256"]) for s in index["shards"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a checkpoint's index ({type(error).__name__}); {_way_out(folder, path)}") from error
    if config_sha256 is not None and index.get("config_sha256") != config_sha256:
        raise InputError(f"{path}: made with another configuration; choose another --out, give --start-from {folder}, or delete it to start again")
    content = b"".join(_read_shard(folder, path, *shard) for shard in shards)
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch and pickle raise a dozen unrelated types for a bad file
        raise InputError(f"{path}: not a whole checkpoint ({type(error).__name__}); {_way_out(folder, path)}") from error


def _describe(step: int, number: int, content: bytes) -> dict:
    digest = hashlib.sha256(content).hexdigest()
    return {"name": f"checkpoint-{step:08d}-{number:02d}-{digest[:8]}.shard", "bytes": len(content), "sha256": digest}


def _write_index(folder: Path, index: dict) -> None:
    """The index of before becomes the previous one, unless it is broken."""
    current = folder / INDEX
    if current.is_file() and _shard_names(current):
        with whole_file(folder / PREVIOUS) as file:
            file.write_bytes(current.read_bytes())
    with whole_file(current) as file:
        file.write_text(json.dumps(index, indent=1))


def _shard_names(index: Path) -> list[str]:
    return re.findall(r"checkpoint-[\w-]+\.shard", index.read_text(errors="replace")) if index.is_file() else []


def _named(folder: Path) -> set[Path]:
    return {folder / name for index in (INDEX, PREVIOUS) for name in _shard_names(folder / index)}


def _read_shard(folder: Path, index: Path, shard: Path, size: int, sha256: str) -> bytes:
    if not shard.is_file():
        raise InputError(f"{shard}: missing, {index.name} names it; {_way_out(folder, index)}")
    content = shard.read_bytes()
    if len(content) != size:
        raise InputError(f"{shard}: {len(content)} bytes, {index.name} says {size}: not a whole checkpoint; {_way_out(folder, index)}")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{shard}: its SHA-256 is not the one in {index.name}: not a whole checkpoint; {_way_out(folder, index)}")
    return content


def _way_out(folder: Path, index: Path) -> str:
    if index.name == INDEX and (folder / PREVIOUS).is_file():
        return f"delete {index} to go on from the checkpoint before"
    return f"delete {index} to start again"
