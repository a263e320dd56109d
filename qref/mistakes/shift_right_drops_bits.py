"""Products with weights below 1 shifted to the right: each loses its low bits. DeepShift's CPU kernel does so."""

from collections.abc import Callable

from qref.errors import Unsupported
from qref.mistakes.few_bits import Array, Shift, of_products
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def product(found: Shift) -> Callable[[Array, Array], Array]:
        if found.lowest >= 0:
            raise Unsupported("no weight is below 1")

        def times(x: Array, place: Array) -> Array:
            s, e = int(found.signs.flat[place]), int(found.exponents.flat[place])
            whole = x >> min(-e, 63) if e < 0 else x << e
            return s * (whole << -found.lowest)

        return times

    return of_products(request, product)


MISTAKE = Mistake(
    name="shift-right-drops-bits",
    operators=("ShiftConv",),
    flags=("negative-exponents",),
    effect="x >> −e for a weight below 1 rounds each product down: −1 halved twice gives −1 − 1 = −2.",
    fix="Shift all products to the left from the lowest exponent of the layer, and scale the sum once.",
    symptom="nearly everywhere",
    run=run,
)
