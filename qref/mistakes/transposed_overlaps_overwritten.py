"""Overlaps overwritten: where windows of a transposed convolution overlap, the last pixel's is kept alone."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import Array, from_accumulator
from qref.mistakes.transposed_convolution import TRANSPOSED, Parts, cut, parts
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def last_of_each(given: Parts) -> Array:
    x, w, inner = given.x, given.w, given.geometry
    G, M_g, C_g = inner.group, w.shape[1], w.shape[0] // inner.group
    y = np.zeros((x.shape[0], G * M_g, *given.whole))
    n, m, c, *r = range(3 + len(inner.kernel))
    for position in np.ndindex(*x.shape[2:]):
        starts = [p * s for p, s in zip(position, inner.strides, strict=True)]
        steps = enumerate(zip(starts, inner.dilations, strict=True))
        window = tuple(slice(start, start + inner.extent(i), d) for i, (start, d) in steps)
        for g in range(G):
            inputs, outputs = slice(g * C_g, (g + 1) * C_g), slice(g * M_g, (g + 1) * M_g)
            pixel = x[(slice(None), inputs, *position)]
            y[(slice(None), outputs, *window)] = np.einsum(pixel, [n, c], w[inputs], [c, m, *r], [n, m, *r])
    return y


def run(request: Request) -> list[Tensor]:
    given = parts(request)
    return from_accumulator(request, cut(last_of_each(given), given.geometry.pads_begin, given.lengths))


MISTAKE = Mistake(
    name="transposed-overlaps-overwritten",
    operators=TRANSPOSED,
    flags=("transposed-padding", "output-padding", "stride"),
    effect=(
        "Windows are stored, not added: kernel [1, 1] at stride 1 on [1, 2] gives [1, 2, 2] instead of [1, 3, 2]. "
        "Right where the stride is no shorter than the kernel."
    ),
    fix="Add each window to what is there, or gather all pixels of an output element.",
    symptom="only in some shapes",
    run=run,
)
