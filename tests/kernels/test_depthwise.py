"""Depthwise convolution and the tile of windows that pooling shares, under every instruction set."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS
from qref.conv.cost import Shapes
from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.numerics.tensor import Tensor
from qref.ops import run as reference
from qref.ops.request import Request

pytest.importorskip("numba")
from qref.kernels import run
from qref.kernels.conv import depthwise
from qref.kernels.conv.depthwise import DEPTHWISE
from qref.kernels.tile.float32 import Limits

ROUNDOFF = 2.0**-24
Case = tuple[tuple[int, ...], tuple[int, ...], Geometry]


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    """Rows shorter and longer than a vector, strides 1 to 4, pads longer than the kernel, several outputs a channel."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 4 if n < 3 else 2)
    strides, dilations, image, begin = lengths(1, 4), lengths(1, 3), lengths(1, {1: 80, 2: 20, 3: 5}[n]), lengths(0, 4)
    # an output of length zero is the least there is
    least = [(k[i] - 1) * dilations[i] + 1 - strides[i] - image[i] - begin[i] for i in range(n)]
    end = tuple(max(e, low) for e, low in zip(lengths(0, 4), least))
    C, multiplier, N = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 2))
    return (N, C, *image), (C * multiplier, 1, *k), Geometry(k, strides, dilations, begin, end, C)


def square(C: int, H: int, W: int, k: int, stride: int = 1, pad: int = 0, multiplier: int = 1) -> Case:
    geometry = Geometry((k, k), (stride,) * 2, (1, 1), (pad,) * 2, (pad,) * 2, C)
    return (1, C, H, W), (C * multiplier, 1, k, k), geometry


def whole(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    """Small whole numbers, whose sums are exact in any order; read-only, as the arrays of decoded tensors are."""
    found = np.random.default_rng(seed).integers(-8, 9, shape).astype(np.float32)
    found.flags.writeable = False
    return found


def test_every_geometry_and_end_exactly(float_set: str) -> None:
    @settings(max_examples=60)
    @given(
        case=convolutions(), threads=st.sampled_from([1, 1, 2, 5]), ends=st.sampled_from([Limits(), Limits(0.0, 6.0)]),
        biased=st.booleans(), residual=st.booleans(),
    )  # fmt: skip
    @example(case=square(3, 40, 41, 3, 1, 1), threads=2, ends=Limits(), biased=True, residual=True)
    @example(case=square(2, 41, 40, 3, 2, 1, 2), threads=1, ends=Limits(0.0), biased=True, residual=False)
    @example(case=square(5, 7, 7, 3, 1, 1), threads=3, ends=Limits(), biased=False, residual=True)
    @example(
        case=((1, 2, 300), (2, 1, 2), Geometry((2,), (97,), (101,), (0,), (0,), 2)), threads=1, ends=Limits(),
        biased=False, residual=False,
    )  # fmt: skip
    def check(case: Case, threads: int, ends: Limits, biased: bool, residual: bool) -> None:
        x, w, geometry = whole(case[0], 0), whole(case[1], 1), case[2]
        expected = direct(x, w, geometry)
        bias, beside = whole(w.shape[:1], 2), whole(expected.shape, 3)
        if biased:
            expected = expected + bias.reshape(-1, *[1] * (x.ndim - 2))
        expected = np.clip(expected + beside if residual else expected, ends.low, ends.high)
        packed = depthwise.pack(w, geometry)
        assert packed.set == float_set
        garbage = np.full(depthwise.workspace(Shapes(*case), threads) + 1, 255, np.uint8)[1:]
        for space in (garbage, None):
            found = depthwise.run(
                x, packed, geometry, threads, bias=bias if biased else None, residual=beside if residual else None,
                limits=ends, workspace=space,
            )  # fmt: skip
            assert found.dtype == np.float32
            assert np.array_equal(found, expected)

    check()


def test_within_the_bound(float_set: str) -> None:
    case, rng = square(4, 19, 23, 5, 1, 2), np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in case[:2])
    golden = direct(x.astype(np.float64), w.astype(np.float64), case[2])
    bound = ALGORITHMS["direct"].bound(x, w, case[2]) * ROUNDOFF
    assert (np.abs(DEPTHWISE(x, w, case[2]) - golden) <= bound).all()


def test_input_of_any_kind() -> None:
    x_shape, w_shape, geometry = square(3, 9, 10, 3, 2, 1)
    x, w = whole(x_shape, 0), whole(w_shape, 1)
    packed = depthwise.pack(w, geometry)
    expected = direct(x, w, geometry)
    unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32).reshape(x.shape)
    assert not unaligned.flags.aligned
    for other in (np.asfortranarray(x), x[:, ::-1].copy()[:, ::-1], unaligned):
        assert np.array_equal(depthwise.run(other, packed, geometry), expected)


def test_nan_and_infinity_stay_in_their_windows(float_set: str) -> None:
    x, w = np.ones((1, 2, 20, 21), np.float32), np.ones((2, 1, 3, 3), np.float32)
    x[0, 0, 10, 20], x[0, 1, 0, 0] = np.nan, -np.inf
    found = DEPTHWISE(x, w, square(2, 20, 21, 3, 1, 1)[2])
    wrong = np.zeros(found.shape, bool)
    wrong[0, 0, 9:12, 19:], wrong[0, 1, :2, :2] = True, True
    assert np.array_equal(~np.isfinite(found), wrong)


def test_what_it_is_not_for() -> None:
    case = square(2, 4, 4, 3)
    x, w = whole(case[0], 0), whole(case[1], 1)
    assert depthwise.applies(Shapes(*case)) == ""
    two = Geometry((3, 3), (1, 1), (1, 1), (0, 0), (0, 0))
    assert depthwise.applies(Shapes(case[0], (1, 2, 3, 3), two)) == "2 channels a group: depthwise convolution has one"
    with pytest.raises(Unsupported, match="2 channels a group"):
        depthwise.pack(np.ones((1, 2, 3, 3), np.float32), two)
    with pytest.raises(Unsupported, match="float64"):
        depthwise.pack(w.astype(np.float64), case[2])
    with pytest.raises(Unsupported, match="int64"):
        DEPTHWISE(x.astype(np.int64), w, case[2])
    with pytest.raises(UsageError, match="are needed"):
        depthwise.run(x, depthwise.pack(w, case[2]), case[2], workspace=np.empty(4, np.uint8))
    with pytest.raises(Unsupported, match="4 dimensions"):
        depthwise.pack(np.ones((1,) * 6, np.float32), Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4))


def test_pooling_exactly(float_set: str) -> None:
    """Maxima and means of whole numbers, rows longer than a vector, windows that hang over the end."""

    @settings(max_examples=30)
    @given(
        image=st.tuples(st.integers(3, 12), st.integers(3, 45)), kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
        strides=st.tuples(st.integers(1, 3), st.integers(1, 3)), ceil=st.integers(0, 1), seed=st.integers(0, 99),
    )  # fmt: skip
    def check(image: tuple[int, int], kernel: tuple[int, int], strides: tuple[int, int], ceil: int, seed: int) -> None:
        x = Tensor("float32", whole((1, 3, *image), seed))
        attributes: dict[str, Any] = {"kernel_shape": list(kernel), "strides": list(strides), "ceil_mode": ceil}
        attributes["pads"] = [min(1, k - 1) for k in kernel] * 2
        for op in ("MaxPool", "AveragePool"):
            request = Request(op, "", 22, attributes, (x,), 1)
            if any(k > n for k, n in zip(kernel, image)):
                continue
            [golden], [found] = reference(request), run(request)
            assert found.shape == golden.shape
            assert np.allclose(found.data, golden.data, rtol=2e-7 if op == "AveragePool" else 0, atol=0)

    check()
