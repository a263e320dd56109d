"""Writes what the pages on the fast kernels show of the code: machine code, and the table of instruction sets.

python -m tools.kernel_listings     writes docs/fast-kernels/listings.md, and the table in docs/fast-kernels.md

Another LLVM makes other machine code, so no test holds the page of listings; one does hold the table.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llvmlite import binding

from qref.kernels import listing
from qref.kernels.instructions import SETS, InstructionSet, named
from qref.kernels.listing import TARGETS
from qref.kernels.tile import amx, float32, int8
from qref.kernels.tile.dot import DOTS, most_pixels
from qref.kernels.tile.register_tile import RegisterTile
from qref.kernels.tile.steps import Steps
from tools.algorithm_pages import filled
from tools.markdown_table import table

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "fast-kernels.md"
LISTINGS = DOCS / "fast-kernels" / "listings.md"
HEAD, TAIL = 20, 5
"""Lines that are shown of a loop that has more."""
PLANE = 4 * 56 * 56
LAYER = Steps(
    word=PLANE, block=32 * PLANE, tap=4, pixel=4, taps=3, rows=3, words=64, block_words=32, y_pixel=4, y_channel=PLANE
)
"""conv7, 64 channels of 56×56 pixels in NCHW."""
PRODUCTS = re.compile(r"(?:\{vex\}\s+)?(?:vfmadd|fml[as]|vpdp|tdpb|u?sdot|vpmaddwd|mla\b|smlal)")
"""Multiply-adds, of floats or of bytes."""


def instruction_sets() -> str:
    """The table of instruction sets, the best first."""
    rows = [
        [
            f"`{one.name}`",
            ", ".join(f"`{feature}`" for feature in one.needs) or "nothing",
            f"{one.lanes}",
            f"{one.registers}",
            f"{one.pixels} × {one.vectors}",
            f"`{one.dot}`",
            f"`{one.popcount}`",
        ]
        for one in SETS
    ]
    return table(["name", "needs (LLVM's names)", "lanes", "registers", "tile", "dot", "popcount"], rows)


def float_tile(here: InstructionSet) -> Any:
    """The tile that conv7 spends its time in: all taps of a row on the image, no channel missing."""
    taps = ((True,) * here.pixels,) * 3
    return float32.tile(RegisterTile(here.pixels, here.vectors, taps, unroll=2, partial=False), here, LAYER, False)


def int8_tile(here: InstructionSet) -> Any:
    """The same with the set's own dot product, on 64 channels with channels last."""
    dot = DOTS[here.dot]
    pixel = 64 * (2 if dot.wide else 1)
    words = 64 // dot.channels
    steps = Steps(
        word=4,
        block=pixel,
        tap=pixel,
        pixel=pixel,
        taps=3,
        rows=3,
        words=words,
        block_words=words,
        y_pixel=256,
        y_channel=4,
    )
    pixels = most_pixels(here, here.dot)
    shape = RegisterTile(pixels, here.vectors, ((True,) * pixels,) * 3, 2, blocks=False, partial=False, planes=False)
    return int8.tile(shape, here, here.dot, (0,) * pixels, steps, requantized=False)


def amx_tile(here: InstructionSet) -> Any:
    """That of AMX for all layers with channels last and no output channel missing."""
    shape = RegisterTile(amx.PIXELS, here.vectors, partial=False, planes=False)
    return amx.tile(shape, None, requantized=False)


@dataclass(frozen=True)
class Kind:
    """A tile that is listed, for these sets. note: what the reader has to know of it."""

    name: str
    note: str
    tile: Callable[[InstructionSet], Any]
    sets: tuple[str, ...] = tuple(TARGETS)

    def loop(self, name: str) -> list[str]:
        """Its innermost loop for an instruction set: of all, that with the most multiply-adds."""
        return max(listing.innermost_loops(listing.assembly(self.tile(named(name)), TARGETS[name])), key=products)


KINDS = (
    Kind("float32", "A round is one input channel. conv7: 64 channels of 56×56 pixels, NCHW in and out.", float_tile),
    Kind(
        "int8",
        "A round is one word of 4 bytes: four channels, or two of 16 bits where bytes cannot be multiplied exactly\n"
        "(`avx512`, `avx2`, `neon`). 64 channels of 56×56 pixels, channels last.",
        int8_tile,
    ),
    Kind(
        "int8 by rows of 64 bytes",
        "A round is 64 channels of 32 pixels by 32 output channels. One code for all layers, channels last.",
        amx_tile,
        ("amx",),
    ),
)
"""The tiles of the page."""
HEADING = """<!-- Written by python -m tools.kernel_listings. -->

# Machine code of the inner loops

Made by `python -m tools.kernel_listings` with LLVM {version}, for processors that this machine need not be: LLVM
compiles the tiles that [the fast kernels](../fast-kernels.md) are made of, and here is the innermost loop of each. It
holds two rounds, by AMX one. Sums that do not fit into the registers would go to the stack in it; the last column
counts that.
"""


def shown(lines: Sequence[str]) -> str:
    """A loop as a block of code; of a long one its beginning and end, and how many lines are left out."""
    kept = [line.replace("\t", " ") for line in lines]
    if len(kept) > HEAD + TAIL:
        kept[HEAD:-TAIL] = [f"# … {len(kept) - HEAD - TAIL} more …"]
    return "```gas\n" + "\n".join(kept) + "\n```\n"


def products(lines: Sequence[str]) -> int:
    """How many multiply-adds there are."""
    return sum(bool(PRODUCTS.match(line)) for line in lines)


def counts(name: str, lines: Sequence[str]) -> list[str]:
    """A row of the table: set, processor, instructions, multiply-adds among them, and those that go to the stack."""
    found = (len(lines), products(lines), len(listing.spills(lines)))
    return [f"`{name}`", f"`{TARGETS[name].cpu}`", *(str(number) for number in found)]


def listings() -> str:
    """The page: of each tile and instruction set the processor, the counts of its loop, and the loop itself."""
    version = ".".join(str(part) for part in binding.llvm_version_info)
    return HEADING.format(version=version) + "".join(section(kind) for kind in KINDS)


def section(kind: Kind) -> str:
    """One tile for each of its instruction sets."""
    loops = {name: kind.loop(name) for name in kind.sets}
    head = ["instruction set", "processor (LLVM's name)", "instructions", "multiply-adds", "go to the stack"]
    text = f"\n## {kind.name}\n\n{kind.note}\n\n"
    text += table(head, [counts(name, lines) for name, lines in loops.items()], numbers=3)
    return text + "".join(f"\n### {kind.name}: {', '.join(names)}\n\n{shown(lines)}" for names, lines in alike(loops))


def alike(loops: Mapping[str, list[str]]) -> list[tuple[list[str], list[str]]]:
    """Each loop once, with the names of the sets that have it."""
    found: list[tuple[list[str], list[str]]] = []
    for name, lines in loops.items():
        names = next((names for names, other in found if other == lines), None)
        if names is None:
            found.append(([name], lines))
        else:
            names.append(name)
    return found


def pages() -> dict[Path, str]:
    """Each page with its text as it should be."""
    page = filled(PAGE.read_text(encoding="utf-8"), {"instruction-sets": instruction_sets})
    return {PAGE: page, LISTINGS: listings()}


def main() -> int:
    """Writes what has changed."""
    for path, text in pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote  {path.relative_to(DOCS.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
