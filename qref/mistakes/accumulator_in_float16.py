"""The accumulator converted to float16 before it is scaled."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.floats import float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def in_float16(accumulator: NDArray[Any]) -> NDArray[np.int64]:
    """Each accumulator rounded to 11 bits; beyond 65504 infinite, here a number that saturates as infinity does."""
    rounded = round_to(np.asarray(accumulator, np.float64), float_format("float16"))
    return np.clip(rounded, -(2.0**31), 2.0**31 - 1).astype(np.int64)


def run(request: Request) -> list[Tensor]:
    return from_numbers(request, accumulator=in_float16(numbers(request).accumulator))


MISTAKE = Mistake(
    name="accumulator-in-float16",
    operators=OPERATORS,
    flags=("near-tie", "above-2^24", "saturation"),
    effect=(
        "2049 becomes 2048, and everything beyond ±65504 infinite: 70000 with scale 0.001 saturates to 127 (right: 70)."
    ),
    fix="Convert the int32 accumulator to float32, whatever the activations' float type.",
    symptom="nearly everywhere",
    run=run,
)
