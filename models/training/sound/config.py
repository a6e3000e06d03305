"""The typed form of a configuration file. Checked once, here; inside the pipeline the values are valid."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline import settings
from pipeline.errors import RequestError

from .conditions import NUM_ATTRIBUTES
from .grid import HIGHEST_KEY, LOWEST_KEY

GAMES = ("relativistic", "non_saturating")
VARIANTS = ("stacked", "swept", "long", "vibrato", "transposed")
"""`long` and `vibrato` are for fonts, `transposed` for recordings."""


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
    attribute_weights: list[float]
    """What each of `measures.ATTRIBUTES` weighs in either side's loss, beside the game's 1."""
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
        f"[training] attribute_weights must be {NUM_ATTRIBUTES}, none below 0": len(training.attribute_weights) == NUM_ATTRIBUTES
        and min(training.attribute_weights) >= 0,
        "[training] attribute_jitter must be from 0 to 1": 0 <= training.attribute_jitter <= 1,
        "[training] learning_rate and final_learning_rate must be above 0": min(training.learning_rate, training.final_learning_rate) > 0,
    }  # fmt: skip
    settings.demand(demands, where)


def _check_corpus(corpus: CorpusConfig, where: str) -> None:
    demands = {
        "needs a source and a velocity": corpus.sources and corpus.velocities,
        "velocities must be above 0 and at most 1": all(0 < v <= 1 for v in corpus.velocities),
        "key_step must be at least 1, range_margin at least 0": corpus.key_step >= 1 and corpus.range_margin >= 0,
        f"variants must each be another of {', '.join(VARIANTS)}, with a key_step of at least 1": all(
            v.kind in VARIANTS and v.key_step >= 1 for v in corpus.variants
        ) and len({v.kind for v in corpus.variants}) == len(corpus.variants),
    }  # fmt: skip
    settings.demand(demands, where)
    for program in corpus.programs:
        met = max(program.low, LOWEST_KEY) <= min(program.high, HIGHEST_KEY)
        if not met or program.weight <= 0:
            raise RequestError(f"{where}: program {program.number}: needs keys within {LOWEST_KEY}..{HIGHEST_KEY} and a weight above 0")


def load_config(name: str) -> Config:
    """`name` is a file, or the name of one of the shipped configurations (`sound_narrow`)."""
    path = settings.find(name, "sound")
    table = settings.read(path)
    settings.demand_sections(table, ("network", "training"), path)
    if not isinstance(table.get("corpus"), str):
        raise RequestError(f"{path}: `corpus` is missing (the name of a .toml file beside this one)")
    corpus = load_corpus_config(path.parent / table.pop("corpus"))
    digests = {"sha256": settings.digest([table, asdict(corpus)]), "corpus_sha256": settings.digest(asdict(corpus))}
    sections = {
        "corpus": corpus,
        "network": settings.build(NetworkConfig, table.pop("network"), f"{path}: [network]"),
        "training": settings.build(TrainingConfig, table.pop("training"), f"{path}: [training]"),
    }
    config = settings.build(Config, {**table, **sections, **digests}, str(path))
    _check(config, str(path))
    return config


def load_corpus_config(path: Path) -> CorpusConfig:
    """What one corpus is made of."""
    table = settings.read(path)
    for name, cls in {"sources": Source, "programs": Program, "variants": Variant}.items():
        if not settings.fits(table.get(name), list[dict]):
            raise RequestError(f"{path}: `{name}` must be a list of tables")
        table[name] = [settings.build(cls, entry, f"{path}: {name}") for entry in table[name]]
    corpus = settings.build(CorpusConfig, table, str(path))
    _check_corpus(corpus, str(path))
    return corpus
