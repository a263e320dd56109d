"""Weights of zero that count 2^e, where one bit holds the sign. DeepShift's CPU convolution ends in such an else."""

from collections.abc import Callable

from qref.mistakes.few_bits import Array, Shift, of_products
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(found: Shift) -> Callable[[Array, Array], Array]:
        by = found.by

        def times(x: Array, place: Array) -> Array:
            shifted = x << min(int(by.flat[place]), 63)
            return -shifted if found.signs.flat[place] < 0 else shifted

        return times

    return of_products(request, product)


MISTAKE = Mistake(
    name="zero-weight-shifts-too",
    operators=("ShiftConv",),
    flags=("zero-weights",),
    effect="A sign of one bit has no zero: a weight of 0 is +2^e, with e = 0 it adds the pixel itself.",
    fix="Give zero a code of its own, and leave such weights out.",
    symptom="nearly everywhere",
    run=run,
)
