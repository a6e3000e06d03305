"""Where the pipeline keeps things that can be made again."""

import os
from pathlib import Path

from .config import Config

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "understory"


def corpus_folder(config: Config, out: str | None) -> Path:
    """The folder that was asked for, or the one that a configuration's corpus has in the cache."""
    return Path(out) if out else CACHE / "corpus" / f"sound-{config.corpus_sha256[:12]}"
