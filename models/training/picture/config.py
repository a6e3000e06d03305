"""The typed form of a picture configuration. Checked once, here; inside the pipeline the values are valid."""

from dataclasses import dataclass

from pipeline import settings

from .wishes import NUM_KNOBS

MEDIUM_LEVEL = 3
"""So many levels at least: the medium noise enters at the third."""


@dataclass(frozen=True)
class DataConfig:
    source: str
    """`families` (own procedural ones) or `folder` (made by `models prepare` from a user's pictures)."""
    styles: list[str]
    """Families to learn, in the order of the model's style weights; for a folder empty: its own folders' names."""
    shares: list[float]
    """How often each of `styles` is drawn, in proportion; empty: all alike."""
    size: int
    """Side of a training picture in cells, a multiple of 32."""
    licence: str
    """Of the model that is made: it follows from the licence of the pictures."""


@dataclass(frozen=True)
class NetworkConfig:
    latent_length: int
    style_length: int
    channels: list[int]
    """Of the four trunk levels, 1 to 8 places per unit."""
    depths: list[int]
    """Convolutions of each trunk level."""
    head_channels: int
    discriminator_channels: list[int]


@dataclass(frozen=True)
class TrainingConfig:
    samples: int
    shape_steps: int
    """So many steps first in which a fresh network's discs alone are fitted to bokeh; 0 for a folder."""
    paired_samples: int
    """So many samples first without an adversary, each picture compared with the family's own for the same noise."""
    pairing_weight: float
    """Of the comparison of colour masses beside the adversary; 0 for a folder, whose pictures have no noise they were made of."""
    texture_weight: float
    """Of the comparison of patches, wherever they lie, in the paired samples; with 0 pictures are compared by the pixel alone.
    Above 0 the weights of the fine noise stay as they are: grain is the cheapest texture."""
    batch: int
    learning_rate: float
    final_learning_rate: float
    discriminator_learning_rate: float
    gamma: float
    penalty_every: int
    ema_half_life: int
    checkpoint_every_s: float
    evaluate_every: int


@dataclass(frozen=True)
class Config:
    name: str
    seed: int
    data: DataConfig
    network: NetworkConfig
    training: TrainingConfig
    sha256: str
    """Of the whole configuration: what a checkpoint was made with."""


def _check(config: Config, where: str) -> None:
    """Refuses values that no step can work with."""
    data, network, training = config.data, config.network, config.training
    folder = data.source == "folder"
    demands = {
        "seed must be from 0 to 2^32 - 1": 0 <= config.seed < 2**32,
        "[data] source must be 'families' or 'folder'": data.source in ("families", "folder"),
        "[data] styles must be empty for a folder and name different families otherwise": not data.styles
        if folder
        else bool(data.styles) and len(set(data.styles)) == len(data.styles),
        "[data] shares must be empty or one number above 0 for each of styles": not data.shares
        or (len(data.shares) == len(data.styles) and min(data.shares) > 0),
        "[data] size must be a multiple of 32 from 64 to 256": data.size % 32 == 0 and 64 <= data.size <= 256,
        "[network] channels and depths must be four each": len(network.channels) == len(network.depths) == 4,
        "[network] discriminator_channels must be three to six": 3 <= len(network.discriminator_channels) <= 6,
        f"[network] latent_length must be at least {NUM_KNOBS}": network.latent_length >= NUM_KNOBS,
        "[network] every length and number of channels must be at least 1": min(
            network.latent_length, network.style_length, network.head_channels, *network.channels, *network.depths, *network.discriminator_channels
        ) >= 1,
        "[training] samples, batch, penalty_every, ema_half_life and evaluate_every must be at least 1": min(
            training.samples, training.batch, training.penalty_every, training.ema_half_life, training.evaluate_every
        ) >= 1,
        "[training] paired_samples and pairing_weight must be 0 for a folder: its pictures were not made of our noise": not folder
        or training.paired_samples == training.pairing_weight == 0,
        "[training] learning rates must be above 0": min(
            training.learning_rate, training.final_learning_rate, training.discriminator_learning_rate
        ) > 0,
        "[training] shape_steps, paired_samples, pairing_weight and texture_weight must not be below 0": min(
            training.shape_steps, training.paired_samples, training.pairing_weight, training.texture_weight
        ) >= 0,
    }  # fmt: skip
    settings.demand(demands, where)


def load_config(name: str) -> Config:
    """`name` is a file, or the name of one of the shipped configurations (`picture`)."""
    path = settings.find(name, "picture")
    table = settings.read(path)
    sections = {"data": DataConfig, "network": NetworkConfig, "training": TrainingConfig}
    settings.demand_sections(table, tuple(sections), path)
    digest = settings.digest(table)
    built = {section: settings.build(cls, table.pop(section), f"{path}: [{section}]") for section, cls in sections.items()}
    config = settings.build(Config, {**table, **built, "sha256": digest}, str(path))
    _check(config, str(path))
    return config
