"""How a tool that tries many things tells `dev/proof` what came of them: lines on its standard output,

    proof: {"what": "hostile swaps", "tried": 10000, "losses": 0, "seed": 4711}

one for each kind of thing that it tries, when it is done. A tool that fails before it has told is a loss of itself.
"""

from __future__ import annotations

import json
from typing import NamedTuple

WORD = "proof: "


class Row(NamedTuple):
    what: str
    tried: int
    losses: int
    seed: str


def tell(what: str, tried: int, losses: int, seed: object) -> None:
    print(WORD + json.dumps(Row(what, tried, losses, str(seed))._asdict()), flush=True)


def rows_in(output: str) -> list[Row]:
    return [Row(**json.loads(line.removeprefix(WORD))) for line in output.splitlines() if line.startswith(WORD)]
