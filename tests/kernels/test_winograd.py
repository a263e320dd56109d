"""Winograd by register tiles: every layout and instruction set, tails and borders, the fused end, the workspace."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS, layouts
from qref.conv.cost import Shapes
from qref.conv.direct import direct as reference
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.numerics.formats import FORMATS

pytest.importorskip("numba")
from qref.kernels import instructions
from qref.kernels.conv import winograd
from qref.kernels.conv.table import KERNELS
from qref.kernels.instructions import table
from qref.kernels.layout import BLOCK, NCHW, NCHW32C, NHWC, Layout
from qref.kernels.packed import load
from qref.kernels.tile.float32 import Limits

SETS = [one.name for one in instructions.available()]
WIDE = replace(table.named("portable"), name="sixteen-lanes", lanes=16, registers=32, pixels=5)
"""Vectors as on AVX-512, which LLVM maps to whatever there is."""
TAPS = {"winograd-2x2": 3, "winograd-4x4": 3, "winograd-2x2-5x5": 5}
ROUNDOFF = 2.0**-24


@dataclass(frozen=True)
class Case:
    """One convolution of r taps at stride 1: lengths of x in NCHW, output channels, pads, groups; layouts, limits."""

    x: tuple[int, ...]
    K: int
    begin: tuple[int, ...] = (1, 1)
    end: tuple[int, ...] = (1, 1)
    group: int = 1
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    limits: Limits | None = None
    threads: int = 1

    def geometry(self, r: int) -> Geometry:
        n = len(self.begin)
        return Geometry((r,) * n, (1,) * n, (1,) * n, self.begin, self.end, self.group)

    def w(self, r: int) -> tuple[int, ...]:
        return (self.K, self.x[1] // self.group, *(r,) * len(self.begin))

    def whole(self, r: int) -> tuple[NDArray[np.float32], ...]:
        """x, w, bias and residual, in small whole numbers: whatever F(2×2, 3×3) computes from them is exact."""
        rng = np.random.default_rng(sum(self.x))
        output = (self.x[0], self.K, *self.geometry(r).output(self.x[2:]))
        shapes = (self.x, self.w(r), (self.K,), output)
        return tuple(rng.integers(-9, 9, shape, endpoint=True).astype(np.float32) for shape in shapes)

    def normal(self, r: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rng = np.random.default_rng(sum(self.x))
        return rng.standard_normal(self.x, np.float32), rng.standard_normal(self.w(r), np.float32)

    @property
    def cuts_blocks(self) -> bool:
        into, out = self.layouts
        C, K = self.x[1] // self.group, self.K // self.group
        return self.group > 1 and bool((into.blocked and C % BLOCK) or (out.blocked and K % BLOCK))


def into(layout: Layout, x: NDArray[np.float32]) -> NDArray[np.float32]:
    if layout.blocked:
        return layouts.blocked(x, BLOCK)
    return layouts.channels_last(x) if layout.last else x


def plain(layout: Layout, y: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if layout.blocked:
        found = np.empty(shape, np.float32)
        layouts.unblocked(y, found)
        return found
    return layouts.channels_first(y) if layout.last else y


@st.composite
def cases(draw: st.DrawFn, dimensions: tuple[int, ...] = (1, 2), r: int = 3) -> Case:
    """Odd lengths, tails of channels and of vectors, pads beyond the kernel, no images, channels, kernels, outputs."""
    n = draw(st.sampled_from(dimensions))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    image, begin, end = lengths(1, 20 if n < 3 else 4), lengths(0, 6), lengths(0, 6)
    assume(all(i + b + e >= r - 1 for i, b, e in zip(image, begin, end)))
    G = draw(st.sampled_from([1, 1, 1, 2, 3]))
    C, K = (
        draw(st.sampled_from([0, 1, 3, 8, 16, 17, 33, 64, 70, 130])),
        draw(st.sampled_from([0, 1, 7, 16, 17, 32, 70])),
    )
    pair = (draw(st.sampled_from([NCHW, NHWC, NCHW32C])), draw(st.sampled_from([NCHW, NHWC, NCHW32C])))
    limits = draw(st.sampled_from([None, Limits(low=0.0), Limits(low=0.0, high=6.0), Limits(high=-3.0)]))
    x = (draw(st.integers(0, 2)), G * C, *image)
    return Case(x, G * K, begin, end, G, pair, limits, draw(st.sampled_from([1, 1, 2, 3])))


def run(name: str, case: Case, x: NDArray[Any], w: NDArray[Any], **more: Any) -> NDArray[np.float32]:
    geometry, (before, after) = case.geometry(TAPS[name]), case.layouts
    if (residual := more.get("residual")) is not None:
        more["residual"] = into(after, residual)
    packed = winograd.pack(name, w, geometry)
    y = winograd.winograd(
        into(before, x), packed, geometry, case.threads, limits=case.limits, layouts=case.layouts, **more
    )
    assert y.dtype == np.float32
    return plain(after, y, (len(x), case.K, *geometry.output(x.shape[2:])))


def check_exactly(case: Case, residual: bool = True) -> None:
    x, w, bias, beside = case.whole(3)
    if case.cuts_blocks:
        with pytest.raises(Unsupported, match="blocks of 32 are cut"):
            run("winograd-2x2", case, x, w)
        return
    expected = reference(x.astype(np.float64), w.astype(np.float64), case.geometry(3))
    expected = expected + bias.reshape(-1, *[1] * (x.ndim - 2)) + (beside if residual else 0)
    limits = case.limits or Limits()
    found = run("winograd-2x2", case, x, w, bias=bias, residual=beside if residual else None)
    assert np.array_equal(found, np.clip(expected, limits.low, limits.high))


def check_within_the_bound(name: str, case: Case) -> None:
    if case.cuts_blocks:
        return
    r = TAPS[name]
    x, w = case.normal(r)
    golden = exact(x.astype(np.float64), w.astype(np.float64), case.geometry(r), FORMATS["float32"])  # type: ignore[arg-type]
    found = run(name, replace(case, limits=None), x, w)
    assert found.shape == golden.shape
    assert (np.abs(found - golden) <= ALGORITHMS[name].bound(x, w, case.geometry(r)) * ROUNDOFF).all()


@pytest.fixture(params=[*SETS, pytest.param(WIDE.name, marks=pytest.mark.slow)])
def forced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every instruction set of this machine, and vectors of sixteen lanes."""
    if request.param == WIDE.name:
        monkeypatch.setattr(table, "SETS", (*table.SETS, WIDE))
        monkeypatch.setattr(instructions, "chosen", lambda: WIDE)
    else:
        monkeypatch.setenv("QREF_KERNELS", request.param)
    return str(request.param)


LARGE = Case((1, 70, 41, 40), 70)
"""More than one block of rows of tiles, chain of channels, and lot of output channels."""
SMALLER_THAN_A_SQUARE = Case((2, 20, 3, 2), 20, (5, 4), (6, 5))
NO_CHANNELS, NO_KERNELS, NO_IMAGES = Case((1, 0, 4, 4), 3), Case((1, 2, 4, 4), 0), Case((0, 2, 4, 4), 3)
NO_OUTPUT = Case((1, 2, 2, 5), 3, (0, 0), (0, 0))


@settings(max_examples=60)
@example(case=LARGE, residual=True)
@example(case=SMALLER_THAN_A_SQUARE, residual=True)
@example(case=NO_CHANNELS, residual=True)
@example(case=NO_KERNELS, residual=False)
@example(case=NO_IMAGES, residual=False)
@example(case=NO_OUTPUT, residual=True)
@given(case=cases(), residual=st.booleans())
def check_all_exactly(case: Case, residual: bool) -> None:
    check_exactly(case, residual)


@pytest.mark.usefixtures("forced")
def test_every_geometry_layout_and_end_exactly() -> None:
    check_all_exactly()


@pytest.mark.parametrize("set", SETS)
@pytest.mark.parametrize("name", TAPS)
def test_within_its_bound_under_every_set(name: str, set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", set)

    @settings(max_examples=6)
    @example(case=LARGE)
    @given(case=cases((2,), TAPS[name]))
    def check_all(case: Case) -> None:
        check_within_the_bound(name, case)

    check_all()


@pytest.mark.slow
@pytest.mark.parametrize("name", TAPS)
def test_within_its_bound_in_one_dimension(name: str) -> None:
    @settings(max_examples=12)
    @given(case=cases((1,), TAPS[name]))
    def check_all(case: Case) -> None:
        check_within_the_bound(name, case)

    check_all()


def test_the_error_is_below_that_of_direct_convolution_in_one_chain() -> None:
    case = Case((1, 256, 14, 14), 16)
    x, w = case.normal(3)
    golden = reference(x.astype(np.float64), w.astype(np.float64), case.geometry(3))
    padded, chain = np.pad(x[0], ((0, 0), (1, 1), (1, 1))), np.zeros(golden.shape[1:], np.float32)
    for c, r, s in np.ndindex(256, 3, 3):
        chain += w[:, c, r, s].reshape(-1, 1, 1) * padded[c, r : r + 14, s : s + 14]
    assert np.abs(run("winograd-2x2", case, x, w) - golden).max() < np.abs(chain - golden[0]).max()


@pytest.mark.parametrize("layout", [NCHW, NHWC])
def test_nothing_beside_the_image_is_read(layout: Layout) -> None:
    """Before it, after it and in the rows of other channels: what is not a number would show."""
    for x, begin in (((1, 5, 7, 9), (1, 1)), ((1, 17, 8, 3), (4, 0)), ((1, 3, 5, 17), (0, 5))):
        case = Case(x, 18, begin, begin, layouts=(layout, layout))
        x_whole, w, _, _ = case.whole(3)
        laid = into(layout, x_whole)
        around = np.full(laid.size + 128, np.nan, np.float32)
        image = around[64:-64].reshape(laid.shape)
        image[...] = laid
        packed = winograd.pack("winograd-2x2", w, case.geometry(3))
        found = winograd.winograd(image, packed, case.geometry(3), layouts=case.layouts)
        expected = reference(x_whole.astype(np.float64), w.astype(np.float64), case.geometry(3))
        assert np.array_equal(plain(layout, found, expected.shape), expected)


def test_input_of_any_kind() -> None:
    """Read-only, at an odd address, with gaps."""
    case = Case((2, 5, 11, 9), 9)
    x, w, _, _ = case.whole(3)
    odd = np.empty(x.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(x.shape)
    odd[...] = x
    gaps = np.repeat(np.repeat(x, 2, axis=-1), 2, axis=1)[:, ::2, ..., ::2]
    frozen = x.copy()
    frozen.flags.writeable = False
    for other in (odd, gaps, frozen):
        assert np.array_equal(run("winograd-2x2", case, other, w), run("winograd-2x2", case, x, w))


@settings(max_examples=20)
@example(name="winograd-2x2", case=replace(LARGE, threads=3))
@given(name=st.sampled_from(list(TAPS)), case=cases((2,), 5))
def test_what_the_workspace_holds_does_not_matter(name: str, case: Case) -> None:
    """Given or not, full of what is not a number, just as long as was asked for, never written beyond."""
    case, r = replace(case, layouts=(NCHW, NCHW)), TAPS[name]
    x, w = case.normal(r)
    needed = winograd.workspace(name, Shapes(x.shape, w.shape, case.geometry(r)), case.threads)
    around = np.full(needed + 128, 255, np.uint8)
    found = run(name, case, x, w, workspace=around[61 : 61 + needed])
    assert np.array_equal(found, run(name, case, x, w))
    assert (around[:61] == 255).all() and (around[61 + needed :] == 255).all()


def test_a_workspace_too_small_is_refused() -> None:
    x, w = LARGE.normal(3)
    needed = winograd.workspace("winograd-2x2", Shapes(x.shape, w.shape, LARGE.geometry(3)), 1)
    assert KERNELS["winograd-2x2"].workspace is not None
    with pytest.raises(UsageError, match=rf"a workspace of 100 bytes: {needed} are needed"):
        run("winograd-2x2", LARGE, x, w, workspace=np.empty(100, np.uint8))
    with pytest.raises(UsageError, match="are needed"):
        run("winograd-2x2", replace(LARGE, threads=2), x, w, workspace=np.empty(needed, np.uint8))


@pytest.mark.parametrize("name", TAPS)
def test_threads_share_nothing(name: str) -> None:
    """Many at once, more than there are blocks too: the same bits as one alone."""
    case, r = Case((3, 33, 19, 23), 40, (2, 2), (2, 2)), TAPS[name]
    x, w = case.normal(r)
    alone = run(name, case, x, w)
    for threads in (2, 3, 8, 64):
        for _ in range(5):
            assert np.array_equal(run(name, replace(case, threads=threads), x, w), alone)


def test_packed_weights_are_kept_on_disk_and_serve_images_of_other_sizes(tmp_path: Any) -> None:
    x, w = LARGE.normal(3)
    packed = winograd.pack("winograd-2x2", w, LARGE.geometry(3))
    packed.save(tmp_path / "u.npz")
    for height in (6, 41, 6):
        image = np.ascontiguousarray(x[:, :, :height])
        found = winograd.winograd(image, load(tmp_path / "u.npz"), LARGE.geometry(3))
        assert np.array_equal(found, KERNELS["winograd-2x2"](image, w, LARGE.geometry(3)))


def test_transformed_weights_are_rounded_once() -> None:
    rng = np.random.default_rng(6)
    w = rng.standard_normal((1, 1, 3, 3)).astype(np.float32)
    packed = winograd.pack("winograd-4x4", w, Case((1, 1, 6, 6), 1).geometry(3))
    F = winograd.TRANSFORMS["winograd-4x4"]
    U = np.array(F.G, np.float64) @ w[0, 0].astype(np.float64) @ np.array(F.G, np.float64).T
    kept = packed.arrays["U"].reshape(36, -1)
    assert np.array_equal(kept[:, 0].reshape(6, 6), U.astype(np.float32))
    assert not kept[:, 1:].any()


@pytest.mark.parametrize("name", TAPS)
def test_says_what_it_is_not_for(name: str) -> None:
    r = TAPS[name]
    w = np.ones((2, 2, r, r), np.float32)

    def pack(w: NDArray[Any], stride: int = 1, dilation: int = 1) -> None:
        n = w.ndim - 2
        KERNELS[name].pack(w, Geometry(w.shape[2:], (stride,) * n, (dilation,) * n, (0,) * n, (0,) * n))

    for words, arguments in (
        ("stride 2", (w, 2)),
        ("dilation 3", (w, 1, 3)),
        (f"kernel {8 - r} × {8 - r}", (np.ones((2, 2, 8 - r, 8 - r), np.float32),)),
        ("3 dimensions", (np.ones((2, 2, r, r, r), np.float32),)),
        ("type float64", (w.astype(np.float64),)),
    ):
        with pytest.raises(Unsupported, match=words):
            pack(*arguments)
    geometry = Geometry((r, r), (1, 1), (1, 1), (0, 0), (0, 0))
    with pytest.raises(Unsupported, match="type float64"):
        KERNELS[name].run(np.ones((1, 2, 9, 9)), KERNELS[name].pack(w, geometry), geometry, 1)
