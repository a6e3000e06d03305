"""The typed form of a configuration file. Checked once, here; inside the pipeline the values are valid."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

CONFIGS = Path(__file__).parent.parent / "configs"


class RequestError(Exception):
    """The user asked for something wrong (exit code 2)."""


class InputError(Exception):
    """A file is at fault (exit code 3)."""


class Diverged(Exception):
    """Training cannot go on; the message says why (exit code 1). The last checkpoint stays as it was."""


@dataclass(frozen=True)
class Font:
    name: str
    path: str
    licence: str
    sha256: str


@dataclass(frozen=True)
class Program:
    number: int
    family: str
    low: int
    high: int
    weight: float


@dataclass(frozen=True)
class CorpusConfig:
    programs: list[Program]
    key_step: int
    velocities: list[float]
    range_margin: int
    fonts: list[Font]


@dataclass(frozen=True)
class NetworkConfig:
    latent_length: int
    style_length: int
    channels: list[int]
    """Of the five generator levels, 4 x 8 to 64 x 128."""
    noise_channels: int
    discriminator_channels: list[int]


@dataclass(frozen=True)
class TrainingConfig:
    samples: int
    batch: int
    learning_rate: float
    final_learning_rate: float
    gamma: float
    penalty_every: int
    attribute_weight: float
    ema_half_life: int
    checkpoint_every_s: float
    evaluate_every: int


@dataclass(frozen=True)
class Config:
    name: str
    seed: int
    corpus: CorpusConfig
    network: NetworkConfig
    training: TrainingConfig
    sha256: str
    """Of the whole configuration: what a checkpoint was made with."""
    corpus_sha256: str
    """Of the corpus section alone: a corpus outlives a change of the network."""


def _build(cls, table: dict, where: str):
    known = {f.name for f in fields(cls)}
    for name in table:
        if name not in known:
            raise RequestError(f"{where}: unknown setting '{name}'; known are {', '.join(sorted(known))}")
    missing = known - set(table)
    if missing:
        raise RequestError(f"{where}: missing {', '.join(sorted(missing))}")
    return cls(**table)


def _digest(values) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def load_config(name: str) -> Config:
    """`name` is a file, or the name of one of the shipped configurations (`sound_narrow`)."""
    path = Path(name) if name.endswith(".toml") else CONFIGS / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in CONFIGS.glob("sound*.toml"))
        raise RequestError(f"no configuration '{name}'; a .toml file or one of: {', '.join(known)}")
    try:
        table = tomllib.loads(path.read_text())
        programs_path = path.parent / table["corpus"]["programs"]
        programs = tomllib.loads(programs_path.read_text())["program"]
    except (tomllib.TOMLDecodeError, KeyError, OSError) as error:
        raise RequestError(f"{path}: {error}") from error
    corpus = dict(table.pop("corpus"))
    corpus["programs"] = [_build(Program, p, f"{programs_path}: [[program]]") for p in programs]
    corpus["fonts"] = [_build(Font, f, f"{path}: corpus.fonts") for f in corpus["fonts"]]
    digests = {
        "sha256": _digest([table, [asdict(p) for p in corpus["programs"]], [asdict(f) for f in corpus["fonts"]]]),
        "corpus_sha256": _digest(asdict(_build(CorpusConfig, corpus, f"{path}: [corpus]"))),
    }
    sections = {
        "corpus": _build(CorpusConfig, corpus, f"{path}: [corpus]"),
        "network": _build(NetworkConfig, table.pop("network"), f"{path}: [network]"),
        "training": _build(TrainingConfig, table.pop("training"), f"{path}: [training]"),
    }
    return _build(Config, {**table, **sections, **digests}, str(path))
