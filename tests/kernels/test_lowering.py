"""im2col and MEC by tiles, under every instruction set: every geometry, workspaces, threads, what they refuse."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS
from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError

pytest.importorskip("numba")
from qref.kernels.conv import blocking, float32_direct, im2col, mec
from qref.kernels.conv.kernel import Kernel

KERNELS = {"im2col": im2col.IM2COL, "mec": mec.MEC}
ROUNDOFF = 2.0**-24


Case = tuple[tuple[int, ...], tuple[int, ...], Geometry]


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    """Lengths zero, pads longer than the kernel, strides beyond it, dilations beyond the image, channels in groups."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 4 if n < 3 else 2)
    strides, dilations, image, begin = lengths(1, 4), lengths(1, 3), lengths(1, {1: 60, 2: 13, 3: 5}[n]), lengths(0, 4)
    # an output of length zero is the least there is
    least = [(k[i] - 1) * dilations[i] + 1 - strides[i] - image[i] - begin[i] for i in range(n)]
    end = tuple(max(e, low) for e, low in zip(lengths(0, 4), least))
    group, C, M, N = (
        draw(st.integers(1, 3)),
        draw(st.integers(0, 36)),
        draw(st.integers(0, 20)),
        draw(st.integers(0, 2)),
    )
    return (N, group * C, *image), (group * M, C, *k), Geometry(k, strides, dilations, begin, end, group)


def square(C: int, H: int, W: int, M: int, k: int, stride: int = 1, pad: int = 0, group: int = 1) -> Case:
    geometry = Geometry((k, k), (stride,) * 2, (1, 1), (pad,) * 2, (pad,) * 2, group)
    return (1, C, H, W), (M, C // group, k, k), geometry


FAR_APART = (1, 2, 300), (3, 2, 2), Geometry((2,), (97,), (101,), (0,), (0,))
LARGE = square(68, 30, 31, 70, 3, 1, 1)  # with a program of its own, a panel that is not whole, split sums
ODD = square(3, 60, 61, 40, 11, 1, 5)  # the same, with an odd number of products


def operands(case: Case, seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Whole numbers, whose sums are exact in any order; read-only, as the arrays of decoded tensors are."""
    rng = np.random.default_rng(seed)
    x, w = (rng.integers(-8, 9, shape).astype(np.float32) for shape in case[:2])
    x.flags.writeable = w.flags.writeable = False
    return x, w


def garbage(kernel: Kernel, case: Case, threads: int) -> NDArray[np.uint8]:
    """A workspace of NaN in the length that is asked for, not at the beginning of a cache line."""
    assert kernel.workspace is not None
    needed = kernel.workspace(Shapes(*case), threads)
    return np.full(needed + 1, 255, np.uint8)[1:]


@pytest.mark.parametrize("name", KERNELS)
def test_every_geometry_exactly(float_set: str, name: str) -> None:
    kernel = KERNELS[name]

    @settings(max_examples=25)
    @given(case=convolutions(), threads=st.sampled_from([1, 1, 2, 3]), seed=st.integers(0, 99))
    @example(case=FAR_APART, threads=1, seed=0)
    @example(case=square(4, 1, 1, 4, 3, 1, 3), threads=2, seed=0)
    @example(case=square(1, 9, 40, 1, 1, 3), threads=1, seed=0)
    def check(case: Case, threads: int, seed: int) -> None:
        (x, w), geometry = operands(case, seed), case[2]
        expected = ALGORITHMS["direct"].convolve(x, w, geometry)
        packed = kernel.pack(w, geometry)
        assert packed.set == float_set
        found = kernel.run(x, packed, geometry, threads, workspace=garbage(kernel, case, threads))
        assert found.dtype == np.float32
        assert np.array_equal(found, expected)
        assert np.array_equal(kernel.run(x, packed, geometry, threads), expected)

    check()


@pytest.mark.parametrize("case", [LARGE, ODD], ids=["split", "odd"])
@pytest.mark.parametrize("name", KERNELS)
def test_programs_of_their_own(float_set: str, name: str, case: Case) -> None:
    assert Shapes(*case).macs >= blocking.OWN_PROGRAM
    (x, w), kernel = operands(case), KERNELS[name]
    expected = float32_direct.direct(x, float32_direct.pack(w, case[2]), case[2])
    for threads in (1, 2):
        found = kernel.run(x, kernel.pack(w, case[2]), case[2], threads, workspace=garbage(kernel, case, threads))
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("name", KERNELS)
def test_within_the_bound(float_set: str, name: str) -> None:
    """Split sums are far inside the bound of any order."""
    case, rng = square(64, 9, 9, 20, 3, 1, 1), np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in case[:2])
    golden = ALGORITHMS["direct"].convolve(x.astype(np.float64), w.astype(np.float64), case[2])
    error = np.abs(KERNELS[name](x, w, case[2]) - golden)
    assert (error <= ALGORITHMS[name].bound(x, w, case[2]) * ROUNDOFF).all()
    assert error.max() < 2e-6 * golden.std() * 10


@pytest.mark.parametrize("name", KERNELS)
def test_infinity_and_nan_stay_where_they_are(name: str) -> None:
    """What lies in the padding, or in an element that fills up the matrix, is no product."""
    case = square(3, 6, 7, 5, 3, 1, 1)
    x, w = (array.copy() for array in operands(case))
    x[0, 1, 2, 3] = np.inf
    w[4] = np.abs(w[4]) + 1
    found = KERNELS[name](x, w, case[2])
    near = np.zeros(found.shape[2:], bool)
    near[1:4, 2:5] = True
    assert np.isposinf(found[0, 4][near]).all()
    assert np.isfinite(found[0, :, ~near]).all()


@pytest.mark.parametrize("name", KERNELS)
def test_input_of_any_kind(name: str) -> None:
    case, kernel = square(5, 8, 9, 6, 3, 2, 1), KERNELS[name]
    x, w = operands(case)
    packed = kernel.pack(w, case[2])
    expected = kernel.run(x, packed, case[2], 1)
    unaligned = np.frombuffer(b"\0" + x.tobytes(), np.uint8)[1:].view(np.float32).reshape(x.shape)
    assert not unaligned.flags.aligned
    for other in (
        np.asfortranarray(x),
        x[:, ::-1].copy()[:, ::-1],
        unaligned,
        np.moveaxis(np.moveaxis(x, 1, 3).copy(), 3, 1),
    ):
        assert np.array_equal(kernel.run(other, packed, case[2], 1), expected)


@pytest.mark.parametrize("name", KERNELS)
def test_what_it_is_not_for(name: str) -> None:
    case, kernel = square(2, 4, 4, 2, 3), KERNELS[name]
    x, w = operands(case)
    with pytest.raises(Unsupported, match="int64"):
        kernel(x.astype(np.int64), w, case[2])
    with pytest.raises(Unsupported, match="float64"):
        kernel.pack(w.astype(np.float64), case[2])
    with pytest.raises(UsageError, match="are needed"):
        kernel.run(x, kernel.pack(w, case[2]), case[2], 1, workspace=np.empty(8, np.uint8))
    four = Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4)
    with pytest.raises(Unsupported, match="4 dimensions"):
        kernel(np.ones((1,) * 6, np.float32), np.ones((1,) * 6, np.float32), four)


def test_the_workspace_is_the_matrix() -> None:
    """The column matrix, and the lowered matrix, of one image, and little more."""
    case = LARGE
    for kernel in KERNELS.values():
        assert kernel.workspace is not None
        one, most = (kernel.workspace(Shapes((n, *case[0][1:]), *case[1:]), 1) for n in (1, 5))
        matrix = ALGORITHMS[kernel.name].cost(Shapes(*case)).workspace
        assert one == most
        assert matrix <= one <= 1.1 * matrix


def test_geometry_of_other_images_of_the_same_weights() -> None:
    w = operands(LARGE)[1]
    for kernel in KERNELS.values():
        packed = kernel.pack(w, LARGE[2])
        for height in (6, 30, 6):
            x = operands(LARGE)[0][:, :, :height]
            wider = replace(LARGE[2], pads_end=(1, 4))
            for geometry in (LARGE[2], wider):
                expected = ALGORITHMS["direct"].convolve(x, w, geometry)
                assert np.array_equal(kernel.run(x, packed, geometry, 1), expected)
