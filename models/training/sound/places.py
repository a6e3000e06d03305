"""Where a corpus lies."""

from pathlib import Path

from pipeline.cache import CACHE

from .config import Config


def corpus_folder(config: Config, out: str | None) -> Path:
    """The folder that was asked for, or the one that a configuration's corpus has in the cache."""
    return Path(out) if out else CACHE / "corpus" / f"sound-{config.corpus_sha256[:12]}"
