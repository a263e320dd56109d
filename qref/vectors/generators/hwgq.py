"""Cases of HalfWaveQuantize and HalfWaveBackward."""

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import tensor
from qref.ops.request import Request
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.clear_margin import clear
from qref.vectors.generators.draw import Draw

FORWARD, BACKWARD = ("QREF-LB-010", "QREF-LB-011"), ("QREF-LB-013",)
# optimal for a normal x, to four digits: uniform of 1 to 4 bits, then of the authors' networks, then non-uniform ones
LEVELS: dict[str, Sequence[float]] = {
    "1 bit": [0.7979],
    "2 bits": [0.5388, 1.0776, 1.6164],
    "3 bits": [0.3217 * i for i in range(1, 8)],
    "4 bits": [0.1842 * i for i in range(1, 16)],
    "published": [0.538, 1.076, 1.614],
    "published, two levels": [0.453, 1.51],
    "three levels, each the mean of its interval": [0.3177, 1.0001, 1.8936],
}
APPROXIMATIONS = ("relu", "clipped-relu", "log-tailed-relu")


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("half-wave")

    def asked(x: ArrayLike, levels: ArrayLike) -> Request:
        inputs = tuple(tensor(np.asarray(v, np.float32), "float32") for v in (x, levels))
        return ask("HalfWaveQuantize", 1, inputs, domain="qref")

    def case(slug: str, x: ArrayLike, levels: ArrayLike, flags: tuple[str, ...], comment: str) -> Case:
        return judged(suite, slug, asked(x, levels), FORWARD, flags, comment)

    for name, levels in LEVELS.items():
        request = clear(asked(draw.signed_float32(-5, 1, (2, 3, 4)), levels) for _ in count())
        yield judged(suite, "random", request, FORWARD, ("half-wave",), f"levels of {name}")
    quarter, signs = [0.25, 0.5, 0.75], ("half-wave", "sign-of-zero")
    ties = [0.375, 0.625, -0.375, -0.625, 0.37500003, 0.62499994]
    yield case("ties", ties, quarter, ("tie", "half-wave"), "midpoints go to the lower level; neighbours one ULP away")
    yield case("ties", [1.5, 3.0, 6.0], [1.0, 2.0, 4.0, 8.0], ("tie", "half-wave"), "midpoints of non-uniform levels")
    small = [2.0**-149, 2.0**-126, 0.01, 0.12, 0.126]
    yield case("small", small, quarter, ("half-wave",), "the smallest positive x is the first level, not 0")
    yield case("zeros", [0.0, -0.0, -(2.0**-149)], quarter, signs, "zeros and the largest negative x are 0")
    least = [0.0, -0.0, 2.0**-149, 1e-7, 2.0**-127, -1e-30, 0.0]
    yield case("zeros", least, [1.0, 3.0], signs, "zeros beside small positive numbers: only these are the first level")
    yield case("negative", [-0.25, -0.5, -0.75, -9.0], quarter, ("half-wave",), "negative numbers are 0, not a level")
    yield case("above", [0.75, 0.8, 100.0, 3e38], quarter, ("half-wave",), "everything above is the last level")
    yield case("scalar", 0.3, quarter, ("one-element",), "rank 0")
    yield case("empty", np.zeros((0, 3)), quarter, ("zero-size",), "no activations")
    for x, levels, comment in (
        ([np.nan], quarter, "NaN"),
        ([np.inf], quarter, "infinity"),
        ([1.0], [0.5, 0.25], "levels that fall"),
        ([1.0], [0.0, 1.0], "a level that is 0"),
        ([1.0], [], "no levels"),
    ):
        yield refused(suite, "refused", asked(x, levels), ("QREF-QZ-001", "QREF-LB-010"), ("error",), comment)
    yield from backward(suite)


def backward(suite: str) -> Iterator[Case]:
    """The gradient of x under the three approximations."""
    draw = Draw("half-wave backward")

    def case(slug: str, x: ArrayLike, g: ArrayLike, levels: ArrayLike, how: str, comment: str) -> Case:
        inputs = tuple(tensor(np.asarray(v, np.float32), "float32") for v in (x, g, levels))
        request = ask("HalfWaveBackward", 1, inputs, {"approximation": how}, "qref")
        return judged(suite, slug, request, BACKWARD, ("half-wave-backward",), comment)

    for how in APPROXIMATIONS:
        for name in ("1 bit", "2 bits", "published, two levels"):
            x, g = draw.signed_float32(-3, 2, (4, 5)), draw.signed_float32(-4, 1, (4, 5))
            yield case("random", x, g, LEVELS[name], how, f"{how}, levels of {name}")
        ends = [0.0, -0.0, 2.0**-149, -(2.0**-149), 1.5, np.nextafter(np.float32(1.5), np.float32(2)), 1.4, -1.5]
        yield case("ends", ends, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [0.5, 1.5], how, f"{how} at 0 and at qₘ")
        last = [0.125, 0.12499999, 0.12500001, -0.125]
        yield case("ends", last, [3.0, 5.0, 7.0, 9.0], [0.125], how, f"{how} at a lone level and beside it")
        far = [2.0, 3.5, 10.0, 1000.0, 1e30]
        yield case("far", far, [1.0, -1.0, 4.0, 3.0, 1e10], [0.5, 1.5], how, f"{how} above qₘ")
        yield case("far", far, [1.0, -1.0, 4.0, 3.0, 1e10], [0.125], how, f"{how} above qₘ = 1/8: τ is negative")
    one = tensor(np.array([1.0], np.float32), "float32")
    request = ask("HalfWaveBackward", 1, (one, one, one), {"approximation": "tanh"}, "qref")
    yield refused(suite, "refused", request, BACKWARD, ("error",), "an approximation that there is not")
