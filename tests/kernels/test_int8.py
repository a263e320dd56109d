"""int8 kernels against the reference, to the bit: geometries, types, zero points, layouts, memory, instruction sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.zero_point import int8_direct as reference
from qref.errors import InvalidInput, NotFixed, Unsupported, UsageError
from qref.numerics.formats import integer
from qref.numerics.profiles import PROFILES
from qref.numerics.tensor import Tensor, tensor
from qref.ops import run as reference_run
from qref.ops.request import Request

pytest.importorskip("numba")
from qref.kernels import int8_sums, run
from qref.kernels.conv import blocking, int8_direct, int8_gemm, words
from qref.kernels.conv.int8_direct import Fp32
from qref.kernels.layout import NCHW, NCHW32C, NHWC, Layout
from qref.kernels.packed import load
from qref.kernels.tile.words import shift

Array = NDArray[Any]
GUARD = 4096
BESIDE = 0x5A
TYPES = ("int8", "uint8")
RULE = PROFILES["xnnpack-fp32"]
ONE_PIXEL = Geometry((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


@dataclass(frozen=True)
class Case:
    """One convolution: lengths in NCHW, types of x and w, how far weights lie from their zero points, and the rest.

    weights: "pairs" of products fit 16 bits, "bytes" less zero points fit 8 bits, or "any". output: the type at the end
    by xnnpack-fp32, or "" for sums. memory: how x lies there.
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    types: tuple[str, str] = ("uint8", "int8")
    weights: str = "any"
    per_channel: bool = True
    output: str = ""
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    memory: str = "plain"
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Operands:
    """What a case is computed from."""

    x: Array
    w: Array
    z_x: int
    z_w: Array
    bias: NDArray[np.int32]
    end: Fp32 | None


def drawn(rng: np.random.Generator, low: int, high: int, shape: Any) -> Array:
    """Whole numbers from low to high, the ends half of the time."""
    anywhere = rng.integers(low, high, shape, endpoint=True)
    return np.asarray(np.where(rng.random(shape) < 0.5, rng.choice([low, high], shape), anywhere))


def ends(dtype: str) -> tuple[int, int]:
    return integer(dtype).lowest, integer(dtype).highest


def operands(case: Case) -> Operands:
    rng = np.random.default_rng(case.seed)
    (of_x, of_w), M = case.types, case.w[0]
    channels: tuple[int, ...] = (M,) if case.per_channel else ()
    lowest, highest = ends(of_w)
    z_w, w = drawn(rng, lowest, highest, channels), drawn(rng, lowest, highest, case.w)
    if case.weights != "any":
        z_w = np.full(channels, lowest + 128)
    if case.weights == "pairs":
        z_w = z_w + rng.integers(-1, 2, channels)
        w = z_w.reshape(-1, *[1] * (len(case.w) - 1)) + drawn(rng, -64, 64, case.w)
    near = drawn(rng, -(2**31), 2**31 - 1, M)
    bias = np.where(rng.random(M) < 0.5, near, rng.integers(-9999, 9999, M)).astype(np.int32)
    x, z_x = drawn(rng, *ends(of_x), case.x).astype(of_x), int(drawn(rng, *ends(of_x), ()))
    return Operands(x, w.astype(of_w), z_x, z_w.astype(of_w), bias, end(rng, case))


def end(rng: np.random.Generator, case: Case) -> Fp32 | None:
    """The end by xnnpack-fp32, held within all of the type, or as by Relu, or as by Relu6."""
    if not case.output:
        return None
    lowest, highest = ends(case.output)
    zero_point = int(drawn(rng, lowest, highest, ()))
    held = [(lowest, highest), (zero_point, highest), (zero_point, min(zero_point + 60, highest))][rng.integers(3)]
    scale = np.ldexp(rng.uniform(1, 2, case.w[0]), rng.integers(-14, 0, case.w[0])).astype(np.float32)
    return Fp32(scale, zero_point, *held, case.output)


def by_rule(sums: NDArray[np.int32], end: Fp32) -> Array:
    """By the reference's rule, number by number; [N, M, …]."""
    found = np.empty(sums.shape, end.dtype)
    for place in np.ndindex(*sums.shape):
        derived = {"scale": float(end.scale[place[1]])}
        found[place] = np.clip(
            RULE.apply(int(sums[place]), derived, end.zero_point, end.dtype), end.lowest, end.highest
        )
    return found


def expected(case: Case, given: Operands) -> Array:
    sums = reference(given.x, given.w, case.geometry, given.z_x, given.z_w)
    sums = sums + given.bias.reshape(-1, *[1] * len(case.geometry.kernel))
    return sums if given.end is None else by_rule(sums, given.end)


def lying(x: Array, memory: str) -> Array:
    """The same numbers, lying otherwise in memory."""
    if memory == "frozen":
        x = x.copy()
        x.flags.writeable = False
    elif memory == "gaps":
        x = np.repeat(np.repeat(x, 2, axis=-1), 2, axis=1)[:, ::2, ..., ::2]
    elif memory == "odd address":
        odd = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
        odd[...] = x
        x = odd
    elif memory == "turned":
        x = np.asfortranarray(x)
    return x


class Room:
    """A workspace of exactly so many bytes, at an odd address, that is guarded on both sides and holds anything."""

    def __init__(self, needed: int) -> None:
        self.whole = np.full(needed + 2 * GUARD + 1, BESIDE, np.uint8)
        self.inside = self.whole[GUARD + 1 : GUARD + 1 + needed]
        self.inside[...] = np.random.default_rng(needed).integers(0, 256, needed)

    def check(self) -> None:
        assert (self.whole[: GUARD + 1] == BESIDE).all()
        assert (self.whole[-GUARD:] == BESIDE).all()


def check(case: Case) -> None:
    """Both kernels where images come and go in NCHW, else the direct one; in a workspace of the bytes asked for."""
    given, geometry, (into, out) = operands(case), case.geometry, case.layouts
    wanted = expected(case, given)
    shapes = Shapes(case.x, case.w, geometry)
    image = layouts.channels_last(given.x) if into.last else given.x
    room = Room(int8_direct.workspace(shapes, case.threads))
    found = int8_direct.int8_direct(
        lying(image, case.memory), int8_direct.pack(given.w, geometry, given.z_w), geometry, case.threads,
        z_x=given.z_x, bias=given.bias, end=given.end, layouts=case.layouts, workspace=room.inside,
    )  # fmt: skip
    room.check()
    found = layouts.channels_first(found) if out.last else found
    assert found.dtype == (case.output or "int32")
    assert np.array_equal(found, wanted)
    if into.last or out.last:
        return
    room = Room(int8_gemm.workspace(shapes, case.threads))
    found = int8_gemm.int8_gemm(
        lying(given.x, case.memory), int8_gemm.pack(given.w, geometry, given.z_w), geometry, case.threads,
        z_x=given.z_x, bias=given.bias, end=given.end, workspace=room.inside,
    )  # fmt: skip
    room.check()
    assert found.dtype == (case.output or "int32")
    assert np.array_equal(found, wanted)


@st.composite
def cases(draw: st.DrawFn, outputs: Sequence[str] = ("",), out: Layout = NCHW) -> Case:
    n = draw(st.integers(1, 3))

    def lengths(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    geometry = Geometry(
        lengths(1, 4 if n < 3 else 2), lengths(1, 3), lengths(1, 3), lengths(0, 4), lengths(0, 4),
        draw(st.sampled_from([1, 1, 2, 3])),
    )  # fmt: skip
    image = lengths(0, {1: 40, 2: 9, 3: 4}[n])
    assume(all(length >= 0 for length in geometry.output(image)))
    C = draw(st.sampled_from([0, 1, 2, 3, 4, 5, 16, 19, 33, 64]))
    M = draw(st.sampled_from([0, 1, 3, 4, 7, 16, 17, 33]))
    return Case(
        x=(draw(st.sampled_from([0, 1, 1, 2])), geometry.group * C, *image),
        w=(geometry.group * M, C, *geometry.kernel),
        geometry=geometry,
        types=(draw(st.sampled_from(TYPES)), draw(st.sampled_from(TYPES))),
        weights=draw(st.sampled_from(["pairs", "bytes", "any"])),
        per_channel=draw(st.booleans()),
        output=draw(st.sampled_from(outputs)),
        layouts=(draw(st.sampled_from([NCHW, NHWC])), out),
        memory=draw(st.sampled_from(["plain", "frozen", "gaps", "odd address", "turned"])),
        threads=draw(st.sampled_from([1, 1, 2, 3])),
        seed=draw(st.integers(0, 2**32)),
    )


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("out", [NCHW, NHWC], ids=lambda layout: str(layout.name))
@pytest.mark.parametrize("outputs", [("",), TYPES], ids=["sums", "8 bits"])
def test_every_geometry_layout_type_and_end_exactly(outputs: Sequence[str], out: Layout) -> None:
    """In four parts, as each needs programs of its own."""

    @settings(max_examples=30 if outputs == ("",) else 15)
    @given(case=cases(outputs, out))
    def check_all(case: Case) -> None:
        check(case)

    check_all()


def square(C: int, H: int, M: int, R: int, stride: int, pad: int, **more: Any) -> Case:
    geometry = Geometry((R, R), (stride, stride), (1, 1), (pad, pad), (pad, pad))
    return Case((1, C, H, H), (M, C, R, R), geometry, **more)


OWN = [
    square(3, 19, 20, 5, 2, 2, weights="bytes", threads=2),
    square(19, 9, 17, 3, 1, 1, weights="pairs", output="uint8", layouts=(NHWC, NHWC)),
    Case(
        (2, 10, 4, 17),
        (18, 5, 1, 4),
        Geometry((1, 4), (1, 2), (1, 2), (0, 5), (2, 6), 2),
        ("int8", "int8"),
        output="int8",
        layouts=(NHWC, NCHW),
        threads=3,
    ),
]


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("case", OWN, ids=lambda case: "x".join(map(str, (*case.x, *case.w[2:]))))
def test_a_program_of_its_own_exactly(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "OWN_PROGRAM", 0)
    int8_direct.plan.cache_clear()
    check(case)
    int8_direct.plan.cache_clear()


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize(
    "pair", [(64, 64), (127, 1), (-128, 0), (-65, -63), (65, 64), (127, 127), (-128, -1), (-128, -128)]
)
def test_two_products_at_the_edge_of_16_bits(pair: tuple[int, int]) -> None:
    """Of these pairs of weights the last four need more, where pixels are 255."""
    w = np.tile(np.array(pair, np.int8), (18, 3)).reshape(18, 6, 1, 1)
    for x in (np.full((1, 6, 5, 4), 255, np.uint8), np.full((1, 6, 5, 4), -128, np.int8)):
        found = int8_direct.int8_direct(x, int8_direct.pack(w, ONE_PIXEL), ONE_PIXEL)
        assert (found == 3 * sum(pair) * int(x[0, 0, 0, 0])).all()


@settings(max_examples=80)
@example(dtype="int8", zero_point=-1.0, held=(0.0, 1.0), sums=[-(2**31), 2**31 - 1], scale=255.99, pixels=17, out=NCHW)
@example(dtype="uint8", zero_point=1.0, held=(0.0, 1.0), sums=[1, 3, 5, 7, 509, 511], scale=0.5, pixels=2, out=NHWC)
@given(
    dtype=st.sampled_from(TYPES),
    zero_point=st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
    held=st.sampled_from([(0.0, 1.0), (0.5, 1.0), (0.3, 0.6), (1.0, 1.0)]),
    sums=st.lists(st.integers(-(2**31), 2**31 - 1) | st.integers(-300, 300), min_size=1, max_size=40),
    scale=st.sampled_from([2.0**-32, 2.0**-24, 1e-5, 0.01, 1 / 3, 0.25, 0.5, 1.0, 1.5, 255.99]),
    pixels=st.sampled_from([1, 2, 7, 17]),
    out=st.sampled_from([NCHW, NHWC]),
)
def check_end(
    dtype: str, zero_point: float, held: tuple[float, float], sums: list[int], scale: float, pixels: int, out: Layout
) -> None:
    """Sums are biases, of a channel each; zero point and limits are given as parts of the type's range."""
    lowest, highest = ends(dtype)
    zero, low, high = (round(lowest + part * (highest - lowest)) for part in (zero_point, *held))
    scales = np.full(len(sums), scale, np.float32)
    scales[1::2] /= 2 if scale > 2.0**-32 else 1
    end = Fp32(scales, zero, low, high, dtype)
    packed = int8_direct.pack(np.zeros((len(sums), 4, 1, 1), np.int8), ONE_PIXEL)
    found = int8_direct.int8_direct(
        np.ones((1, 4, 1, pixels), np.uint8), packed, ONE_PIXEL, bias=np.array(sums, np.int32), end=end,
        layouts=(NCHW, out),
    )  # fmt: skip
    found = layouts.channels_first(found) if out.last else found
    wanted = by_rule(np.array(sums, np.int32).reshape(1, -1, 1, 1), end)
    assert found.dtype == dtype
    assert np.array_equal(found, np.broadcast_to(wanted, found.shape))


@pytest.mark.usefixtures("instruction_set")
def test_the_end_by_xnnpack_fp32_at_ties_limits_and_anywhere() -> None:
    check_end()


def test_a_channel_of_its_own_scale_and_zero_point_in_every_group() -> None:
    """33 channels a group: three blocks of eight lanes times two vectors, with one channel in the last."""
    case = Case((1, 6, 3, 3), (99, 2, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1), 3), output="int8")
    for seed in range(4):
        check(replace(case, seed=seed))


def test_strides_beyond_the_image() -> None:
    check(Case((1, 2, 5, 6), (3, 2, 2, 2), Geometry((2, 2), (1000, 2**31), (1, 1), (0, 0), (1, 0))))
    check(Case((1, 2, 5, 6), (3, 2, 2, 2), Geometry((2, 2), (1, 1), (2**31, 700), (1, 0), (2**31, 700))))


@pytest.mark.parametrize("kernel", [int8_direct.INT8_DIRECT, int8_gemm.INT8_GEMM], ids=lambda kernel: str(kernel.name))
@pytest.mark.parametrize("weights", ["pairs", "bytes", "any"])
def test_packed_weights_from_disk(kernel: Any, weights: str, tmp_path: Path) -> None:
    case = square(5, 7, 19, 3, 1, 1, weights=weights, types=("int8", "uint8"))
    given = operands(case)
    packed = kernel.pack(given.w, case.geometry, given.z_w)
    packed.save(tmp_path / "weights.npz")
    again = load(tmp_path / "weights.npz")
    assert (again.kernel, again.set) == (kernel.name, packed.set)
    found = kernel.run(given.x, again, case.geometry, 1, z_x=given.z_x, bias=given.bias)
    assert np.array_equal(found, expected(case, given))


@pytest.mark.parametrize("kernel", [int8_direct.INT8_DIRECT, int8_gemm.INT8_GEMM], ids=lambda kernel: str(kernel.name))
def test_a_workspace_that_is_too_small(kernel: Any) -> None:
    """Weights beyond 8 bits need all that is asked for, rounded up to whole cache lines."""
    case = square(5, 7, 19, 3, 1, 1, types=("int8", "uint8"))
    given = operands(case)
    packed = kernel.pack(given.w, case.geometry, given.z_w)
    needed = kernel.workspace(Shapes(case.x, case.w, case.geometry), 1)
    for small in (0, needed - 1):
        with pytest.raises(UsageError, match=f"a workspace of {small} bytes: {needed} are needed"):
            kernel.run(given.x, packed, case.geometry, 1, workspace=np.empty(small, np.uint8))


def test_operands_that_no_tile_is_for() -> None:
    case = square(4, 5, 3, 3, 1, 1)
    given = operands(case)
    packed = int8_direct.pack(given.w, case.geometry, given.z_w)
    for pair in ((NCHW32C, NCHW), (NCHW, NCHW32C)):
        with pytest.raises(Unsupported, match="NCHW32c"):
            int8_direct.int8_direct(given.x, packed, case.geometry, layouts=pair)
    for kernel in (int8_direct.INT8_DIRECT, int8_gemm.INT8_GEMM):
        with pytest.raises(Unsupported, match="int16"):
            kernel.pack(given.w.astype(np.int16), case.geometry)
        with pytest.raises(Unsupported, match="float32"):
            kernel.run(given.x.astype(np.float32), kernel.pack(given.w, case.geometry), case.geometry, 1)
        with pytest.raises(Unsupported, match="4 dimensions"):
            four = Geometry((1,) * 4, (1,) * 4, (1,) * 4, (0,) * 4, (0,) * 4)
            kernel.pack(np.ones((1,) * 6, np.int8), four)


# images as words


TARGETS = ("int8", "uint8", "int16")


@settings(max_examples=150)
@given(
    N=st.integers(0, 2),
    G=st.sampled_from([1, 2, 3]),
    C=st.sampled_from([0, 1, 2, 3, 4, 5, 13, 16, 17, 20, 35]),
    pixels=st.sampled_from([0, 1, 2, 15, 16, 17, 31, 63, 64, 65, 80, 129]),
    source=st.sampled_from(TYPES),
    target=st.sampled_from(TARGETS),
    layout=st.sampled_from([NCHW, NHWC]),
    memory=st.sampled_from(["plain", "frozen", "gaps", "turned", "odd address"]),
    threads=st.integers(1, 3),
)
def test_words_are_channels_side_by_side_in_the_type_asked_for(
    N: int, G: int, C: int, pixels: int, source: str, target: str, layout: Layout, memory: str, threads: int
) -> None:
    x = drawn(np.random.default_rng(pixels), *ends(source), (N, G * C, 1, pixels)).astype(source)
    room = Room(words.nbytes(N, C, G, pixels, target) + 64)
    place = -room.inside.ctypes.data % 64
    inside = room.inside[place : place + words.nbytes(N, C, G, pixels, target)]
    image = lying(layouts.channels_last(x) if layout.last else x, memory)
    found = words.words(image, G, layout, target, threads, inside)
    room.check()
    assert found.shape == (N, pixels, G, words.filled(C))
    assert found.dtype == target
    wanted = x.astype(np.int64).reshape(N, G, C, pixels).transpose(0, 3, 1, 2) + shift(source, target)
    assert np.array_equal(found[..., :C], wanted)


@pytest.mark.parametrize("layout", [NCHW, NHWC])
@pytest.mark.parametrize(("source", "target"), list(product(TYPES, TARGETS)))
def test_what_lies_as_words_is_not_copied(layout: Layout, source: str, target: str) -> None:
    for (C, G, pixels), memory in product([(4, 1, 6), (8, 2, 6), (12, 2, 1), (6, 1, 1), (4, 1, 1)], ["plain", "gaps"]):
        shape = (2, 1, pixels, C) if layout.last else (2, C, 1, pixels)
        x = lying(np.zeros(shape, source), memory)
        fits = C // G % 4 == 0 and source == target and memory == "plain" and (layout.last or pixels == 1)
        assert words.lies_so(x, G, layout, target) == fits
        if fits:
            assert words.words(x, G, layout, target, 1, None) is x


@pytest.mark.parametrize(("source", "target"), list(product(TYPES, TARGETS)))
def test_numbers_moved_fit_the_other_type(source: str, target: str) -> None:
    low, high = (end + shift(source, target) for end in ends(source))
    assert ends(target)[0] <= low <= high <= ends(target)[1]
    assert target == "int16" or (low, high) == ends(target)


# exact sums, and the operators made of them


@settings(max_examples=40)
@given(data=st.data())
def check_product(data: st.DataObject) -> None:
    draw = data.draw
    stack = tuple(draw(st.lists(st.integers(0, 2), max_size=2)))
    M, K, N = (draw(st.sampled_from(lengths)) for lengths in ([0, 1, 2, 17], [0, 1, 3, 4, 70], [0, 1, 5, 33]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    a, b = (draw(st.sampled_from(TYPES)) for _ in range(2))
    of_a = draw(st.sampled_from([(K,), (M, K), (*stack, M, K), (*[1] * len(stack), M, K)]))
    of_b = draw(st.sampled_from([(K,), (K, N), (*stack, K, N)]))
    z_a_shapes = [(), (*of_a[:-1], 1)] if len(of_a) > 1 else [()]
    z_b_shapes = [(), (*of_b[:-2], 1, N)] if len(of_b) > 1 else [()]
    A, B = drawn(rng, *ends(a), of_a).astype(a), drawn(rng, *ends(b), of_b).astype(b)
    z_a = drawn(rng, *ends(a), draw(st.sampled_from(z_a_shapes))).astype(np.int64)
    z_b = drawn(rng, *ends(b), draw(st.sampled_from(z_b_shapes))).astype(np.int64)
    found = int8_sums.product(A, B, z_a, z_b, draw(st.integers(1, 3)))
    assert found.dtype == np.int64
    assert np.array_equal(found, np.matmul(A.astype(np.int64) - z_a, B.astype(np.int64) - z_b))


@pytest.mark.usefixtures("instruction_set")
def test_products_of_stacks_rows_columns_and_vectors_exactly() -> None:
    check_product()


@pytest.mark.parametrize("terms", [33025, 33026])
def test_sums_at_the_end_of_int32_and_beyond(terms: int) -> None:
    """The second fits no int32: the sums are exact even so."""
    A, B = np.full((1, terms), 255, np.uint8), np.full((terms, 2), 255, np.uint8)
    none, all_of_it = np.zeros((), np.int64), np.full((), 255, np.int64)
    largest = terms * 255 * 255
    assert (int8_sums.product(A, B, none, none) == largest).all()
    assert (int8_sums.product(A, 0 * B, none, all_of_it) == -largest).all()
    assert (int8_sums.product(0 * A, 0 * B, all_of_it, all_of_it) == largest).all()
    x, w = A.reshape(1, -1, 1, 1), B.T.reshape(2, -1, 1, 1)
    assert (int8_sums.convolution(x, w, ONE_PIXEL, none, none) == largest).all()
    assert (int8_sums.convolution(0 * x, w, ONE_PIXEL, all_of_it, none) == -largest).all()


def agree(request: Request) -> None:
    """The fast path gives the reference's bits, or refuses as it does."""
    try:
        wanted = reference_run(request)
    except (InvalidInput, NotFixed, Unsupported) as refusal:
        kind = InvalidInput if isinstance(refusal, InvalidInput) else (NotFixed, Unsupported)
        with pytest.raises(kind):
            run(request)
        return
    for found, other in zip(run(request), wanted, strict=True):
        assert found.dtype == other.dtype
        assert np.array_equal(found.data, other.data)


@settings(max_examples=60)
@given(case=cases(), profile=st.sampled_from([None, *PROFILES]), with_bias=st.booleans())
def check_q_linear_conv(case: Case, profile: str | None, with_bias: bool) -> None:
    """Biases near the ends of int32 now and then: sums leave it, and the rule is not defined."""
    given, rng, g = operands(case), np.random.default_rng(case.seed), case.geometry
    x_type, w_type = case.types
    y_type = "int8" if profile == "ncnn" else x_type
    x_scale, y_scale = (tensor(np.float32(rng.uniform(0.001, most)), "float32") for most in (0.1, 2.0))
    w_scale = tensor(np.asarray(rng.uniform(0.001, 0.1, given.z_w.shape), np.float32), "float32")
    inputs = [
        *(tensor(given.x, x_type), x_scale, tensor(given.z_x, x_type)),
        *(tensor(given.w, w_type), w_scale, tensor(given.z_w, w_type)),
        *(y_scale, tensor(0 if profile == "ncnn" else given.z_x, y_type)),
    ]
    if with_bias:
        inputs.append(tensor(given.bias, "int32"))
    attributes = {"strides": list(g.strides), "dilations": list(g.dilations), "pads": [*g.pads_begin, *g.pads_end],
                  "group": g.group}  # fmt: skip
    request = Request("QLinearConv", "", 10, attributes, tuple(inputs), 1, profile)
    agree(request)


@pytest.mark.usefixtures("instruction_set")
def test_q_linear_conv_by_every_rule() -> None:
    check_q_linear_conv()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("pixel", [0, 1])
def test_xnnpack_fp32_is_done_in_tiles_where_sums_fit(
    profile: str, pixel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a bias of 2³¹ − 1 a sum may leave int32: whether it does is then for the loops to say."""
    done: list[str] = []
    module = import_module("qref.kernels.q_linear_conv")  # the package has the function by this name
    right = module.at_the_end_of_tiles

    def spied(*given: Any) -> Tensor:
        done.append("tile")
        found: Tensor = right(*given)
        return found

    monkeypatch.setattr(module, "at_the_end_of_tiles", spied)

    def asked(bias: int) -> Request:
        scale, zero = tensor(np.float32(0.5), "float32"), tensor(0, "int8")
        x, w = tensor(np.full((1, 1, 1, 1), pixel), "int8"), tensor(np.ones((1, 1, 1, 1)), "int8")
        inputs = (x, scale, zero, w, scale, zero, scale, zero, tensor(np.array([bias]), "int32"))
        return Request("QLinearConv", "", 10, {}, inputs, 1, profile)

    for bias in (1, -(2**31), 2**31 - 1):
        agree(asked(bias))
    assert done == ["tile"] * (profile == "xnnpack-fp32")


def test_prepared_for_many_runs() -> None:
    rng, geometry = np.random.default_rng(0), Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
    w, bias = rng.integers(-128, 128, (5, 6, 3, 3)).astype(np.int8), rng.integers(-99, 99, 5).astype(np.int32)
    packed = int8_direct.pack(w, geometry)
    run = int8_direct.prepare((2, 6, 9, 7), np.int8, packed, geometry, 2, z_x=-3, bias=bias)
    del bias
    for _ in range(3):
        x = rng.integers(-128, 128, (2, 6, 9, 7)).astype(np.int8)
        expected = reference(x, w, geometry, -3)
        assert np.array_equal(run(x) - run(np.full_like(x, -3)), expected)
    for wrong in (x[:1], x.astype(np.uint8)):
        with pytest.raises(UsageError, match="prepared for"):
            run(wrong)
