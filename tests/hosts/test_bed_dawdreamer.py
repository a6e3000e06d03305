"""Understory Bed, the effect, in DawDreamer: beside the instrument in one graph, a voice goes in, voice and bed come out.

DawDreamer takes the first plugin of a file only. JUCE, which it is made of, asks a bundle's `moduleinfo.json` before it asks the
library: a copy of the bundle (of links) with such a file names the effect first. The library is the one that users get.
"""

import json
from pathlib import Path

import dawdreamer
import numpy
import pytest
from conftest import BLOCK, RATE_HZ, level_db, spoken

LENGTH_S = 6.0
CLASS_ID = b"UnderstoryBedFx1".hex().upper()


@pytest.fixture(scope="module")
def bed_first(bundle, tmp_path_factory) -> Path:
    """A bundle whose only listed class is the effect."""
    copy = tmp_path_factory.mktemp("bundles") / "Understory.vst3"
    for source in bundle.rglob("*"):
        target = copy / source.relative_to(bundle)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            target.symlink_to(source.resolve())
    described = {
        "Name": "Understory",
        "Version": "0.1.0",
        "Factory Info": {
            "Vendor": "Understory",
            "URL": "",
            "E-Mail": "",
            "Flags": {"Unicode": True, "Classes Discardable": False, "Component Non Discardable": False},
        },
        "Compatibility": [],
        "Classes": [
            {
                "CID": CLASS_ID,
                "Category": "Audio Module Class",
                "Name": "Understory Bed",
                "Vendor": "Understory",
                "Version": "0.1.0",
                "SDKVersion": "VST 3.7.9",
                "Sub Categories": ["Fx", "Generator"],
                "Class Flags": 0,
                "Cardinality": 2147483647,
                "Snapshots": [],
            }
        ],
    }
    (copy / "Contents" / "moduleinfo.json").write_text(json.dumps(described))
    return copy


def voice() -> numpy.ndarray:
    """Speech in a room that is never quite silent, -66 dB."""
    room = 5e-4 * numpy.random.default_rng(8).standard_normal([2, int(LENGTH_S * RATE_HZ)])
    return (spoken(LENGTH_S) + room).astype(numpy.float32)


def render(bed_first, bundle, block: int = BLOCK, with_instrument: bool = False) -> numpy.ndarray:
    """Voice through the effect, from a fresh instance; the instrument, when it is there, plays no key."""
    engine = dawdreamer.RenderEngine(RATE_HZ, block)
    track = engine.make_playback_processor("voice", voice())
    bed = engine.make_plugin_processor("bed", str(bed_first))
    graph = [(track, []), (bed, ["voice"])]
    if with_instrument:
        synth = engine.make_plugin_processor("understory", str(bundle))
        mix = engine.make_add_processor("mix", [1.0, 1.0])
        graph += [(synth, []), (mix, ["bed", "understory"])]
    engine.load_graph(graph)
    engine.render(LENGTH_S)
    return engine.get_audio()


def test_voice_and_bed_come_out(bed_first, bundle):
    heard = render(bed_first, bundle)[:, : int(LENGTH_S * RATE_HZ)]
    under = heard - voice()[:, : heard.shape[1]]
    assert numpy.isfinite(heard).all()
    assert -60 < level_db(under, 0, LENGTH_S) < -10


def test_the_same_in_other_blocks_and_beside_the_instrument(bed_first, bundle):
    once = render(bed_first, bundle)
    assert numpy.array_equal(once, render(bed_first, bundle, block=1024)[:, : once.shape[1]])
    assert numpy.array_equal(once, render(bed_first, bundle, with_instrument=True))
