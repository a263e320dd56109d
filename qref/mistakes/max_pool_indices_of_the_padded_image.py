"""Indices of the padded image: padding is counted."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import Indices, image, windows, with_indices
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    def in_padded(places: Indices) -> Indices:
        shape, g = image(request).shape, windows(request).geometry
        n, c, *pixel = np.unravel_index(places, shape)
        moved = [p + begin for p, begin in zip(pixel, g.pads_begin, strict=True)]
        lengths = [sum(each) for each in zip(shape[2:], g.pads_begin, g.pads_end, strict=True)]
        return np.ravel_multi_index((n, c, *moved), (*shape[:2], *lengths))

    return with_indices(request, in_padded)


MISTAKE = Mistake(
    name="max-pool-indices-of-the-padded-image",
    operators=MAX,
    flags=("indices", "padding"),
    effect=(
        "With one pad around a 2×2 image pixel 0 is at place 5 of a 4×4 image: Indices hold 5 instead of 0. Right "
        "without padding."
    ),
    fix='Count places in X; "the indices do not consider padding".',
    symptom="only at the edges of an image",
    run=run,
)
