"""Mistakes in requantization: for each a number that shows it, and a request that it leaves alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from qref.errors import Unsupported
from qref.mistakes import MISTAKES
from qref.numerics.tensor import tensor
from qref.ops import run
from qref.ops.request import Request


@dataclass(frozen=True, eq=False)
class Shows:
    """A request that a mistake answers wrongly: the golden outputs and the mistake's, flattened."""

    mistake: str
    request: Request
    right: Sequence[int]
    wrong: Sequence[int]


def requantize(
    accumulator: Any,
    scale: Any = 1.0,
    y_scale: float = 1.0,
    zero: int = 0,
    dtype: str = "int8",
    x_scale: float = 1.0,
    **attributes: int,
) -> Request:
    """Requantize; `scale` is w_scale."""
    inputs = (
        tensor(accumulator, "int32"),
        tensor(x_scale, "float32"),
        tensor(scale, "float32"),
        tensor(y_scale, "float32"),
        tensor(zero, dtype),
    )
    return Request("Requantize", "qref", 1, attributes, inputs)


def conv(
    x: Any,
    w: Any,
    B: Sequence[int] | None,
    w_scale: Any = 1.0,
    scales: tuple[float, float] = (1.0, 1.0),
    group: int = 1,
) -> Request:
    """A 1×1 QLinearConv in one dimension of int8, zero points 0: x [C, n], w [M, C / group], scales of x and y."""
    w_zero = np.zeros(np.shape(w_scale), np.int8)
    inputs = [
        tensor(np.asarray(x)[np.newaxis], "int8"),
        tensor(scales[0], "float32"),
        tensor(0, "int8"),
        tensor(np.asarray(w)[:, :, np.newaxis], "int8"),
        tensor(w_scale, "float32"),
        tensor(w_zero, "int8"),
        tensor(scales[1], "float32"),
        tensor(0, "int8"),
    ]
    if B is not None:
        inputs.append(tensor(B, "int32"))
    return Request("QLinearConv", "", 10, {"group": group}, tuple(inputs))


def matmul(a: Any, b: Any, a_scale: Any = 1.0, b_scale: Any = 1.0, y_scale: float = 1.0) -> Request:
    """QLinearMatMul of int8, zero points 0."""
    operands = []
    for values, scale in ((a, a_scale), (b, b_scale)):
        operands += [tensor(values, "int8"), tensor(scale, "float32"), tensor(np.zeros(np.shape(scale)), "int8")]
    return Request("QLinearMatMul", "", 10, {}, (*operands, tensor(y_scale, "float32"), tensor(0, "int8")))


TIES = requantize([5, 7, -5, -7], 0.5)  # 2.5, 3.5, −2.5, −3.5
TENTHS = requantize([27, -27, 21, -21], 1.0, 10.0)  # 2.7, −2.7, 2.1, −2.1
BETWEEN = requantize([3, 30, -30, 0], 1.0, 10.0)  # 0.3, 3, −3, 0

ROUNDING = [
    Shows("half-away-from-zero", TIES, [2, 4, -2, -4], [3, 4, -3, -4]),
    Shows("half-up", TIES, [2, 4, -2, -4], [3, 4, -2, -3]),
    Shows("half-toward-zero", TIES, [2, 4, -2, -4], [2, 3, -2, -3]),
    Shows("truncates-instead-of-rounding", TENTHS, [3, -3, 2, -2], [2, -2, 2, -2]),
    Shows("floor-instead-of-rounding", TENTHS, [3, -3, 2, -2], [2, -3, 2, -3]),
    Shows("adds-half-then-truncates", TENTHS, [3, -3, 2, -2], [3, -2, 2, -1]),
    Shows("zero-point-before-rounding", requantize([1, 3, -1], 0.5, zero=1), [1, 3, 1], [2, 2, 0]),
]

SATURATION = [
    Shows("saturates-before-zero-point", requantize([200, -50], zero=-100), [100, -128], [27, -128]),
    Shows("saturates-before-zero-point", requantize([-50, 300], zero=128, dtype="uint8"), [78, 255], [128, 255]),
    Shows("zero-point-added-in-eight-bits", requantize([100, 27], zero=100), [127, 127], [-56, 127]),
    Shows("wraps-instead-of-saturating", requantize([-236, 127]), [-128, 127], [20, 127]),
    Shows("wraps-instead-of-saturating", requantize([300], dtype="uint8"), [255], [44]),
    Shows("clamps-to-symmetric-range", requantize([-200, -128, -127]), [-128, -128, -127], [-127, -127, -127]),
    Shows("unsigned-output-clamped-as-signed", requantize([200, -5, 9], dtype="uint8"), [200, 0, 9], [127, 251, 9]),
    Shows("signed-output-clamped-as-unsigned", requantize([200, -5, 9]), [127, -5, 9], [-56, 0, 9]),
    Shows("float-overflow-becomes-lowest", requantize([4_000_000, -4_000_000], 1000.0), [127, -128], [-128, -128]),
    Shows(
        "single-rounding-overflows-int32", requantize([2**30, 2**30 - 1, -(2**30)]), [127, 127, -128], [-128, 127, -128]
    ),
    Shows("magic-number-without-clamp", requantize([-20_000_000, 20_000_000]), [-128, 127], [127, 127]),
    Shows("multiplier-not-renormalized", requantize([100], 1 - 2.0**-16, x_scale=1 + 2.0**-16), [100], [-100]),
    Shows("left-shift-of-31-undefined", requantize([1, 0, -1], 2.0**30), [127, 0, -128], [0, 0, 0]),
]

ZERO_POINT = [
    Shows("output-zero-point-ignored", requantize([5], zero=100), [105], [5]),
    Shows("output-zero-point-subtracted", requantize([5], zero=3), [8], [2]),
    Shows("unsigned-zero-point-read-as-signed", requantize([5], zero=200, dtype="uint8"), [205], [0]),
    Shows("signed-zero-point-read-as-unsigned", requantize([5], zero=-3), [2], [127]),
    Shows("negative-accumulators-shifted-logically", requantize([-100, 100], 1 / 16), [-6, 6], [127, 6]),
    Shows("multiplication-contracted-with-zero-point", requantize([3], 0.49999997, zero=100), [101], [102]),
    Shows("zero-point-added-in-float32", requantize([3], 0.49999997, zero=100), [101], [102]),
]

SCALES = [
    Shows("first-channel-scale-everywhere", requantize([[100, 100]], [0.5, 0.25]), [50, 25], [50, 50]),
    Shows("first-channel-scale-everywhere", matmul([[10]], [[10, 10]], 1.0, [0.5, 0.25]), [50, 25], [50, 50]),
    Shows("first-row-scale-everywhere", matmul([[10], [10]], [[10]], [0.5, 0.25]), [50, 25], [50, 50]),
    Shows(
        "channel-scales-along-last-axis",
        requantize([[[100, 100], [100, 100]]], [0.5, 0.25]),
        [50, 50, 25, 25],
        [50, 25, 50, 25],
    ),
    Shows(
        "channel-scales-restart-in-each-group",
        conv([[10], [10]], [[10], [10]], None, [0.5, 0.25], group=2),
        [50, 25],
        [50, 50],
    ),
    Shows("output-scale-ignored", requantize([50], 1.0, 0.5), [100], [50]),
    Shows("output-scale-multiplied", requantize([20], 1.0, 0.5), [40], [10]),
    Shows("combined-scale-in-float16", requantize([20_000, 3], 1.0, 3.0, dtype="int16"), [6667, 1], [6665, 1]),
    Shows("combined-scale-in-float16", requantize([2**26], 2.0**-26), [1], [0]),
    Shows("multiplier-truncated", requantize([9], 5.0, 6.0), [8], [7]),
    Shows("multiplier-of-sixteen-bits", requantize([210_000], 1.0, 7.0, dtype="int16"), [30000], [30001]),
    Shows("left-shift-ignored", requantize([10], 3.0), [30], [8]),
    Shows("left-shift-overflows", requantize([2**30, 10], 3.0), [127, 30], [0, 30]),
    Shows("right-shift-masked-to-five-bits", requantize([100], 2.0**-33), [0], [50]),
]

FIXED_POINT = [
    # 2.25 is rounded to 2.5 in halves, and then to 3
    Shows("rounds-twice", requantize([9], 0.25), [2], [3]),
    Shows("rounds-once-half-up", TIES, [2, 4, -2, -4], [3, 4, -2, -3]),
    Shows("rounds-half-up-twice", requantize([-5, 5], 0.25), [-1, 1], [-1, 2]),
    Shows("rounds-twice-from-float32-scale", requantize([20_025], 0.47, 0.9, dtype="int16"), [10_458], [10_457]),
    Shows("high-multiplication-truncates", requantize([3], 0.9), [3], [2]),
    Shows("right-shift-truncates", requantize([27, -21], 1.0, 10.0), [3, -2], [2, -3]),
]

ACCUMULATORS = [
    Shows("accumulator-in-float16", requantize([70_000, 100], 0.001), [70, 0], [127, 0]),
    Shows("accumulator-in-float16", requantize([2049], 1.0, dtype="int16"), [2049], [2048]),
    Shows("accumulator-truncated-to-24-bits", requantize([2**25 + 3, -(2**25) - 3], 2.0**-26), [1, -1], [0, 0]),
    Shows("accumulator-wraps-to-16-bits", requantize([40_000, 32_767], 0.001), [40, 33], [-26, 33]),
    Shows("float-products-half-away", TIES, [2, 4, -2, -4], [3, 4, -3, -4]),
    # 9 · 0.05f / 0.3f = 1.49999997, in float32 1.5
    Shows("float-products-half-away", requantize([9], 0.05, 0.3), [1], [2]),
    Shows("reciprocals-of-scales", requantize([9], 0.05, 0.3), [1], [2]),
    Shows("reciprocals-of-scales", requantize([1, 3], 0.5, zero=1), [1, 3], [2, 2]),
]

BIAS = [
    Shows("bias-ignored", conv([[10]], [[10]], [20]), [120], [100]),
    Shows("bias-added-after-scaling", conv([[10]], [[10]], [20], scales=(0.5, 1.0)), [60], [70]),
    Shows("bias-not-scaled", conv([[10]], [[10]], [20], scales=(0.5, 1.0)), [60], [70]),
    Shows("bias-not-scaled", conv([[10]], [[10]], [20], scales=(0.5, 2.0)), [30], [35]),
    Shows("bias-scaled-by-first-channel", conv([[10]], [[10], [10]], [20, 20], [1.0, 0.5]), [120, 60], [120, 70]),
    Shows("first-bias-everywhere", conv([[10]], [[10], [10]], [10, 20]), [110, 120], [110, 110]),
    Shows("bias-wraps-to-16-bits", conv([[0]], [[1]], [40_000], scales=(0.001, 1.0)), [40], [-26]),
    Shows("bias-rounded-by-itself", conv([[2]], [[2]], [4], scales=(0.1, 1.0)), [1], [0]),
]

SHOWN = [*ROUNDING, *SATURATION, *ZERO_POINT, *SCALES, *FIXED_POINT, *ACCUMULATORS, *BIAS]

EXACT = requantize([4, -8, 100, 0], 0.25)
SPARED = {
    "adds-half-then-truncates": requantize([4, 100, 0], 0.25),
    "negative-accumulators-shifted-logically": requantize([4, 100, 0], 0.25),
    "unsigned-output-clamped-as-signed": requantize([4, 400, 0], 0.25, dtype="uint8"),
    "signed-output-clamped-as-unsigned": requantize([4, 400, 0], 0.25),
    "output-scale-multiplied": requantize([4, -8], 0.25, 1.0),
    "unsigned-zero-point-read-as-signed": requantize([4, -8], 0.25, zero=127, dtype="uint8"),
    "signed-zero-point-read-as-unsigned": requantize([4, -8], 0.25, zero=127),
    "first-row-scale-everywhere": matmul([[10], [10]], [[10]], [0.5, 0.5]),
    "channel-scales-restart-in-each-group": conv([[10], [10]], [[10], [10]], None, [0.5, 0.5], group=2),
    "bias-scaled-by-first-channel": conv([[10]], [[10], [10]], [20, 20], 0.5),
}
ZERO_BIAS = conv([[10, -20]], [[3], [2]], [0, 0], [0.25, 0.5])


def spared(name: str) -> Request:
    """A request that a mistake answers rightly."""
    return SPARED.get(name, ZERO_BIAS if "bias" in name else EXACT)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.mistake)
def test_wrong_where_the_bug_shows(shown: Shows) -> None:
    (right,) = run(shown.request)
    (wrong,) = MISTAKES[shown.mistake].run(shown.request)
    assert right.data.ravel().tolist() == list(shown.right)
    assert wrong.data.ravel().tolist() == list(shown.wrong)
    assert (wrong.dtype, wrong.shape) == (right.dtype, right.shape)


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in SHOWN))
def test_right_elsewhere(name: str) -> None:
    (right,) = run(spared(name))
    (answer,) = MISTAKES[name].run(spared(name))
    assert answer.same(right)


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in SHOWN))
def test_refuses_other_operators(name: str) -> None:
    request = Request("QuantizeLinear", "", 10, {}, (tensor([1.0], "float32"), tensor(1.0, "float32")))
    with pytest.raises(Unsupported):
        MISTAKES[name].run(request)


@pytest.mark.parametrize("name", dict.fromkeys(shown.mistake for shown in SHOWN if "bias" not in shown.mistake))
def test_empty_tensors(name: str) -> None:
    requests = [
        requantize(np.zeros((0, 2), int), [0.5, 0.25]),
        requantize(np.zeros((2, 0), int), np.zeros(0), 1.0),
        matmul(np.zeros((0, 2), int), np.zeros((2, 3), int)),
        conv(np.zeros((1, 3), int), np.zeros((0, 1), int), None),
    ]
    for request in requests:
        if request.op not in MISTAKES[name].operators:
            continue
        try:
            (answer,) = MISTAKES[name].run(request)
        except Unsupported:
            continue
        assert answer.data.size == 0


def test_the_judging_profile_stays_in_force() -> None:
    """Mistakes in numbers, not in rules, answer by the profile that judges, so that only they show."""
    base = requantize([5, 7], 0.5)
    request = Request(base.op, base.domain, base.opset, base.attributes, base.inputs, 1, "ncnn")
    assert MISTAKES["accumulator-wraps-to-16-bits"].run(request)[0].data.tolist() == [3, 4]
    assert run(request)[0].data.tolist() == [3, 4]
