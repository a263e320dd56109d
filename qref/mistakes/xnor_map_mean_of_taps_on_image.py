"""K divided by the taps on the image, as an average pool without its padding does."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import by_groups, with_another_map
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorActivation", "XnorConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_another_map(
        request, lambda x, windows: by_groups(np.abs(x), windows) / np.maximum(by_groups(np.ones_like(x), windows), 1)
    )


MISTAKE = Mistake(
    name="xnor-map-mean-of-taps-on-image",
    operators=OPERATORS,
    flags=("window-mean", "padding"),
    effect="At a corner of a padded image 4 of 9 taps count, and K is 9/4 of A ∗ k. Right without padding.",
    fix="Divide by w·h: A is 0 beside the image.",
    symptom="only at the edges of an image",
    run=run,
)
