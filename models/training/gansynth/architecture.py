"""What a checkpoint's network is: read from the shapes of its variables and, where it exists, from experiment.json.

Seven blocks at full size, but a checkpoint of an early stage holds fewer; `progress` says how far the fade between the last
two has come (Karras et al. 2018, arXiv 1710.10196).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import InputError

from .checkpoint_file import CheckpointFile

SCOPE = "Generator/progressive_gan_generator/progressive_gan_block_"
AVERAGED = "/ExponentialMovingAverage"
NUM_RESOLUTIONS = 7
START_SIZE = (2, 16)
"""Time frames, mel bins of the first block."""
FULL_SIZE = (128, 1024)
STAGE_IMAGES = 800_000
MAGNITUDE_SCALE, MAGNITUDE_OFFSET, PHASE_SCALE, PHASE_OFFSET = 0.0661371661726, 0.113718730221, 0.8, 0.0
DEFAULT_NUM_PITCHES = 61


@dataclass(frozen=True)
class Block:
    """Weights of one block, already times their run-time scale; kernels `[height, width, in, out]`, biases `[out]`."""

    first_kernel: np.ndarray
    first_bias: np.ndarray
    second_kernel: np.ndarray
    second_bias: np.ndarray
    rgb_kernel: np.ndarray
    rgb_bias: np.ndarray


@dataclass(frozen=True)
class Architecture:
    """A generator ready to be built."""

    blocks: list[Block]
    progress: float
    """0 .. num_blocks - 1; whole numbers are stable stages."""
    latent_length: int
    num_pitches: int
    magnitude: tuple[float, float]
    """Scale, offset of the normalised log-mel power."""
    phase: tuple[float, float]
    num_parameters: int

    def weight_of(self, block: int) -> float:
        """How much of block 1, 2, ... is in the output; they sum to 1."""
        return max(0.0, min(self.progress - (block - 2), block - self.progress))


def find_checkpoint(folder: Path) -> CheckpointFile:
    """The newest checkpoint of a folder: its own, or that of the last of its `stage_` folders."""
    stages = sorted(folder.glob("stage_*"), key=lambda path: path.name)
    for place in [folder, *reversed(stages)]:
        found = sorted(place.glob("*.index"), key=_step_in_name)
        if found:
            return CheckpointFile(found[-1].with_suffix(""))
    raise InputError(f"{folder}: holds no checkpoint (a file named model.ckpt-NUMBER.index, here or in a stage_ folder)")


def find_flags(checkpoint: CheckpointFile) -> dict:
    """What experiment.json beside the checkpoint, or up to two folders above, says; empty without one."""
    folder = checkpoint.prefix.resolve().parent
    for place in [folder, *list(folder.parents)[:2]]:
        path = place / "experiment.json"
        if path.is_file():
            try:
                flags = json.loads(path.read_text())
            except (ValueError, UnicodeDecodeError) as error:
                raise InputError(f"{path}: not JSON ({error})") from error
            if not isinstance(flags, dict):
                raise InputError(f"{path}: must hold an object of settings")
            return flags
    return {}


def read_architecture(checkpoint: CheckpointFile, flags: dict) -> Architecture:
    """Reads every weight that the output depends on and refuses settings that would make another network."""
    _refuse_other_networks(flags)
    num_blocks = max((n for n in range(1, NUM_RESOLUTIONS + 1) if _stored(checkpoint, f"{SCOPE}{n}/conv1/bias") is not None), default=0)
    if num_blocks == 0:
        raise InputError(f"{checkpoint.prefix}: holds no GANSynth generator (no variable {SCOPE}1/conv1/bias)")
    blocks = [_read_block(checkpoint, number) for number in range(1, num_blocks + 1)]
    joined = blocks[0].first_kernel.shape[2]
    latent_length = int(flags.get("latent_vector_size", joined - DEFAULT_NUM_PITCHES))
    if not 0 < latent_length < joined:
        raise InputError(f"experiment.json: latent_vector_size {latent_length} does not fit the first kernel's {joined} inputs")
    if blocks[0].first_kernel.shape[:2] != START_SIZE:
        raise InputError(f"{checkpoint.prefix}: starts at {blocks[0].first_kernel.shape[:2]} instead of {START_SIZE}; only the mel layout of 128 x 1024 can be played")
    return Architecture(
        blocks, _progress(checkpoint, flags, num_blocks), latent_length, joined - latent_length,
        (float(flags.get("mag_normalizer_a", MAGNITUDE_SCALE)), float(flags.get("mag_normalizer_b", MAGNITUDE_OFFSET))),
        (float(flags.get("p_normalizer_a", PHASE_SCALE)), float(flags.get("p_normalizer_b", PHASE_OFFSET))),
        sum(array.size for block in blocks for array in vars(block).values()),
    )  # fmt: skip


def _refuse_other_networks(flags: dict) -> None:
    expected = {"data_type": "mel", "data_normalizer": "specgrams_prespecified_normalizer", "simple_arch": False, "to_rgb_activation": "tanh",
                "kernel_size": 3, "scale_mode": "ALL", "scale_base": 2, "num_resolutions": NUM_RESOLUTIONS, "sample_rate": 16000,
                "audio_length": 64000, "start_height": START_SIZE[0], "start_width": START_SIZE[1]}  # fmt: skip
    for name, value in expected.items():
        if flags.get(name, value) != value:
            raise InputError(f"experiment.json: {name} is {flags[name]!r}; only {value!r} can be imported")


def _read_block(checkpoint: CheckpointFile, number: int) -> Block:
    scope = f"{SCOPE}{number}"
    arrays = []
    for layer, gain in (("conv0", 2.0), ("conv1", 2.0), ("to_rgb", 1.0)):
        kernel, bias = _weights(checkpoint, f"{scope}/{layer}/conv2d/kernel"), _weights(checkpoint, f"{scope}/{layer}/bias")
        if kernel.ndim != 4 or bias.shape != kernel.shape[3:]:
            raise InputError(f"{checkpoint.prefix}: {scope}/{layer} has kernel {kernel.shape} and bias {bias.shape}")
        # Equalised learning rate: kernels are stored with unit variance and scaled when used.
        arrays += [kernel * np.float32(np.sqrt(gain / np.prod(kernel.shape[:3]))), bias]
    return Block(*arrays)


def _stored(checkpoint: CheckpointFile, name: str) -> str | None:
    """The averaged variable where there is one: it is what Magenta plays."""
    return next((n for n in (name + AVERAGED, name) if n in checkpoint.entries), None)


def _weights(checkpoint: CheckpointFile, name: str) -> np.ndarray:
    array = checkpoint.read(_stored(checkpoint, name) or name)
    if not np.isfinite(array).all():
        raise InputError(f"{checkpoint.prefix}: {name} holds numbers that are not finite")
    return array.astype(np.float32)


def _progress(checkpoint: CheckpointFile, flags: dict, num_blocks: int) -> float:
    if not flags.get("train_progressive", True):
        return num_blocks - 1.0
    if flags.get("train_time_limit") is not None:
        return _progress_by_time(checkpoint, flags, num_blocks)
    step = int(checkpoint.read("global_step")) if "global_step" in checkpoint.entries else _step_in_name(checkpoint.prefix)
    stable, transition = int(flags.get("stable_stage_num_images", STAGE_IMAGES)), int(flags.get("transition_stage_num_images", STAGE_IMAGES))
    if stable < 0 or transition < 1:
        raise InputError("experiment.json: stage_num_images must be positive")
    step = min(step, num_blocks * stable + (num_blocks - 1) * transition - 1)
    whole, rest = divmod(step, stable + transition)
    return whole + max(0.0, (rest - stable) / transition)


def _progress_by_time(checkpoint: CheckpointFile, flags: dict, num_blocks: int) -> float:
    """A run limited by hours fades by the clock it kept in an unnamed variable."""
    num_stages = 2 * NUM_RESOLUTIONS - 1
    shares = float(flags.get("train_time_stage_multiplier", 1.0)) ** np.arange(num_stages)
    ends = np.cumsum(shares * float(flags["train_time_limit"]) / shares.sum())
    elapsed = float(checkpoint.read("Variable"))
    fades = [np.clip((elapsed - ends[i - 1]) / (ends[i] - ends[i - 1]), 0, 1) for i in range(1, num_stages, 2)]
    return float(min(sum(fades), num_blocks - 1))


def _step_in_name(path: Path) -> int:
    digits = path.name.removesuffix(".index").rsplit("-", 1)[-1]
    return int(digits) if digits.isdigit() else 0
