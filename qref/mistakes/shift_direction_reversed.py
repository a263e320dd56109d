"""The number of a right shift, −e, taken as that of a left shift: the smallest weights become the largest."""

from collections.abc import Callable

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.few_bits import Array, Shift, of_products
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(found: Shift) -> Callable[[Array, Array], Array]:
        if found.lowest >= 0:
            raise Unsupported("no weight is below 1")
        by = np.minimum(np.abs(found.exponents), 63)
        return lambda x, place: int(found.signs.flat[place]) * (x << int(by.flat[place]))

    return of_products(request, product)


MISTAKE = Mistake(
    name="shift-direction-reversed",
    operators=("ShiftConv",),
    flags=("negative-exponents",),
    effect="Shifts by |e| to the left: a weight of 2^−7 counts 128 units and one of 1 counts 1.",
    fix="Shift by e − lowest.",
    symptom="nearly everywhere",
    run=run,
)
