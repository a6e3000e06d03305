"""Everything a training run needs to go on exactly where it was, in shards of less than 16 MiB.

`checkpoint.json` names the shards and their SHA-256 and is replaced last: a kill at any moment leaves the state before
or the state after, never a mixture. Shards that it no longer names are removed after it was replaced.
"""

import hashlib
import io
import json
from pathlib import Path

import torch

from sound.config import InputError
from sound.whole_file import whole_file

INDEX = "checkpoint.json"
SHARD_BYTES = 15 * 2**20


def exists(folder: Path) -> bool:
    return (folder / INDEX).is_file()


def save(folder: Path, state: dict) -> None:
    content = io.BytesIO()
    torch.save(state, content)
    view, shards = content.getbuffer(), []
    for start in range(0, len(view), SHARD_BYTES):
        part = view[start : start + SHARD_BYTES]
        digest = hashlib.sha256(part).hexdigest()
        name = f"checkpoint-{state['step']:08d}-{len(shards):02d}-{digest[:8]}.bin"
        with whole_file(folder / name) as file:
            file.write_bytes(part)
        shards.append({"name": name, "sha256": digest})
    with whole_file(folder / INDEX) as file:
        file.write_text(json.dumps({"config_sha256": state["config_sha256"], "step": state["step"], "shards": shards}, indent=1))
    kept = {shard["name"] for shard in shards}
    for old in folder.glob("checkpoint-*.bin"):
        if old.name not in kept:
            old.unlink(missing_ok=True)


def load(folder: Path, config_sha256: str) -> dict:
    index = folder / INDEX
    try:
        facts = json.loads(index.read_text())
        wrong, shards = facts["config_sha256"] != config_sha256, [(folder / s["name"], s["sha256"]) for s in facts["shards"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{index}: not a checkpoint's index ({error}); delete it to start again") from error
    if wrong:
        raise InputError(f"{index}: made with another configuration; choose another --out, or delete it to start again")
    content = io.BytesIO()
    for path, digest in shards:
        part = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(part).hexdigest() != digest:
            raise InputError(f"{path}: missing or damaged; delete {INDEX} beside it to start again")
        content.write(part)
    content.seek(0)
    return torch.load(content, map_location="cpu", weights_only=True)
