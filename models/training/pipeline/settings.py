"""Configuration files: a TOML table -> a dataclass, checked once. Inside a pipeline the values are valid."""

import hashlib
import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_origin

from .errors import RequestError

CONFIGS = Path(__file__).parent.parent / "configs"


def find(name: str, kind: str) -> Path:
    """`name` is a file, or the name of one of the shipped configurations, which begin with `kind`."""
    path = Path(name) if name.endswith(".toml") else CONFIGS / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in CONFIGS.glob(f"{kind}*.toml"))
        raise RequestError(f"no configuration '{name}'; a .toml file or one of: {', '.join(known)}")
    return path


def read(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RequestError(f"{path}: {error}") from error


def build(cls, table: dict, where: str):
    """An instance of a dataclass with exactly the table's values."""
    known = {f.name for f in fields(cls)}
    for name in table:
        if name not in known:
            raise RequestError(f"{where}: unknown setting '{name}'; known are {', '.join(sorted(known))}")
    missing = known - set(table)
    if missing:
        raise RequestError(f"{where}: missing {', '.join(sorted(missing))}")
    for f in fields(cls):
        if not fits(table[f.name], f.type):
            wanted = f.type.__name__ if isinstance(f.type, type) and not get_origin(f.type) else f.type
            raise RequestError(f"{where}: {f.name} is {table[f.name]!r}, wanted {wanted}")
    return cls(**table)


def fits(value, wanted) -> bool:
    """Whether a TOML value is of a field's type; a whole number may stand for a float, a truth value for nothing else."""
    if get_origin(wanted) is list:
        return isinstance(value, list) and all(fits(v, *get_args(wanted)) for v in value)
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def demand(demands: dict[str, bool], where: str) -> None:
    """Refuses the first demand that is not met, in its own words."""
    for words, met in demands.items():
        if not met:
            raise RequestError(f"{where}: {words}")


def demand_sections(table: dict, sections: tuple[str, ...], where: Path) -> None:
    for section in sections:
        if not isinstance(table.get(section), dict):
            raise RequestError(f"{where}: section [{section}] is missing")


def digest(values) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
