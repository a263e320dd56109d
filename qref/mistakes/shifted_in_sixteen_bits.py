"""Pixels widened to 16 bits and shifted there: products beyond int16 lose their high bits."""

from collections.abc import Callable

from qref.mistakes.few_bits import Array, Shift, of_products
from qref.mistakes.mistake import Mistake
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(found: Shift) -> Callable[[Array, Array], Array]:
        by = found.by
        return lambda x, place: int(found.signs.flat[place]) * wrap(x << min(int(by.flat[place]), 47), 16)

    return of_products(request, product)


MISTAKE = Mistake(
    name="shifted-in-sixteen-bits",
    operators=("ShiftConv",),
    flags=("long-shifts",),
    effect="127 << 9 is 65024 and leaves int16: it wraps to −512, and the sum is wrong by 65536.",
    fix="Shift in the type of the sum.",
    symptom="only at the ends of the range",
    run=run,
)
