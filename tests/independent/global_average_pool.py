"""GlobalAveragePool (1, 22): "equivalent to AveragePool with kernel size equal to the spatial dimension"."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.answers import Answer, Sum
from independent.extended import magnitude, over, total
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, rounded


def global_average_pool(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    refuse_unless(x.rank >= 3, f"X has rank {x.rank}")
    pixels, planes = prod(x.shape[2:]), prod(x.shape[:2])
    if pixels == 0 and planes:
        raise Undecided("the average of nothing")
    sums = []
    for plane in range(planes):
        terms = x.values[plane * pixels : (plane + 1) * pixels]
        count = Fraction(pixels)
        sums.append(Sum(over(total(terms), count), pixels, 0, over(total(magnitude(t) for t in terms), count)))
    shape = (*x.shape[:2], *([1] * (x.rank - 2)))
    return Answer([rounded(x.dtype, shape, [s.exact for s in sums])], sums, scalings=1)
