"""Named sounds of a model, found by search: `python -m sound.sounds CONFIG --model FILE [--corpus DIR] [--seeds N] -o DIR`.

Every seed is played on three keys and judged by a classifier of the corpus's instrument families (Gaussians of one
common shape on the principal components of real grids): what a seed is called is what real notes are nearest to it. Of
each family the likeliest are taken that are not too much alike. Writes a small text file per sound and a picture of all.
It must run again for each new model: a name whose seed in the folder is still among the likeliest keeps it, so that a
model that went on from another sounds familiar. Other sound files in the folder stay.
"""

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline.command import at_least
from pipeline.errors import InputError
from pipeline.seeded import sound_point
from pipeline.whole_file import whole_file

from . import measures, metrics, pictures
from .config import load_config
from .corpus_row import MIN_ODD_SHARE, odd_share
from .dataset import Dataset, load_dataset
from .evaluation import physical
from .grid import Grid
from .onnx_model import Model
from .places import corpus_folder

KEYS = (48, 60, 72)
TRUNCATION = 1.7
PER_FAMILY = 5
FITTED_NOTES, FEWEST_NOTES = 3000, 20
SHRINKAGE = 0.1
"""Of the covariance towards its diagonal: some families have few notes."""
LIKELY = 4
"""Sounds of a family are chosen among so many times as many likeliest seeds; among them, the least alike."""
NAMES = {
    "strings": ["Aspen", "Heather", "Meadow", "Willow", "Lichen"],
    "choir": ["Vesper", "Hollow", "Chapel", "Mist", "Evensong"],
    "pad": ["Cloudbank", "Horizon", "Fern", "Dusk", "Drift"],
    "keys": ["Parlour", "Lantern", "Attic", "Slate", "Thimble"],
    "pluck": ["Bramble", "Thorn", "Acorn", "Wren", "Flint"],
    "bass": ["Burrow", "Loam", "Bedrock", "Peat", "Cellar"],
    "lead": ["Swift", "Kestrel", "Beacon", "Spark", "Larch"],
    "winds": ["Reed", "Marsh", "Linnet", "Breeze", "Heron"],
    "brass": ["Ember", "Stag", "Copper", "Bracken", "Herald"],
    "texture": ["Leafmould", "Undergrowth", "Rain", "Spore", "Rime"],
    "organ": ["Nave", "Oak", "Cedar", "Bellows", "Transept"],
}
"""By family of the corpus; `texture` is no instrument but the seeds that are noisiest and slow."""
SUSTAINED = ("strings", "choir", "pad", "lead", "winds", "brass", "organ", "texture")
"""What is called so must hold its level: corpora also call the dying chimes of a synthesizer a pad."""
STEADY_DB_S = -4.0
"""Fall that a sustained sound may have on its worst key."""
OCTAVE_KEYS = (*KEYS, 36, 84)
"""Where a sound must be heard at its key's pitch: some seeds jump an octave up on some keys."""
UNFIT = 1e3
"""What a seed that may not bear a name loses of its score: it is taken when there is no other."""
TAGS = [
    ("brightness", 0.8, "bright"), ("brightness", -0.8, "dark"), ("attack", 0.7, "slow"), ("attack", -0.7, "plucked"), ("noisiness", 0.8, "breathy"),
    ("noisiness", -0.9, "clear"), ("decay", 0.7, "sustained"), ("decay", -0.8, "fading"), ("warmth", 0.8, "warm"), ("hollowness", 0.9, "hollow"), ("movement", 0.9, "moving"),
]  # fmt: skip
"""Descriptor, standard deviations among the seeds beyond which the word holds, word."""


@dataclass(frozen=True)
class Families:
    """Who a note sounds like."""

    names: list[str]
    components: metrics.Components
    means: np.ndarray
    inverse: np.ndarray

    @staticmethod
    def fit(dataset: Dataset, rows: np.ndarray) -> "Families":
        maps = physical(dataset.grid, dataset.rows(rows).maps)
        components = metrics.Components.fit(maps)
        features, family = components.project(maps), dataset.family[rows]
        names = sorted(set(family))
        means = np.stack([features[family == name].mean(axis=0) for name in names])
        rest = features - means[np.searchsorted(names, family)]
        covariance = rest.T @ rest / len(rest)
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diag(covariance))
        return Families(names, components, means, np.linalg.inv(covariance))

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """[n, families] log of the probability, all families alike beforehand."""
        apart = features[:, None] - self.means
        score = -0.5 * np.einsum("nfi,ij,nfj->nf", apart, self.inverse, apart)
        return score - np.logaddexp.reduce(score, axis=1, keepdims=True)


@dataclass(frozen=True)
class Seeds:
    """Every seed of the search, played."""

    seeds: np.ndarray
    features: np.ndarray
    """[seeds, keys x components]"""
    log_odds: np.ndarray
    """[seeds, families] mean over the keys."""
    descriptors: dict[str, np.ndarray]
    """In standard deviations among the seeds, mean over the keys."""
    steady: np.ndarray
    """[seeds] whether the level holds on every key."""
    in_octave: np.ndarray
    """[seeds] whether odd harmonics are strong enough on every key for its own pitch to be heard."""
    middle: metrics.Maps
    """Of the middle key, for the picture."""


def play(model: Model, families: Families, num_seeds: int) -> Seeds:
    """The sounds of seeds 1, 2, ... as `--sound seed:N` with the truncation of these files."""
    seeds = np.arange(1, num_seeds + 1)
    points = [sound_point(int(s), model.manifest["latent_length"], len(model.manifest["attributes"]), TRUNCATION) for s in seeds]
    latents, attributes = (np.stack(part) for part in zip(*points))
    features, odds, measured, falls, odd, middle = [], [], [], [], [], None
    for key in tqdm(OCTAVE_KEYS, desc="seeds", unit="key"):
        keys = np.full(num_seeds, key)
        maps = model.generate(latents, keys, np.full(num_seeds, 0.7), attributes)
        odd.append(odd_share(maps[0]))
        if key not in KEYS:
            continue
        features.append(families.components.project(maps))
        odds.append(families.log_odds(features[-1]))
        raw = dict(zip(measures.ATTRIBUTES, measures.attributes(maps[0], maps[2], keys).T)) | measures.timbre(*maps, keys)
        falls.append(raw["decay"])
        measured.append({name: (v - v.mean()) / v.std() for name, v in raw.items()})
        if key == KEYS[1]:
            middle = tuple(m.astype(np.float16) for m in maps)
    descriptors = {name: np.mean([m[name] for m in measured], axis=0) for name in measured[0]}
    return Seeds(seeds, np.concatenate(features, axis=1), np.mean(odds, axis=0), descriptors, np.min(falls, axis=0) > STEADY_DB_S, np.min(odd, axis=0) >= MIN_ODD_SHARE, middle)


def choose(played: Seeds, names: list[str], held: dict[str, int | None] | None = None) -> dict[str, list[int]]:
    """Indices of the seeds of each family, in the order of its names: likely ones that are least alike, none twice.

    `held` are seeds that names have already.
    """
    held = held or {}
    taken, chosen = set(), {}
    texture = played.descriptors["noisiness"] + 0.7 * played.descriptors["attack"] + 0.3 * played.descriptors["decay"]
    for family in sorted(NAMES, key=lambda f: -1 if f == "texture" else played.log_odds[:, names.index(f)].max() if f in names else np.inf):
        if family != "texture" and family not in names:
            continue
        score = texture if family == "texture" else played.log_odds[:, names.index(family)]
        score = np.where(played.in_octave, score, score - UNFIT)
        if family in SUSTAINED:
            score = np.where(played.steady, score, score - UNFIT)
        likely = [int(i) for i in np.argsort(-score) if int(i) not in taken][: LIKELY * PER_FAMILY]
        index_of = {int(played.seeds[i]): i for i in likely}
        places = [index_of.pop(held.get(name), None) for name in NAMES[family]]
        if not any(index is not None for index in places):
            places[0] = likely[0]
        for place in (i for i, index in enumerate(places) if index is None):
            distance = [min(np.linalg.norm(played.features[i] - played.features[p]) for p in places if p is not None) for i in likely]
            places[place] = likely[int(np.argmax(distance))]
        chosen[family] = places
        taken.update(places)
    return chosen


def seeds_in(folder: Path) -> dict[str, int | None]:
    """The seed of each name that has a file."""
    files = {name: folder / f"{name.lower()}.toml" for family in NAMES.values() for name in family}
    return {name: _seed(path) for name, path in files.items() if path.is_file()}


def _seed(path: Path) -> int | None:
    """None for a sound that was kept as a point and has no seed."""
    try:
        return tomllib.loads(path.read_text()).get("seed")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a sound file ({error}); mend it or move it away") from error


def tags(played: Seeds, index: int) -> list[str]:
    return [word for name, limit, word in TAGS if played.descriptors[name][index] * np.sign(limit) > abs(limit)]


def write(path: Path, name: str, seed: int, words: list[str]) -> None:
    """A sound file, as `models::SoundRecipe` reads it."""
    quoted = ", ".join(f'"{word}"' for word in words)
    with whole_file(path) as part:
        part.write_text(f'name = "{name}"\nseed = {seed}\ntruncation = {TRUNCATION}\ntags = [{quoted}]\n')


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models sounds", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("--seeds", type=at_least(200), default=1500)
    parser.add_argument("--picture", type=Path, help="where the picture of all goes; beside the sounds by default")
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder of the sound files")
    options = parser.parse_args(arguments)
    config, model = load_config(options.config), Model.load(options.model)
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    near = np.flatnonzero(np.min([np.abs(dataset.key - k) for k in KEYS], axis=0) <= 2)
    rows = np.random.default_rng(4).permutation(near)
    if len(rows) < FEWEST_NOTES:
        raise InputError(f"the corpus has {len(rows)} notes near keys {KEYS}, too few to tell families apart")
    half = min(len(rows) // 2, FITTED_NOTES)
    families = Families.fit(dataset, rows[:half])
    accuracy = held_out_accuracy(families, dataset, rows[half : 2 * half])
    played = play(model, families, options.seeds)
    options.out.mkdir(parents=True, exist_ok=True)
    held = seeds_in(options.out)
    chosen = choose(played, families.names, held)
    num_kept = 0
    for family, indices in chosen.items():
        for name, index in zip(NAMES[family], indices):
            seed = int(played.seeds[index])
            num_kept += held.get(name) == seed
            write(options.out / f"{name.lower()}.toml", name, seed, [family, *tags(played, index)])
    order = [index for indices in chosen.values() for index in indices]
    titles = [f"{NAMES[family][i]} ({family})" for family, indices in chosen.items() for i in range(len(indices))]
    pictures.sheet(tuple(m[order].astype(np.float32) for m in played.middle), titles, options.picture or options.out / "sounds.png")
    print(f"{len(order)} sounds, {num_kept} of them as they were; real notes that were not fitted are told their family in {accuracy:.0%}", file=sys.stderr)
    return {"sounds": len(order), "kept": num_kept, "family_accuracy_on_real_notes": accuracy, "odds": {f: [float(np.exp(played.log_odds[i, families.names.index(f)])) for i in c] for f, c in chosen.items() if f in families.names}}


def held_out_accuracy(families: Families, dataset: Dataset, rows: np.ndarray) -> float:
    """Share of other real notes that are given their own family."""
    features = families.components.project(physical(dataset.grid, dataset.rows(rows).maps))
    return float(np.mean(np.array(families.names)[families.log_odds(features).argmax(axis=1)] == dataset.family[rows]))


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
