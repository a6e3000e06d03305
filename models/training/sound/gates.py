"""What a model must reach before it is shipped. Figures in, verdicts out."""

from collections.abc import Callable
from dataclasses import dataclass

TEXTURES = ("level_jitter_db", "row_contrast_db", "noise_roughness_db", "checkerboard")
TEXTURE_MARGIN = 0.2


@dataclass(frozen=True)
class Gate:
    """One demand: how it is called, what was found, what is wanted, whether it is met."""

    name: str
    found: str
    wanted: str
    met: bool


def gates(figures: dict) -> list[Gate]:
    """Every release gate, met or missed."""
    frechet, texture, pitch, variety = figures["frechet"], figures["texture"], figures["pitch"], figures["variety"]
    tails, steps = figures["tails_below_minus_40_db"], figures["neighbouring_keys_db_p95"]
    controls = {name: effect["spearman"] for name, effect in figures["controls"].items()}
    weakest = min(controls, key=controls.get)
    above = texture["model"]["cells_above_0_db"]
    return [
        _limit("Frechet distance over that of two real halves", frechet["crossed"] / frechet["other"], "below 3", lambda v: v < 3),
        *(_near(name, texture["model"][name], texture["real"][name]) for name in TEXTURES),
        _limit("share of cells above 0 dB", above, "0", lambda v: v == 0),
        Gate("pitch within 20 cents", f"{pitch['within']} of {pitch['notes']}", "all", pitch["within"] == pitch["notes"]),
        _limit("loudness step of neighbouring keys, 95th percentile, dB", steps, "below 3", lambda v: v < 3),
        _limit("decaying notes whose tail is below -40 dB", tails["model"], f"at least {tails['real']:.2f} (real)", lambda v: v >= tails["real"]),
        _limit(f"weakest control ({weakest}), Spearman", controls[weakest], "above 0.9", lambda v: v > 0.9),
        _limit("variety by latent alone over the data's", variety["latent_alone_over_data_at_key_60"], "at least 0.7", lambda v: v >= 0.7),
        _limit("distance to the nearest real note over a real note's", variety["nearest_real_ratio"], "at least 0.7", lambda v: v >= 0.7),
    ]


def _limit(name: str, value: float, wanted: str, met: Callable[[float], bool]) -> Gate:
    return Gate(name, f"{value:.3g}", wanted, bool(met(value)))


def _near(name: str, value: float, real: float) -> Gate:
    return Gate(name, f"{value:.3g}", f"{real:.3g} (real) within 20 %", abs(value / max(real, 1e-9) - 1) <= TEXTURE_MARGIN)
