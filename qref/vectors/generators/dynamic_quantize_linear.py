"""Cases of DynamicQuantizeLinear for the suite `onnx-quantized`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.tensor import tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged
from qref.vectors.generators.draw import Draw

SUITE = "onnx-quantized"
OP = "DynamicQuantizeLinear"
REQUIREMENTS = ("QREF-QD-019", "QREF-QD-020", "QREF-QD-021")


def cases() -> Iterator[Case]:
    """All cases of DynamicQuantizeLinear."""
    yield from one_sided()
    yield from zero_point_ties()
    yield from telling_steps()
    yield from symmetric()
    yield from ends_anywhere()
    yield from every_rank()
    yield from shapes()


def make(slug: str, x: NDArray[Any], flags: tuple[str, ...], comment: str) -> Case:
    """A case of one float32 tensor."""
    return judged(SUITE, slug, ask(OP, 11, (tensor(x.astype(np.float32), "float32"),)), REQUIREMENTS, flags, comment)


def one_sided() -> Iterator[Case]:
    """Ranges that lie on one side of zero: zero belongs to the range all the same."""
    draw = Draw("dynamic-one-sided")
    for low, high in ((1, 3), (-2, 1), (4, 6)):
        x = draw.float32(low, high, (24,))
        yield make("positive", x, ("dynamic-range",), "all above zero: zero point 0, scale max / 255")
        yield make("negative", -x, ("dynamic-range",), "all below zero: zero point 255, scale -min / 255")
    yield make("tie", np.arange(0, 256) / 2 * 2.0, ("dynamic-range", "tie"), "scale exactly 1")
    halves = np.concatenate([np.arange(0, 24) + 0.5, [0, 255]])
    yield make("tie", halves, ("dynamic-range", "tie"), "scale exactly 1 and quotients k + 1/2")
    yield make(
        "negative-tie", -halves, ("dynamic-range", "tie", "negative-tie"), "scale 1, zero point 255, negative ties"
    )
    shifted = np.concatenate([np.arange(-24, 24) + 0.5, [-100, 155]])
    yield make(
        "tie",
        shifted,
        ("dynamic-range", "tie", "negative-tie", "zero-point"),
        "scale 1, zero point 100, ties of both signs",
    )
    odd = np.concatenate([np.arange(-24, 24) + 0.5, [-101, 154]])
    yield make(
        "tie",
        odd,
        ("dynamic-range", "tie", "negative-tie", "zero-point"),
        "scale 1, zero point 101, ties of both signs",
    )
    yield make("one-value", np.array([3.7]), ("dynamic-range",), "one element")
    yield make("one-value", np.array([-0.3]), ("dynamic-range",), "one negative element")


def zero_point_ties() -> Iterator[Case]:
    """Zero points that fall exactly on, or next to, a tie before they are rounded."""
    for tie in (0.5, 1.5, 2.5, 127.5, 128.5, 253.5, 254.5):
        for scale in (1.0, 0.25):
            x = np.array([-tie, 255 - tie, 0.0, 1.0, -0.25, 17.5]) * scale
            if x.min() >= 0:
                continue
            comment = f"-min / scale is {tie}: half to even"
            yield make("zero-point-tie", x, ("dynamic-range", "tie", "zero-point"), comment)
    for low in (-0.3, -100.7, -253.9, -254.6, -0.6):
        x = np.array([low, 255 + low, 3.0, -0.25, 90.5])
        yield make(
            "zero-point-near-tie", x, ("dynamic-range", "near-tie", "zero-point"), "a zero point that is no integer"
        )


def telling_steps() -> Iterator[Case]:
    """Tensors for which a reciprocal, 256 steps, or another order of the steps changes an output."""
    draw = Draw("dynamic-steps")
    found = 0
    while found < 60:
        x = draw.signed_float32(-4 + found % 7, 1 + found % 7, (32,))
        scale = np.float32(np.maximum(x.max(), 0) - np.minimum(x.min(), 0)) / np.float32(255)
        k = draw.integers(-100, 100, (16,)) + 0.5
        near = (k.astype(np.float32) * scale).astype(np.float32)
        near = near[(near > x.min()) & (near < x.max())]
        found += 1
        comment = "values next to the ties of their own scale"
        yield make("near-tie", np.concatenate([x, near]), ("near-tie", "reciprocal", "dynamic-range"), comment)


def symmetric() -> Iterator[Case]:
    """Ranges that are the same on both sides: the zero point is next to 127.5, and one float32 step decides it."""
    for largest in (2.5, 1.0, 0.3, 100.0, 3.3, 0.07, 12.34, 5.0):
        x = np.array([-largest, largest, 0.0, largest / 3, -largest / 7])
        comment = "0 - min / scale next to 127.5: 255 - max / scale rounds to the other side"
        yield make("symmetric", x, ("dynamic-range", "near-tie", "zero-point"), comment)
        row = np.resize(np.arange(-40, 41) * (largest / 40), 131)
        yield make("long-row", row, ("dynamic-range",), "131 values: whole vectors and a tail of three")


def ends_anywhere() -> Iterator[Case]:
    """The one smallest and the one largest value at chosen places of a row: a search that skips a lane shows here."""
    draw = Draw("dynamic-ends")
    for length, low, high in (
        (9, 0, 8), (9, 8, 0), (17, 16, 3), (35, 33, 34), (35, 31, 0), (67, 66, 63), (131, 130, 127), (131, 64, 129),
        (131, 15, 16), (131, 0, 1), (131, 63, 127), (67, 31, 15),
    ):  # fmt: skip
        x = draw.signed_float32(-3, -1, (length,))
        x[low], x[high] = -draw.float32(1, 1), draw.float32(2, 2)
        comment = f"{length} values, the smallest at {low} and the largest at {high}, each several times the others"
        yield make("range-end", x, ("dynamic-range",), comment)


def every_rank() -> Iterator[Case]:
    """Zero points and values on ties and next to them in tensors of every rank, longer than a register."""
    draw = Draw("dynamic-ranks")
    for shape in ((131,), (3, 45), (5, 3, 9), (2, 3, 4, 5)):
        for tie in (100.5, 101.5, 0.5, 127.5):
            count = int(np.prod(shape))
            k = draw.integers(-int(tie), 254 - int(tie), (count,)) + 0.5
            x = np.clip(k, -tie, 255 - tie) * 0.5
            x[count // 2], x[-1] = -tie * 0.5, (255 - tie) * 0.5
            comment = f"-min / scale is {tie}, and every other value a tie"
            flags = ("dynamic-range", "tie", "zero-point")
            yield make("tie", x.reshape(shape), flags, comment)
        drawn = draw.signed_float32(-2, 3, shape)
        lowest, highest = drawn.min(), drawn.max()
        scale = (np.maximum(highest, np.float32(0)) - np.minimum(lowest, np.float32(0))) / np.float32(255)
        near = (draw.integers(-90, 90, shape) + 0.5).astype(np.float32) * scale
        inside = (near > lowest) & (near < highest) & (drawn != lowest) & (drawn != highest)
        row = np.where(inside, near, drawn)
        yield make(
            "near-tie", row, ("near-tie", "reciprocal", "dynamic-range"), "values next to the ties of their own scale"
        )
        yield make("positive", np.abs(draw.signed_float32(1, 3, shape)), ("dynamic-range",), "all above zero")
        yield make("negative", -np.abs(draw.signed_float32(1, 3, shape)), ("dynamic-range",), "all below zero")


def shapes() -> Iterator[Case]:
    """Scalars, and ranks above one."""
    draw = Draw("dynamic-shapes")
    for shape in ((), (1,), (2, 3), (2, 1, 3, 2)):
        x = draw.signed_float32(-1, 3, shape)
        yield make("shape", x, ("dynamic-range",), f"x of shape {list(shape)}")
    large = np.array([2.0**126, -(2.0**126), 2.0**125, 0])
    yield make("large", large, ("dynamic-range",), "a range near the largest float32 number")
    small = np.array([2.0**-110, -(2.0**-112), 2.0**-111, 0])
    yield make("small", small, ("dynamic-range",), "a range near the smallest one with a normal scale")
