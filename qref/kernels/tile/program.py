"""The loop around tiles: images → groups → blocks of output channels → rows of outputs → runs of tiles.

Its text is the same for every kernel but for the tiles that it calls. What lies where stands in tables:

lines, int64 [rows of outputs, 3]: where the row's taps begin in `rows`, how many there are, distance of its biases.
runs, int64 [n, RUN]: which tile, how often, distances of its first pixel in the input and the output, from each tile
to the next in both, first and last tap, distance of its biases.
sizes, int64: the fields of `Sizes` in their order.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

RUN = 9


@dataclass(frozen=True)
class Sizes:
    """Lengths and distances (bytes) of the loop around tiles.

    lines: rows of outputs. blocks: of output channels, in a group. groups. kernels: output channels of a group. block:
    channels of a block. x_group, x_image: in the input. w_block: of weights. y_part: channels that lie y_channel apart,
    before the next lie y_parts apart. y_line, y_image: in the output.
    """

    lines: int
    blocks: int
    groups: int
    kernels: int
    block: int
    x_group: int
    x_image: int
    w_block: int
    y_part: int
    y_channel: int
    y_parts: int
    y_line: int
    y_image: int

    @property
    def channels(self) -> int:
        """Output channels of all tiles, those that fill up the last ones included."""
        return self.groups * self.blocks * self.block

    def array(self) -> NDArray[np.int64]:
        """As the loop takes them."""
        return np.array(astuple(self), np.int64)


LOOP = '''"""A program of qref.kernels; qref/kernels/tile/program.py says what it is."""

from numba import int64, njit, void

{imports}

{tiles}


@njit(void({arguments}, int64[:, ::1], int64[:, ::1], int64[::1]), cache=True, nogil=True)
def kernel(begin, end, x, w, bias, scale, residual, y, rows, numbers, lines, runs, sizes):
    (count_of_lines, blocks, groups, kernels, of_block, x_group, x_image, w_block, y_part, y_channel, y_parts, y_line,
     y_image) = ({sizes})
    for item in range(begin, end):
        line = item % count_of_lines
        block = item // count_of_lines % blocks
        group = item // (count_of_lines * blocks) % groups
        image = item // (count_of_lines * blocks * groups)
        channel = group * kernels + block * of_block
        left = kernels - block * of_block
        place = group * blocks + block
        x_here = x + image * x_image + group * x_group
        w_here = w + place * w_block
        y_offset = image * y_image + channel // y_part * y_parts + channel % y_part * y_channel + line * y_line
        bias_here = bias + place * of_block * 4 + lines[line, 2]
        scale_here = scale + place * of_block * 4
        rows_here, count = rows + lines[line, 0] * 16, lines[line, 1]
        for run in range(runs.shape[0]):
            kind, times, x_run, y_run = runs[run, 0], runs[run, 1], runs[run, 2], runs[run, 3]
            x_step, y_step, first, last, bias_run = runs[run, 4], runs[run, 5], runs[run, 6], runs[run, 7], runs[run, 8]
            for j in range(times):
                x_tile = x_here + x_run + j * x_step
                y_tile = y_offset + y_run + j * y_step
{calls}
'''
ARGUMENTS = (
    "x_tile, w_here, bias_here + bias_run, scale_here, residual + y_tile, y + y_tile, "
    "rows_here, count, first, last, left, numbers"
)


def text(imports: Sequence[str], tiles: Sequence[str]) -> str:
    """The program that calls these tiles, each an expression that makes one of the imported names; see `runs`."""
    choices = []
    for kind in range(len(tiles)):
        test = f"{'if' if kind == 0 else 'elif'} kind == {kind}:"
        choices += [f"                {test}", f"                    tile{kind}({ARGUMENTS})"]
    return LOOP.format(
        imports="\n".join(imports),
        tiles="\n".join(f"tile{kind} = {tile}" for kind, tile in enumerate(tiles)),
        arguments=", ".join(["int64"] * 10),
        sizes=", ".join(f"sizes[{i}]" for i in range(len(Sizes.__dataclass_fields__))),
        calls="\n".join(choices),
    )
