"""Direct convolution by register tiles: every layout and instruction set, the end fused, programs of a layer's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import ALGORITHMS, layouts
from qref.conv.direct import direct as reference
from qref.conv.exact import exact
from qref.conv.geometry import Geometry
from qref.errors import Unsupported, UsageError
from qref.numerics.formats import FORMATS

pytest.importorskip("numba")
from qref.kernels import instructions
from qref.kernels.conv import blocking, float32_direct
from qref.kernels.layout import BLOCK, NCHW, NCHW32C, NHWC, Layout
from qref.kernels.tile.float32 import Limits


@dataclass(frozen=True)
class Case:
    """Lengths of one convolution in NCHW, its layouts, and the limits of its end."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    limits: Limits | None = None
    threads: int = 1

    def operands(self) -> tuple[NDArray[np.float32], ...]:
        """x, w, bias and residual, in small whole numbers: every sum of them is exact."""
        rng = np.random.default_rng(len(self.x) + sum(self.x))
        output = self.geometry.output(self.x[2:])
        shapes = (self.x, self.w, self.w[:1], (self.x[0], self.w[0], *output))
        return tuple(rng.integers(-9, 9, shape, endpoint=True).astype(np.float32) for shape in shapes)


def into(layout: Layout, x: NDArray[np.float32]) -> NDArray[np.float32]:
    if layout.blocked:
        return layouts.blocked(x, BLOCK)
    return layouts.channels_last(x) if layout.last else x


@st.composite
def cases(draw: st.DrawFn, most: int = 14) -> Case:
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    geometry = Geometry(
        lengths(1, 4 if n < 3 else 2), lengths(1, 3), lengths(1, 3), lengths(0, 4), lengths(0, 4),
        draw(st.sampled_from([1, 1, 2, 3])),
    )  # fmt: skip
    image = lengths(1, {1: 40, 2: most, 3: 5}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    C = draw(st.sampled_from([0, 1, 2, 3, 5, 16, 33, 64, 70]))
    M = draw(st.sampled_from([0, 1, 4, 7, 8, 16, 17, 32, 35]))
    out = draw(st.sampled_from([NCHW, NHWC, NCHW32C]))
    end = draw(st.sampled_from([Limits(), Limits(low=0.0), Limits(low=0.0, high=6.0), Limits(high=-3.0)]))
    x = (draw(st.integers(0, 2)), geometry.group * C, *image)
    pair = (draw(st.sampled_from([NCHW, NHWC, NCHW32C])), out)
    return Case(x, (geometry.group * M, C, *geometry.kernel), geometry, pair, end, draw(st.sampled_from([1, 1, 2, 3])))


def check(case: Case, residual: bool = True) -> None:
    x, w, bias, beside = case.operands()
    G, out = case.geometry.group, case.layouts[1]
    packed = float32_direct.pack(w, case.geometry)

    def run() -> NDArray[np.float32]:
        return float32_direct.direct(
            into(case.layouts[0], x), packed, case.geometry, case.threads, bias=bias,
            residual=into(out, beside) if residual else None, limits=case.limits, layouts=case.layouts,
        )  # fmt: skip

    blocks_cut = (case.layouts[0].blocked and case.w[1] % BLOCK) or (out.blocked and len(w) // G % BLOCK)
    if G > 1 and blocks_cut:
        with pytest.raises(Unsupported, match="blocks of 32 are cut"):
            run()
        return
    expected = reference(x.astype(np.float64), w.astype(np.float64), case.geometry)
    expected = expected + bias.reshape(-1, *[1] * (x.ndim - 2)) + (beside if residual else 0)
    if case.limits is not None:
        expected = np.clip(expected, case.limits.low, case.limits.high)
    found = run()
    if out.blocked:
        plain = np.empty(expected.shape, np.float32)
        layouts.unblocked(found, plain)
        found = plain
    elif out.last:
        found = layouts.channels_first(found)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)


def square(C: int, H: int, M: int, R: int, stride: int, pad: int, **more: Any) -> Case:
    geometry = Geometry((R, R), (stride, stride), (1, 1), (pad, pad), (pad, pad))
    return Case((1, C, H, H), (M, C, R, R), geometry, **more)


@settings(max_examples=60)
@given(case=cases(), residual=st.booleans())
def check_all(case: Case, residual: bool) -> None:
    check(case, residual)


@pytest.mark.usefixtures("float_set")
def test_every_geometry_layout_and_end_exactly() -> None:
    check_all()


OWN = [
    square(3, 23, 20, 5, 2, 2),
    square(2, 9, 16, 3, 1, 3, layouts=(NHWC, NHWC), limits=Limits(low=0.0)),
    square(40, 13, 33, 3, 1, 1, layouts=(NCHW32C, NCHW), threads=2),
    square(64, 15, 32, 3, 1, 1, layouts=(NCHW, NCHW32C), limits=Limits(low=0.0, high=6.0)),
    Case((2, 4, 6, 21), (18, 2, 1, 4), Geometry((1, 4), (1, 3), (1, 2), (0, 5), (2, 6), 2)),
    Case((1, 5, 3, 4, 17), (9, 5, 2, 3, 2), Geometry((2, 3, 2), (1, 2, 1), (1, 1, 3), (1, 0, 2), (0, 2, 1))),
]


@pytest.mark.usefixtures("float_set")
@pytest.mark.parametrize("case", OWN, ids=lambda case: "x".join(map(str, (*case.x, *case.w[2:]))))
def test_a_program_of_its_own_exactly(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "OWN_PROGRAM", 0)
    float32_direct.plan.cache_clear()
    check(case)
    float32_direct.plan.cache_clear()


@settings(max_examples=20)
@example(case=square(70, 9, 9, 3, 1, 1))
@given(case=cases(most=9))
def test_within_the_bound_of_direct_convolution(case: Case) -> None:
    rng = np.random.default_rng(case.x[-1])
    x, w = rng.standard_normal(case.x, np.float32), rng.standard_normal(case.w, np.float32)
    golden = exact(x.astype(np.float64), w.astype(np.float64), case.geometry, FORMATS["float32"])  # type: ignore[arg-type]
    found = float32_direct.direct(x, float32_direct.pack(w, case.geometry), case.geometry)
    assert (np.abs(found - golden) <= ALGORITHMS["direct"].bound(x, w, case.geometry) * 2.0**-24).all()


def test_what_is_not_a_number_stays_so_and_touches_no_other_window() -> None:
    case = square(8, 9, 16, 3, 1, 1)
    x, w, _, _ = case.operands()
    x[0, 3, 4, 4] = np.nan
    found = float32_direct.direct(x, float32_direct.pack(w, case.geometry), case.geometry, limits=Limits(low=0.0))
    inside = np.zeros((9, 9), bool)
    inside[3:6, 3:6] = True
    assert np.isnan(found[0, :, inside]).all()
    assert not np.isnan(found[0, :, ~inside]).any()


def test_weights_in_the_padding_are_left_out_even_where_they_are_infinite() -> None:
    """A tap beside the image is no product with zero."""
    case = square(1, 1, 1, 3, 1, 1)
    w = np.full(case.w, np.inf, np.float32)
    w[0, 0, 1, 1] = 2
    found = float32_direct.direct(np.full(case.x, 3, np.float32), float32_direct.pack(w, case.geometry), case.geometry)
    assert found.item() == 6


@pytest.mark.parametrize("layout", [NCHW, NHWC])
def test_input_of_any_kind(layout: Layout) -> None:
    """Read-only, at an odd address, with gaps."""
    case = square(5, 11, 9, 3, 2, 1, layouts=(layout, layout))
    x, w, _, _ = case.operands()
    packed = float32_direct.pack(w, case.geometry)
    plain = into(layout, x)
    expected = float32_direct.direct(plain, packed, case.geometry, layouts=case.layouts)
    odd = np.empty(plain.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(plain.shape)
    odd[...] = plain
    gaps = np.repeat(np.repeat(plain, 2, axis=-1), 2, axis=1)[:, ::2, ..., ::2]
    frozen = plain.copy()
    frozen.flags.writeable = False
    for other in (odd, gaps, frozen):
        assert np.array_equal(float32_direct.direct(other, packed, case.geometry, layouts=case.layouts), expected)


def test_strides_beyond_the_image() -> None:
    check(Case((1, 2, 5, 6), (3, 2, 2, 2), Geometry((2, 2), (1000, 2**31), (1, 1), (0, 0), (1, 0))))
    check(Case((1, 2, 5, 6), (3, 2, 2, 2), Geometry((2, 2), (1, 1), (2**31, 700), (1, 0), (2**31, 700))))


def test_a_set_that_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QREF_KERNELS", "mmx")
    with pytest.raises(UsageError, match=r"QREF_KERNELS=mmx: this machine has .*portable"):
        instructions.chosen()


def test_portable_is_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "")
    instructions.features.cache_clear()
    assert [one.name for one in instructions.available()] == ["portable"]
    instructions.features.cache_clear()
