"""The source of training pictures that a configuration names, and what a model file says about it."""

import hashlib
from pathlib import Path

from .config import Config
from .dataset import FamilySource, Source
from .folder import FolderSource
from .prepare import corpus_folder

FAMILY_FILES = ("families.py", "world.py", "palettes.py")


def open_source(config: Config, corpus: str | None) -> Source:
    """`corpus` is the folder made by `models prepare`; families need none."""
    if config.data.source == "families":
        return FamilySource(config)
    return FolderSource(config, corpus_folder(config, corpus))


def described(config: Config, corpus: str | None) -> list[dict]:
    """`sources` of the manifest: name, licence, SHA-256 of what the pictures were made of."""
    if config.data.source == "families":
        files = [Path(__file__).parent / name for name in FAMILY_FILES]
        name = "procedural families of Understory: " + ", ".join(config.data.styles)
    else:
        folder = corpus_folder(config, corpus)
        files, name = [folder / "corpus.json"], f"pictures of the folder of {folder.name}"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return [{"name": name, "licence": config.data.licence, "sha256": digest}]
