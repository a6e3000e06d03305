"""Where pipelines keep what can be made again."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "understory"


def run_folder(name: str, config_sha256: str, out: str | None) -> Path:
    """The folder that was asked for, or the one that a configuration's training run has in the cache."""
    return Path(out) if out else CACHE / "runs" / f"{name}-{config_sha256[:12]}"
