"""The source of training pictures that a configuration names."""

from .config import Config
from .dataset import FamilySource, Source


def open_source(config: Config, corpus: str | None) -> Source:
    return FamilySource(config)
