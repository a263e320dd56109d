"""Shifts of 64-bit sums by e − lowest modulo 32, as shifts of 32 bits take their distance."""

from collections.abc import Callable

from qref.mistakes.few_bits import Array, Shift, of_products
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(found: Shift) -> Callable[[Array, Array], Array]:
        by = found.by & 31
        return lambda x, place: int(found.signs.flat[place]) * (x << int(by.flat[place]))

    return of_products(request, product)


MISTAKE = Mistake(
    name="shift-masked-to-five-bits",
    operators=("ShiftConv",),
    flags=("long-shifts",),
    effect="A shift by 33 moves by 33 mod 32 = 1: processors and compilers take five bits of the distance in 32 bits.",
    fix="Widen the pixel before it is shifted, and shift in the type of the sum.",
    symptom="only at the ends of the range",
    run=run,
)
