"""SFZ instruments: which sample sounds at which key (sfzformat.com, SFZ v1 opcodes that say so; the rest is passed over)."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import InputError

from .found import Found, Rejected, family_of
from .key_names import key_of_note_name
from .riff import sample_chunk

MAX_INCLUDES = 50
_HEADER_OR_OPCODE = re.compile(r"<(\w+)>|(\w+)=(.*?)(?=\s+\w+=|\s*<\w+>|\s*$)", re.MULTILINE)
_COMMENT = re.compile(r"//.*?$|/\*.*?\*/", re.MULTILINE | re.DOTALL)


@dataclass
class _Scope:
    """Opcodes in force: each header inherits from those above it."""

    levels: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in ("control", "global", "master", "group", "region")})

    def enter(self, header: str) -> None:
        order = list(self.levels)
        for name in order[order.index(header) :] if header in order else []:
            if name != "control":
                self.levels[name] = {}

    def merged(self) -> dict[str, str]:
        return {key: value for level in self.levels.values() for key, value in level.items()}


def find(path: Path) -> tuple[list[Found], list[Rejected]]:
    """The samples of one SFZ file, each at the key it was recorded at; one used by several regions is taken once."""
    text = _with_includes(path, path.parent, [MAX_INCLUDES])
    found, rejected, seen = [], [], set()
    for region in _regions(text):
        name = region.get("sample", "")
        if not name or name.startswith("*") or region.get("trigger", "attack") not in ("attack", "first"):
            continue  # *sine and the like are made by the player; release samples are no notes
        audio = _beside(path.parent, region.get("default_path", "") + name)
        described = _describe(region, audio, name, path)
        if audio is None:
            rejected.append(Rejected(name, f"{path.name} names it, but it is missing"))
        elif (described.path, described.start_frame, described.key) not in seen:
            seen.add((described.path, described.start_frame, described.key))
            found.append(described)
    if not found and not rejected:
        raise InputError(f"{path}: no <region> with a sample in it")
    return found, rejected


def _with_includes(path: Path, root: Path, left: list[int]) -> str:
    try:
        text = _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    left[0] -= 1
    if left[0] < 0:
        raise InputError(f"{path}: more than {MAX_INCLUDES} #include; one of them includes itself?")

    def include(match: re.Match) -> str:
        inner = _beside(root, match[1])
        if inner is None:
            raise InputError(f"{path}: #include names {match[1]}, which is missing")
        return _with_includes(inner, root, left)

    text = re.sub(r'#include\s+"([^"]+)"', include, text)
    for name, value in re.findall(r"#define\s+(\$\w+)\s+(\S+)", text):
        text = text.replace(name, value)
    return re.sub(r"#define\s+\S+\s+\S+", "", text)


def _regions(text: str) -> list[dict[str, str]]:
    scope, header, regions = _Scope(), "", []
    for match in _HEADER_OR_OPCODE.finditer(text):
        if match[1]:
            if header == "region":
                regions.append(scope.merged())
            header = match[1].lower()
            scope.enter(header)
        elif header in scope.levels:
            scope.levels[header][match[2].lower()] = match[3].strip()
    return [*regions, scope.merged()] if header == "region" else regions


def _beside(folder: Path, name: str) -> Path | None:
    """The file that an instrument means: names come from systems that know no case and write backslashes."""
    wanted = folder / name.replace("\\", "/")
    if wanted.is_file():
        return wanted
    here = folder
    for part in Path(name.replace("\\", "/")).parts:
        here = here.parent if part == ".." else next((p for p in sorted(here.iterdir()) if p.name.lower() == part.lower()), here / part) if here.is_dir() else here / part
    return here if here.is_file() else None


def _describe(region: dict[str, str], audio: Path | None, name: str, sfz: Path) -> Found:
    chunk = sample_chunk(audio) if audio else None
    centre = region.get("pitch_keycenter", region.get("key", ""))
    key = _key(centre)
    key_from = "mapping"
    if key is None and chunk and (centre == "sample" or "pitch_keycenter" not in region):
        key, key_from = chunk.key, "smpl"
    low, high = _number(region, "lovel", 0), _number(region, "hivel", 127)
    start, end = _number(region, "loop_start", -1), _number(region, "loop_end", -1)
    loop = (int(start), int(end) + 1) if 0 <= start < end else chunk.loop if chunk else None
    looped = region.get("loop_mode", "loop_continuous" if loop else "no_loop").startswith("loop")
    last = int(_number(region, "end", -1))
    return Found(
        audio or sfz, name, sfz.stem, family_of(f"{sfz.stem} {name}"), key, key_from if key is not None else "heard", max((low + high) / 2, 1) / 127,
        int(_number(region, "offset", 0)), last + 1 if last > 0 else None, loop if looped else None,
    )  # fmt: skip


def _key(words: str) -> int | None:
    return int(words) if re.fullmatch(r"\d{1,3}", words) else key_of_note_name(words)


def _number(region: dict[str, str], opcode: str, otherwise: float) -> float:
    try:
        return float(region[opcode])
    except (KeyError, ValueError):
        return otherwise
