"""The accumulator converted to float32 toward zero."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def to_24_bits(accumulator: NDArray[Any]) -> NDArray[np.int64]:
    """The 24 leading bits of each accumulator, the others cleared."""
    magnitude = np.abs(np.asarray(accumulator, np.int64))
    _, length = np.frexp(magnitude.astype(np.float64))
    dropped = np.maximum(length - 24, 0)
    return np.sign(accumulator) * (magnitude >> dropped << dropped)


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, accumulator=to_24_bits(numbers(request).accumulator))


MISTAKE = Mistake(
    name="accumulator-truncated-to-24-bits",
    operators=OPERATORS,
    flags=("above-2^24",),
    effect=(
        "2²⁵ + 3 becomes 2²⁵: with scale 2⁻²⁶ the output is rint(0.5) = 0 (right, and by a rounding conversion "
        "too: 1). Nothing shows up to 2²⁴."
    ),
    fix="Convert with rounding to nearest, the default mode; or scale in double or fixed point.",
    symptom="only above 2^24",
    run=run,
)
