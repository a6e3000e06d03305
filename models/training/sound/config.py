"""The typed form of a configuration file. Checked once, here; inside the pipeline the values are valid."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_args, get_origin

from .grid import HIGHEST_KEY, LOWEST_KEY

GAMES = ("relativistic", "non_saturating")
CONFIGS = Path(__file__).parent.parent / "configs"
VARIANTS = ("stacked", "swept", "long", "vibrato", "transposed")
"""`long` and `vibrato` are for fonts, `transposed` for recordings."""


class RequestError(Exception):
    """The user asked for something wrong (exit code 2)."""


class InputError(Exception):
    """A file is at fault (exit code 3)."""


class Diverged(Exception):
    """Training cannot go on; the message says why (exit code 1). The last checkpoint stays as it was."""


@dataclass(frozen=True)
class Source:
    """Where notes come from: a sound font, a folder of recordings (sound/sources), or `tones:`."""

    name: str
    path: str
    licence: str
    sha256: str


@dataclass(frozen=True)
class Program:
    """A preset of a sound font and the keys it is natural on."""

    bank: int
    number: int
    family: str
    low: int
    high: int
    weight: float


@dataclass(frozen=True)
class Variant:
    """Notes that are played once more in another way (sound/variants.py), on every `key_step`-th key of these families."""

    kind: str
    key_step: int
    families: list[str]


@dataclass(frozen=True)
class CorpusConfig:
    """What of each source becomes notes. All but `sources` is about sound fonts; a recording is taken as it is."""

    sources: list[Source]
    programs: list[Program]
    """Empty: every melodic preset of a font, on all keys."""
    key_step: int
    velocities: list[float]
    range_margin: int
    variants: list[Variant]


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
    game: str
    """One of GAMES; losses.py tells when which."""
    gamma: float
    penalty_every: int
    attribute_weight: float
    attribute_jitter: float
    """Blur of the attributes a note is asked for, in standard deviations: leaves more to the latent."""
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
    """Of the corpus file alone: a corpus outlives a change of the network."""


def _build(cls, table: dict, where: str):
    known = {f.name for f in fields(cls)}
    for name in table:
        if name not in known:
            raise RequestError(f"{where}: unknown setting '{name}'; known are {', '.join(sorted(known))}")
    missing = known - set(table)
    if missing:
        raise RequestError(f"{where}: missing {', '.join(sorted(missing))}")
    for f in fields(cls):
        if not _fits(table[f.name], f.type):
            wanted = f.type.__name__ if isinstance(f.type, type) and not get_origin(f.type) else f.type
            raise RequestError(f"{where}: {f.name} is {table[f.name]!r}, wanted {wanted}")
    return cls(**table)


def _fits(value, wanted) -> bool:
    """Whether a TOML value is of a field's type; a whole number may stand for a float, a truth value for nothing else."""
    if get_origin(wanted) is list:
        return isinstance(value, list) and all(_fits(v, *get_args(wanted)) for v in value)
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def _check(config: Config, where: str) -> None:
    """Refuses values that no step can work with."""
    network, training = config.network, config.training
    demands = {
        "seed must be from 0 to 2^32 - 1": 0 <= config.seed < 2**32,
        "[network] channels must be five, discriminator_channels one to six": len(network.channels) == 5
        and 1 <= len(network.discriminator_channels) <= 6,
        "[network] every length and number of channels must be at least 1": min(
            network.latent_length, network.style_length, network.noise_channels, *network.channels, *network.discriminator_channels
        ) >= 1,
        "[training] samples, batch, penalty_every, ema_half_life and evaluate_every must be at least 1": min(
            training.samples, training.batch, training.penalty_every, training.ema_half_life, training.evaluate_every
        ) >= 1,
        f"[training] game must be one of {', '.join(GAMES)}": training.game in GAMES,
        "[training] attribute_jitter must be from 0 to 1": 0 <= training.attribute_jitter <= 1,
        "[training] learning_rate and final_learning_rate must be above 0": min(training.learning_rate, training.final_learning_rate) > 0,
    }  # fmt: skip
    for words, kept in demands.items():
        if not kept:
            raise RequestError(f"{where}: {words}")


def _check_corpus(corpus: CorpusConfig, where: str) -> None:
    demands = {
        "needs a source and a velocity": corpus.sources and corpus.velocities,
        "velocities must be above 0 and at most 1": all(0 < v <= 1 for v in corpus.velocities),
        "key_step must be at least 1, range_margin at least 0": corpus.key_step >= 1 and corpus.range_margin >= 0,
        f"variants must each be another of {', '.join(VARIANTS)}, with a key_step of at least 1": all(
            v.kind in VARIANTS and v.key_step >= 1 for v in corpus.variants
        ) and len({v.kind for v in corpus.variants}) == len(corpus.variants),
    }  # fmt: skip
    for words, kept in demands.items():
        if not kept:
            raise RequestError(f"{where}: {words}")
    for program in corpus.programs:
        met = max(program.low, LOWEST_KEY) <= min(program.high, HIGHEST_KEY)
        if not met or program.weight <= 0:
            raise RequestError(f"{where}: program {program.number}: needs keys within {LOWEST_KEY}..{HIGHEST_KEY} and a weight above 0")


def _digest(values) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def load_config(name: str) -> Config:
    """`name` is a file, or the name of one of the shipped configurations (`sound_narrow`)."""
    path = Path(name) if name.endswith(".toml") else CONFIGS / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in CONFIGS.glob("sound*.toml"))
        raise RequestError(f"no configuration '{name}'; a .toml file or one of: {', '.join(known)}")
    table = _read(path)
    for section in ("network", "training"):
        if not isinstance(table.get(section), dict):
            raise RequestError(f"{path}: section [{section}] is missing")
    if not isinstance(table.get("corpus"), str):
        raise RequestError(f"{path}: `corpus` is missing (the name of a .toml file beside this one)")
    corpus = load_corpus_config(path.parent / table.pop("corpus"))
    digests = {"sha256": _digest([table, asdict(corpus)]), "corpus_sha256": _digest(asdict(corpus))}
    sections = {
        "corpus": corpus,
        "network": _build(NetworkConfig, table.pop("network"), f"{path}: [network]"),
        "training": _build(TrainingConfig, table.pop("training"), f"{path}: [training]"),
    }
    config = _build(Config, {**table, **sections, **digests}, str(path))
    _check(config, str(path))
    return config


def load_corpus_config(path: Path) -> CorpusConfig:
    """What one corpus is made of."""
    table = _read(path)
    for name, cls in {"sources": Source, "programs": Program, "variants": Variant}.items():
        if not _fits(table.get(name), list[dict]):
            raise RequestError(f"{path}: `{name}` must be a list of tables")
        table[name] = [_build(cls, entry, f"{path}: {name}") for entry in table[name]]
    corpus = _build(CorpusConfig, table, str(path))
    _check_corpus(corpus, str(path))
    return corpus


def _read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RequestError(f"{path}: {error}") from error
