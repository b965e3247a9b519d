"""The rows as a picture: for each one with a floor its ratio, and where its target is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from rows import Row

WIDTH, NAMES, LINE, TOP = 900, 380, 20, 40
LONGEST = 6.0  # ratio at the right edge


def x(ratio: float) -> float:
    """Logarithmic, from half to LONGEST."""
    low, high = math.log(0.5), math.log(LONGEST)
    return NAMES + (WIDTH - NAMES - 60) * (math.log(min(max(ratio, 0.5), LONGEST)) - low) / (high - low)


def svg(rows: Sequence[Row]) -> str:
    drawn = [row for row in rows if row.floor is not None]
    height = TOP + LINE * len(drawn) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
             '<text x="10" y="20" font-weight="bold">Times the floor, and the target (line)</text>']
    for ratio in (0.5, 1, 2, 3, 4, 6):
        parts.append(f'<line x1="{x(ratio):.0f}" x2="{x(ratio):.0f}" y1="{TOP - 8}" y2="{height - 22}" stroke="#ddd"/>'
                     f'<text x="{x(ratio):.0f}" y="{height - 8}" text-anchor="middle" fill="#555">{ratio:g}</text>')
    for index, row in enumerate(drawn):
        y = TOP + LINE * index
        color = {True: "#2a7f62", False: "#c0392b", None: "#888"}[row.holds]
        parts.append(f'<text x="{NAMES - 8}" y="{y + 11}" text-anchor="end">{escape(row.what)}</text>'
                     f'<rect x="{NAMES}" y="{y + 1}" width="{x(row.measure) - NAMES:.0f}" height="{LINE - 7}" fill="{color}"/>'
                     f'<text x="{x(row.measure) + 4:.0f}" y="{y + 11}">{row.measure:.2f}</text>')
        if row.target is not None:
            parts.append(f'<line x1="{x(row.target):.0f}" x2="{x(row.target):.0f}" y1="{y - 2}" y2="{y + LINE - 4}" '
                         'stroke="black" stroke-width="2"/>')
    return "\n".join([*parts, "</svg>", ""])
