"""Binary convolution: any geometry and layout, every instruction set, both tiles, programs of a layer's own."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.xnor import xnor as reference
from qref.errors import Unsupported, UsageError

pytest.importorskip("numba")
from qref.kernels.conv import xnor
from qref.kernels.conv.xnor import XNOR
from qref.kernels.layout import NCHW, NCHW32C, NHWC, Layout
from qref.kernels.packed import load


@dataclass(frozen=True)
class Case:
    """Lengths of one convolution in NCHW, its layouts, the type that signs come in, threads."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    dtype: str = "int8"
    threads: int = 1

    def signs(self) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        rng = np.random.default_rng(sum(self.x) + sum(self.w))
        x, w = (rng.choice(np.array([-1, 1], np.int8), shape) for shape in (self.x, self.w))
        return x, w


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Pads longer than the kernel, strides beyond it, dilations beyond the image, words cut short, no channels."""
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    k = lengths(1, 4 if n < 3 else 2)
    group = draw(st.sampled_from([1, 1, 2, 3]))
    geometry = Geometry(k, lengths(1, 4), lengths(1, 3), lengths(0, 5), lengths(0, 5), group)
    image = lengths(1, {1: 70, 2: 12, 3: 5}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    C = draw(st.sampled_from([0, 1, 3, 5, 8, 31, 32, 33, 64, 70, 101]))
    M = draw(st.sampled_from([0, 1, 4, 7, 16, 17, 33, 66]))
    pair = (draw(st.sampled_from([NCHW, NHWC])), draw(st.sampled_from([NCHW, NHWC])))
    dtype = draw(st.sampled_from(["int8", "int32", "float32", "float64", "int16"]))
    x = (draw(st.integers(0, 2)), group * C, *image)
    return Case(x, (group * M, C, *k), geometry, pair, dtype, draw(st.sampled_from([1, 1, 2, 3])))


def square(C: int, H: int, M: int, R: int, stride: int = 1, pad: int = 0, dilation: int = 1, group: int = 1,
           N: int = 1, **more: object) -> Case:  # fmt: skip
    geometry = Geometry((R, R), (stride,) * 2, (dilation,) * 2, (pad,) * 2, (pad,) * 2, group)
    return Case((N, group * C, H, H), (group * M, C, R, R), geometry, **more)  # type: ignore[arg-type]


FULLY_CONNECTED = square(300, 1, 70, 1, N=5)
CASES = {
    "fully connected": FULLY_CONNECTED,
    "fully connected, channels last": replace(FULLY_CONNECTED, layouts=(NHWC, NHWC), threads=3),
    "a word and a bit": square(33, 9, 17, 3, pad=1),
    "many words": square(200, 6, 20, 3, pad=1, threads=2),
    "groups": square(40, 7, 5, 3, pad=1, group=3, N=2),
    "groups, channels last": square(40, 7, 5, 3, pad=1, group=3, N=2, layouts=(NHWC, NHWC)),
    "more padding than kernel": square(5, 4, 3, 2, pad=5),
    "strides and dilation": square(36, 17, 9, 3, stride=3, pad=2, dilation=2),
    "a row beyond one block of pixels": Case((1, 35, 131), (9, 35, 4), Geometry((4,), (1,), (1,), (2,), (1,))),
}
"""Met under each instruction set, by the program for all geometries and by a program of the layer's own."""


def into(layout: Layout, x: NDArray[np.int8]) -> NDArray[np.int8]:
    return layouts.channels_last(x) if layout.last else x


def check(case: Case) -> None:
    x, w = case.signs()
    given_x = into(case.layouts[0], x).astype(case.dtype)
    given_x.flags.writeable = False
    packed = XNOR.pack(w.astype(case.dtype), case.geometry)
    size = XNOR.workspace(Shapes(case.x, case.w, case.geometry), case.threads)  # type: ignore[misc]
    garbage = np.full(size, 0xA5, np.uint8)
    expected = reference(x, w, case.geometry)
    out = np.empty(case.layouts[1].shape(len(x), len(w), expected.shape[2:]), np.int32)
    found = XNOR.run(given_x, packed, case.geometry, case.threads, workspace=garbage, layouts=case.layouts, out=out)
    assert found is out
    assert np.array_equal(layouts.channels_first(found) if case.layouts[1].last else found, expected)


@settings(max_examples=40)
@given(case=cases())
def check_all(case: Case) -> None:
    check(case)


@pytest.mark.usefixtures("instruction_set")
def test_every_geometry_and_layout_exactly() -> None:
    check_all()


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_of_these(case: Case) -> None:
    check(case)


OWN = (
    replace(square(70, 5, 33, 3, pad=1, threads=2), layouts=(NCHW, NHWC)),
    pytest.param(square(20, 11, 18, 4, stride=2, pad=5, group=2, N=2), marks=pytest.mark.slow),
    pytest.param(
        Case((1, 65, 3, 4, 33), (9, 65, 2, 3, 2), Geometry((2, 3, 2), (1, 2, 1), (1, 1, 3), (1, 0, 2), (0, 2, 1))),
        marks=pytest.mark.slow,
    ),
)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("case", OWN, ids=lambda case: "x".join(map(str, (*case.x, *case.w[2:]))))
def test_a_program_of_its_own_exactly(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xnor, "OWN_PROGRAM", 0)
    xnor.plan.cache_clear()
    check(case)
    xnor.plan.cache_clear()


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("C", [85, 300, 4100, 33000])
def test_sums_at_their_largest(C: int, equal: bool) -> None:
    """All signs equal, or all different: no sum of counts overflows on its way."""
    geometry = Geometry((3, 1), (1, 1), (1, 1), (1, 0), (1, 0))
    x, w = np.ones((1, C, 3, 1), np.int8), np.full((3, C, 3, 1), 1 if equal else -1, np.int8)
    taps = np.array([2, 3, 2]).reshape(1, 1, 3, 1)
    assert np.array_equal(XNOR(x, w, geometry), np.broadcast_to(taps * C * (1 if equal else -1), (1, 3, 3, 1)))


@pytest.mark.usefixtures("instruction_set")
def test_input_that_is_not_contiguous_or_aligned() -> None:
    case = CASES["a word and a bit"]
    x, w = case.signs()
    expected = reference(x, w, case.geometry)
    wide = np.zeros((*x.shape[:3], 2 * x.shape[3]), np.int8)
    wide[..., 1::2] = x
    for dtype in (np.int8, np.float32):
        size = x.size * np.dtype(dtype).itemsize
        shifted = np.zeros(size + 1, np.uint8)[1:].view(dtype).reshape(x.shape)
        shifted[...] = x
        for one in (wide[..., 1::2], shifted, np.asfortranarray(x.astype(dtype))):
            assert np.array_equal(XNOR(one, w, case.geometry), expected)
    assert np.array_equal(XNOR(x, np.asfortranarray(w), case.geometry), expected)


@pytest.mark.usefixtures("instruction_set")
def test_what_is_above_zero_is_one_and_all_else_minus_one() -> None:
    values = np.array([3.5, 1e-45, 0.0, -0.0, -2.0, np.inf, -np.inf, np.nan], np.float32).reshape(1, 8, 1, 1)
    w = np.eye(8, dtype=np.float32).reshape(8, 8, 1, 1)
    geometry = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
    signs = np.where(values > 0, 1, -1)
    expected = reference(signs, np.where(w > 0, 1, -1), geometry)
    assert np.array_equal(XNOR(values, w, geometry), expected)
    of_bytes = np.array([127, 1, 0, -1, -128, 5, -7, 64], np.int8).reshape(1, 8, 1, 1)
    expected = reference(np.where(of_bytes > 0, 1, -1), np.where(w > 0, 1, -1), geometry)
    assert np.array_equal(XNOR(of_bytes, w, geometry), expected)


@pytest.mark.usefixtures("instruction_set")
def test_packed_weights_kept_on_disk_serve_images_of_other_sizes(tmp_path: Path) -> None:
    case = CASES["groups"]
    x, w = case.signs()
    XNOR.pack(w, case.geometry).save(tmp_path / "weights.npz")
    again = load(tmp_path / "weights.npz")
    assert (again.kernel, again.shape) == ("xnor", w.shape)
    for height in (3, 7, 3):
        found = XNOR.run(x[:, :, :height], again, case.geometry)
        assert np.array_equal(found, reference(x[:, :, :height], w, case.geometry))


@pytest.mark.usefixtures("instruction_set")
def test_the_workspace_may_begin_anywhere_and_nothing_beside_it_is_written() -> None:
    case = CASES["groups"]
    x, w = case.signs()
    packed = XNOR.pack(w, case.geometry)
    size = XNOR.workspace(Shapes(case.x, case.w, case.geometry), 2)  # type: ignore[misc]
    for begin in (0, 1, 63):
        memory = np.full(size + 200, 0x5A, np.uint8)
        room = memory[100 + begin : 100 + begin + size]
        found = XNOR.run(x, packed, case.geometry, 2, workspace=room)
        assert np.array_equal(found, reference(x, w, case.geometry))
        assert (memory[: 100 + begin] == 0x5A).all() and (memory[100 + begin + size :] == 0x5A).all()
    with pytest.raises(UsageError, match=f"{size - 1} bytes: {size} are needed"):
        XNOR.run(x, packed, case.geometry, workspace=np.empty(size - 1, np.uint8))


def test_what_it_is_not_for() -> None:
    x, w = FULLY_CONNECTED.signs()
    packed = XNOR.pack(w, FULLY_CONNECTED.geometry)
    for pair in ((NCHW32C, NCHW), (NCHW, NCHW32C)):
        with pytest.raises(Unsupported, match="NCHW32c: take NCHW or NHWC"):
            XNOR.run(x, packed, FULLY_CONNECTED.geometry, layouts=pair)
    with pytest.raises(UsageError, match="int32 in C order"):
        XNOR.run(x, packed, FULLY_CONNECTED.geometry, out=np.empty((5, 70, 1, 1), np.int64))
    four = Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4)
    with pytest.raises(Unsupported, match="4 dimensions"):
        XNOR(np.ones((1,) * 6, np.int8), np.ones((1,) * 6, np.int8), four)
