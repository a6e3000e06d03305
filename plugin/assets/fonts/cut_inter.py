"""Cuts Inter down to the editor's alphabet and makes its figures tabular. Needs fonttools and brotli; run by hand.

usage: cut_inter.py SOURCE.woff2 TARGET.ttf
"""

import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# First and last code point: Latin, Greek, Cyrillic, punctuation, a few signs.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2DD), (0x370, 0x3FF),
    (0x400, 0x45F), (0x490, 0x491), (0x1E9E, 0x1E9E), (0x2010, 0x2027), (0x2030, 0x203A), (0x20AC, 0x20AC),
    (0x2122, 0x2122), (0x2190, 0x2193), (0x2212, 0x2212), (0x221E, 0x221E), (0x2248, 0x2248), (0x2260, 0x2265),
    (0x266D, 0x266F),
]


def cut(source: str, target: str) -> None:
    """Writes the part of `source` that the editor needs."""
    font = TTFont(source)
    names = set(font.getGlyphOrder())
    for table in font["cmap"].tables:
        for code, glyph in list(table.cmap.items()):
            if f"{glyph}.tf" in names:
                table.cmap[code] = f"{glyph}.tf"
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    font.flavor = None
    font.save(target)


if __name__ == "__main__":
    cut(*sys.argv[1:3])
