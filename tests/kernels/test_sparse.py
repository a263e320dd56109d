"""Sparse direct convolution and sparse GEMM: any geometry and density, every instruction set, lists, chunks, planes."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS
from qref.conv.cost import Shapes
from qref.conv.direct import direct as reference
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.numerics.formats import FORMATS

pytest.importorskip("numba")
from qref.kernels import instructions
from qref.kernels.conv import segments, sparse_direct
from qref.kernels.conv.kernel import Kernel, in_three_dimensions
from qref.kernels.conv.sparse_direct import SPARSE_DIRECT
from qref.kernels.conv.sparse_gemm import SPARSE_GEMM
from qref.kernels.instructions import table
from qref.kernels.tile.float32 import Limits

KERNELS = [SPARSE_DIRECT, SPARSE_GEMM]
SETS = [one.name for one in instructions.available()]
WIDE = replace(table.named("portable"), name="sixteen-lanes", lanes=16, registers=32)
"""Vectors as on AVX-512, which LLVM maps to whatever there is."""
ROUNDOFF = 2.0**-24
FREE = Limits()


@dataclass(frozen=True)
class Case:
    """Lengths of one convolution, how many of 100 weights are zero, limits, threads."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    zeros: int = 50
    limits: Limits = FREE
    threads: int = 1

    def numbers(self) -> tuple[NDArray[np.float32], ...]:
        """x, w and bias in small whole numbers: every sum of them is exact."""
        rng = np.random.default_rng(sum(self.x))
        x, w, bias = (rng.integers(-9, 9, shape, endpoint=True) for shape in (self.x, self.w, self.w[:1]))
        w[rng.integers(0, 100, self.w) < self.zeros] = 0
        return x.astype(np.float32), w.astype(np.float32), bias.astype(np.float32)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Pads longer than the kernel, strides beyond it, dilations beyond the image, nothing of anything."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 5 if n < 3 else 2)
    group = draw(st.sampled_from([1, 1, 2, 3]))
    geometry = Geometry(k, lengths(1, 4), lengths(1, 3), lengths(0, 5), lengths(0, 5), group)
    image = lengths(1, {1: 300, 2: 24, 3: 6}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    C, M = draw(st.sampled_from([0, 1, 2, 3, 5, 16, 33])), draw(st.sampled_from([0, 1, 2, 5, 9]))
    return Case(
        (draw(st.integers(0, 2)), group * C, *image),
        (group * M, C, *k),
        geometry,
        draw(st.sampled_from([0, 50, 75, 90, 95, 99, 100])),
        draw(st.sampled_from([Limits(), Limits(low=0.0), Limits(low=0.0, high=6.0), Limits(high=-3.0)])),
        draw(st.sampled_from([1, 1, 2, 3])),
    )


def square(C: int, H: int, M: int, R: int, stride: int, pad: int, **more: int) -> Case:
    return Case((1, C, H, H), (M, C, R, R), Geometry((R, R), (stride,) * 2, (1, 1), (pad,) * 2, (pad,) * 2), **more)


MANY_CHUNKS = square(70, 30, 5, 3, 1, 1, threads=2)
ONE_TILE = square(40, 5, 7, 3, 1, 1, threads=3)
STRIDED = square(3, 61, 4, 7, 4, 3)


def check(kernel: Kernel, case: Case) -> None:
    x, w, bias = case.numbers()
    expected = reference(x.astype(np.float64), w.astype(np.float64), case.geometry)
    expected = np.clip(expected + bias.reshape(-1, *[1] * (x.ndim - 2)), case.limits.low, case.limits.high)
    x.flags.writeable = False
    packed = kernel.pack(w, case.geometry)
    size = kernel.workspace(Shapes(case.x, case.w, case.geometry), case.threads) if kernel.workspace else 0
    garbage = np.full(size, 0xFF, np.uint8)  # as floats, NaN
    found = kernel.run(x, packed, case.geometry, case.threads, bias=bias, limits=case.limits, workspace=garbage)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)


@pytest.fixture(params=[*SETS, pytest.param(WIDE.name, marks=pytest.mark.slow)])
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every instruction set of this machine, and vectors of sixteen lanes."""
    if request.param == WIDE.name:
        monkeypatch.setattr(table, "SETS", (*table.SETS, WIDE))
        monkeypatch.setattr(sparse_direct.instructions, "chosen", lambda: WIDE)
    else:
        monkeypatch.setenv("QREF_KERNELS", request.param)
    return str(request.param)


@settings(max_examples=60)
@example(kernel=SPARSE_DIRECT, case=MANY_CHUNKS)
@example(kernel=SPARSE_DIRECT, case=ONE_TILE)
@example(kernel=SPARSE_DIRECT, case=STRIDED)
@example(kernel=SPARSE_GEMM, case=MANY_CHUNKS)
@example(kernel=SPARSE_DIRECT, case=replace(MANY_CHUNKS, zeros=0))
@given(kernel=st.sampled_from(KERNELS), case=cases())
def check_all(kernel: Kernel, case: Case) -> None:
    check(kernel, case)


@pytest.mark.usefixtures("forced")
def test_every_geometry_and_density_exactly() -> None:
    check_all()


@settings(max_examples=20)
@given(kernel=st.sampled_from(KERNELS), case=cases(), seed=st.integers(0, 2**32))
def check_bound(kernel: Kernel, case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in (case.x, case.w))
    w[rng.integers(0, 100, case.w) < case.zeros] = 0
    golden = exact(x.astype(np.float64), w.astype(np.float64), case.geometry, FORMATS["float32"])  # type: ignore[arg-type]
    found = kernel(x, w, case.geometry, case.threads)
    allowed = ALGORITHMS[kernel.name].bound(x, w, case.geometry) * ROUNDOFF
    assert (np.abs(found - golden) <= allowed).all()


@pytest.mark.usefixtures("forced")
def test_floats_within_the_bound() -> None:
    check_bound()


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize(("n", "m"), [(2, 4), (1, 4), (4, 8), (1, 2)])
def test_n_of_m(kernel: Kernel, n: int, m: int) -> None:
    """n weights of each m side by side along C are kept, those of largest magnitude."""
    case = square(16, 15, 6, 3, 1, 1)
    x, w, _ = case.numbers()
    rng = np.random.default_rng(0)
    parts = rng.permuted(np.arange(1, w.size + 1), axis=None).reshape(6, 16 // m, m, 3, 3)
    small = np.argsort(parts, axis=2)[:, :, : m - n]
    np.put_along_axis(parts, small, 0, axis=2)
    w = (parts.reshape(w.shape) % 17 * (parts.reshape(w.shape) > 0)).astype(np.float32)
    assert ((parts > 0).sum(axis=2) == n).all()
    assert np.array_equal(kernel(x, w, case.geometry), reference(x, w, case.geometry))


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_channels_without_a_weight_and_one_weight_alone(kernel: Kernel) -> None:
    case = square(5, 12, 4, 3, 2, 1)
    x, w, bias = case.numbers()
    w[...] = 0
    w[2, 4, 0, 1] = 3
    packed = kernel.pack(w, case.geometry)
    assert packed.arrays["values"].tolist() == [3]
    found = kernel.run(x, packed, case.geometry, bias=bias)
    assert np.array_equal(found, reference(x, w, case.geometry) + bias[:, None, None])
    assert (found[:, [0, 1, 3]] == bias[[0, 1, 3], None, None]).all()


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_a_weight_that_is_zero_meets_neither_infinity_nor_nan(kernel: Kernel) -> None:
    case = square(2, 9, 3, 3, 1, 1)
    x, w, _ = case.numbers()
    x[:, 0] = np.inf
    x[:, 1, 4, 4] = np.nan
    w[...] = 0
    w[:, 1, 1, 1] = 2  # its pixel, and no other
    found = kernel(x, w, case.geometry)
    assert np.array_equal(found[0, 0], 2 * x[0, 1], equal_nan=True)
    w[0, 0, 1, 1] = -1
    assert np.isneginf(np.delete(kernel(x, w, case.geometry)[0, 0].ravel(), 40)).all()


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_input_that_is_not_contiguous_or_aligned(kernel: Kernel) -> None:
    case = square(6, 14, 5, 3, 1, 1)
    x, w, _ = case.numbers()
    expected = reference(x, w, case.geometry)
    wide = np.zeros((1, 6, 14, 28), np.float32)
    wide[..., ::2] = x
    bytes_ = np.zeros(x.nbytes + 1, np.uint8)
    shifted = bytes_[1:].view(np.float32).reshape(x.shape)
    shifted[...] = x
    for one in (wide[..., ::2], shifted, np.asfortranarray(x)):
        assert np.array_equal(kernel(one, w, case.geometry), expected)
    weights = np.asfortranarray(w)
    assert np.array_equal(kernel(x, weights, case.geometry), expected)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_the_same_bits_however_many_threads(kernel: Kernel) -> None:
    rng = np.random.default_rng(0)
    for case in (MANY_CHUNKS, ONE_TILE):
        x, w = (rng.standard_normal(shape).astype(np.float32) for shape in (case.x, case.w))
        found = [kernel(x, w, case.geometry, threads) for threads in (1, 2, 3, 7)]
        assert all(np.array_equal(one, found[0]) for one in found)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_packed_weights_serve_images_of_other_sizes(kernel: Kernel) -> None:
    x, w, _ = MANY_CHUNKS.numbers()
    packed = kernel.pack(w, MANY_CHUNKS.geometry)
    for height in (6, 30, 6):
        found = kernel.run(x[:, :, :height], packed, MANY_CHUNKS.geometry)
        assert np.array_equal(found, reference(x[:, :, :height], w, MANY_CHUNKS.geometry))


def test_what_it_is_not_for() -> None:
    x, w, _ = ONE_TILE.numbers()
    with pytest.raises(Unsupported, match="float64"):
        SPARSE_DIRECT(x.astype(np.float64), w, ONE_TILE.geometry)
    with pytest.raises(Unsupported, match="int64"):
        SPARSE_GEMM(x, w.astype(np.int64), ONE_TILE.geometry)
    packed = SPARSE_DIRECT.pack(w, ONE_TILE.geometry)
    with pytest.raises(UsageError, match="are needed"):
        SPARSE_DIRECT.run(x, packed, ONE_TILE.geometry, workspace=np.empty(10, np.uint8))
    four = Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4)
    with pytest.raises(Unsupported, match="4 dimensions"):
        SPARSE_DIRECT(np.ones((1,) * 6, np.float32), np.ones((1,) * 6, np.float32), four)


def test_planes_beyond_the_reach_of_the_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_direct, "FARTHEST", 1000)
    sparse_direct.plan.cache_clear()
    x, w, _ = ONE_TILE.numbers()
    with pytest.raises(Unsupported, match="up to 1000"):
        SPARSE_DIRECT(x, w, ONE_TILE.geometry)


@settings(max_examples=100)
@given(case=cases(), matrix=st.booleans(), lanes=st.sampled_from([4, 8, 16]))
def test_every_tap_meets_its_pixel_or_a_zero(case: Case, matrix: bool, lanes: int) -> None:
    """What stands in the planes at position p + a is what the window of output p has under the tap."""
    geometry, image = in_three_dimensions(case.geometry), (*[1] * (5 - len(case.x)), *case.x[2:])
    assume(min(geometry.output(image)) > 0)
    cut = segments.segments(image, geometry, lanes, 14, matrix=matrix)
    x = np.arange(1, np.prod(image) + 1)
    lines = np.zeros((cut.planes, (lanes - 1) * cut.segment + cut.vectors), np.int64)
    for plane in range(cut.planes):
        for begin, place, count in cut.rows[cut.firsts[plane] : cut.firsts[plane + 1]]:
            lines[plane, place : place + count] = x[begin : begin + count * geometry.strides[2] : geometry.strides[2]]
    begins = np.array([begin for begin, _ in cut.tiles])
    tile, lane, inside, first, count = cut.pieces.T
    order = np.argsort(first)
    position = np.concatenate(
        [lane[i] * cut.segment + begins[tile[i]] + inside[i] + np.arange(count[i]) for i in order]
    )
    padded = geometry.pad(x.reshape(1, 1, *image))[0, 0]
    for (plane, step), tap in zip(cut.taps, np.ndindex(geometry.kernel)):
        corner = tuple(r * d for r, d in zip(tap, geometry.dilations))
        window = padded[
            tuple(slice(u, u + s * o, s) for u, s, o in zip(corner, geometry.strides, geometry.output(image)))
        ]
        assert np.array_equal(lines[plane, position + step], window.ravel())
