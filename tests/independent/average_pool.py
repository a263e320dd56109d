"""AveragePool (1, 7, 10, 11, 19, 22): "computing the average on all values of a subset of the input tensor"."""

from fractions import Fraction
from typing import Any

from independent.answers import Answer, Sum
from independent.extended import magnitude, over, total
from independent.pooling_windows import Axis, windows
from independent.refusal import Undecided, refuse_unless
from independent.tensors import Tensor, offset, positions, rounded


def average_pool(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    x = inputs[0]
    assert x is not None
    refuse_unless(x.rank >= 3, f"X has rank {x.rank}")
    axes = windows("AveragePool", opset, attributes, x.shape[2:])
    shape = (*x.shape[:2], *(a.out for a in axes))
    with_padding = attributes.get("count_include_pad", 0) != 0
    sums = [element(x, axes, at, with_padding) for at in positions(shape)]
    return Answer([rounded(x.dtype, shape, [s.exact for s in sums])], sums, scalings=1)


def element(x: Tensor, axes: list[Axis], at: tuple[int, ...], with_padding: bool) -> Sum:
    n, c, *o = at
    taps = [axis.taps(i) for axis, i in zip(axes, o)]
    terms, divisor = [], 0
    for choice in positions([len(t) for t in taps]):
        place = [t[i] for t, i in zip(taps, choice)]
        if all(axis.inside(p) for axis, p in zip(axes, place)):
            terms.append(x.values[offset((n, c, *place), x.shape)])
            divisor += 1
        elif with_padding and all(axis.in_declared(p) for axis, p in zip(axes, place)):
            divisor += 1  # Reading: what ceil_mode hangs over beyond the declared pads is no pad (readings.md 6)
    if divisor == 0:
        raise Undecided("a window without elements")
    count = Fraction(divisor)
    return Sum(over(total(terms), count), len(terms), 0, over(total(magnitude(t) for t in terms), count))
