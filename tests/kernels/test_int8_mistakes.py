"""int8 kernels made wrong on purpose: each mistake is caught by two checks at least, which all hold without it.

The memory around workspaces and outputs is guarded. The published vectors catch each mistake that they can meet.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.conv.zero_point import int8_direct as reference
from qref.engines.protocol import Reply
from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.judge import compare
from qref.numerics.formats import integer
from qref.numerics.profiles import PROFILES
from qref.vectors import suite_json
from qref.vectors.case import Case

pytest.importorskip("numba")
from qref.kernels import instructions, program, run
from qref.kernels.conv import blocking, int8_direct, int8_gemm, words
from qref.kernels.conv.int8_direct import INT8_DIRECT, Fp32
from qref.kernels.conv.int8_gemm import INT8_GEMM
from qref.kernels.conv.kernel import Kernel
from qref.kernels.instructions import InstructionSet
from qref.kernels.layout import NCHW, NHWC, Layout
from qref.kernels.packed import Packed
from qref.kernels.tile import dot, int8

HERE = next((one for one in instructions.available() if one.name == "avx2"), instructions.available()[0])
TINY = replace(HERE, name="tiny", pixels=4, vectors=1)
"""A small tile, so that mistakes compile in no time; on x86 of a set where weights decide how they are multiplied."""
NARROW = dot.dot_of(TINY, 8)
GUARD = 1 << 14
BESIDE = 0x5A
RULE = PROFILES["xnnpack-fp32"]
Array = NDArray[Any]
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Layer:
    """One convolution in NCHW: its types, how far weights lie from their zero points, its end, and how it is run.

    reach: the largest magnitude of a weight less its zero point; None: anywhere in the type, as zero points are.
    output: the type at the end by xnnpack-fp32, "" for sums. held: parts of its range that limits are.
    """

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    types: tuple[str, str] = ("int8", "int8")
    reach: int | None = 64
    output: str = ""
    held: tuple[float, float] = (0.0, 1.0)
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    own: bool = False
    threads: int = 1


def square(C: int, H: int, M: int, R: int = 3, stride: int = 1, pad: int = 1, dilation: int = 1, group: int = 1,
           N: int = 1, **more: Any) -> Layer:  # fmt: skip
    geometry = Geometry((R, R), (stride,) * 2, (dilation,) * 2, (pad,) * 2, (pad,) * 2, group)
    return Layer((N, group * C, H, H), (group * M, C, R, R), geometry, **more)


SUMS = {
    "plain": square(4, 6, 4, pad=0),
    "padded": square(4, 7, 10),
    "padded in its own program": square(4, 9, 10, own=True),
    "wide padding": square(3, 5, 4, R=2, pad=3, types=("uint8", "int8")),
    "padded at one end": Layer((1, 4, 6, 9), (4, 4, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (0, 2), (1, 0))),
    "tail of channels": square(5, 6, 6, N=2),
    "tails of channels and pixels": square(18, 5, 3, types=("uint8", "uint8")),
    "few pixels": square(6, 3, 9, types=("int8", "uint8")),
    "few pixels, unsigned": square(6, 3, 9, types=("uint8", "int8")),
    "channels last": square(6, 5, 6, layouts=(NHWC, NHWC)),
    "channels last, as words": square(8, 5, 6, types=("uint8", "int8"), layouts=(NHWC, NHWC)),
    "groups": square(4, 6, 5, group=2),
    "groups and a tail of channels": square(3, 6, 9, group=3, types=("uint8", "int8")),
    "strides and dilation": square(4, 9, 8, stride=2, dilation=2),
    "weights of 8 bits": square(4, 6, 9, reach=127),
    "weights of 8 bits, unsigned": square(8, 5, 9, reach=127, types=("uint8", "uint8")),
    "weights and zero points anywhere": square(5, 6, 9, reach=None, types=("int8", "uint8")),
    "weights and zero points anywhere, images": square(4, 5, 6, reach=None, N=2),
    "threads": square(4, 13, 8, threads=3),
    "threads and images": square(6, 9, 8, threads=2, N=2, types=("uint8", "int8")),
}
ENDS = {
    "to int8": square(4, 6, 10, output="int8"),
    "to uint8": square(4, 6, 10, output="uint8"),
    "Relu to int8": square(4, 5, 20, output="int8", held=(0.4, 1.0)),
    "Relu6 to uint8": square(4, 5, 9, output="uint8", held=(0.2, 0.6)),
    "to int8, channels last": square(4, 6, 10, output="int8", layouts=(NHWC, NHWC)),
    "groups to uint8": square(4, 6, 9, output="uint8", group=2),
}


def operands(layer: Layer) -> tuple[Array, Array, int, Array, NDArray[np.int32], Fp32 | None]:
    """x, w, their zero points, bias and end. Scales are 2⁻ⁿ and sums are even or odd, so that some are ties."""
    rng = np.random.default_rng(5)
    (x_low, x_high), (w_low, w_high) = ((integer(name).lowest, integer(name).highest) for name in layer.types)
    M = layer.w[0]
    if layer.reach is None:
        z_w, w = rng.integers(w_low, w_high, M, endpoint=True), rng.integers(w_low, w_high, layer.w, endpoint=True)
    else:
        z_w = w_low + 128 + (rng.integers(-1, 2, M) if layer.reach < 127 else np.zeros(M, np.int64))
        w = z_w.reshape(-1, 1, 1, 1) + rng.choice([-layer.reach, layer.reach, 3, 2], layer.w)
    x = rng.choice([x_low, x_high, 5], layer.x)
    bias = rng.integers(-9999, 9999, M).astype(np.int32)
    end = None
    if layer.output:
        lowest, highest = integer(layer.output).lowest, integer(layer.output).highest
        low, high = (round(lowest + part * (highest - lowest)) for part in layer.held)
        scale = 2.0 ** -rng.integers(9, 12, M)
        end = Fp32(scale.astype(np.float32), max(low, lowest + 7), low, high, layer.output)
        bias, x = bias - bias % 256, x - x % 2 + x_high % 2  # x − z_x is even
        w = z_w.reshape(-1, 1, 1, 1) + rng.choice([-64, 64], layer.w)
    return x.astype(layer.types[0]), w.astype(layer.types[1]), x_high - 2, z_w.astype(layer.types[1]), bias, end


@cache
def expected(layer: Layer) -> Array:
    x, w, z_x, z_w, bias, end = operands(layer)
    sums = reference(x, w, layer.geometry, z_x, z_w) + bias.reshape(-1, 1, 1)
    if end is None:
        return sums
    found = np.empty(sums.shape, end.dtype)
    for place in np.ndindex(*sums.shape):
        derived = {"scale": float(end.scale[place[1]])}
        found[place] = np.clip(
            RULE.apply(int(sums[place]), derived, end.zero_point, end.dtype), end.lowest, end.highest
        )
    return found


def guarded(shape: tuple[int, ...], dtype: Any) -> tuple[Array, Array]:
    """An array in the middle of a larger one, and that one in bytes."""
    nbytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    whole = np.full(nbytes + 2 * GUARD, BESIDE, np.uint8)
    return whole[GUARD : GUARD + nbytes].view(dtype).reshape(shape), whole


def untouched(whole: Array) -> bool:
    return bool((whole[:GUARD] == BESIDE).all() and (whole[-GUARD:] == BESIDE).all())


def right(layer: Layer, kernel: Kernel = INT8_DIRECT) -> bool:
    """Whether a kernel is exact, and leaves alone what lies beside its output and its workspace."""
    x, w, z_x, z_w, bias, end = operands(layer)
    wanted, geometry, (into, to) = expected(layer), layer.geometry, layer.layouts
    assert kernel.workspace is not None
    room, around_room = guarded((kernel.workspace(Shapes(layer.x, layer.w, geometry), layer.threads),), np.uint8)
    y, around_y = guarded(to.shape(len(x), len(w), wanted.shape[2:]), layer.output or np.int32)
    direct = kernel is INT8_DIRECT
    packed = (int8_direct if direct else int8_gemm).pack(w, geometry, z_w)
    more: dict[str, Any] = {"layouts": layer.layouts} if direct else {}
    int8_direct.plan.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "OWN_PROGRAM", 0 if layer.own else 1 << 62)
        kernel.run(
            layouts.channels_last(x) if into.last else x, packed, geometry, layer.threads,
            z_x=z_x, bias=bias, end=end, workspace=room, out=y, **more,
        )  # fmt: skip
    found = layouts.channels_first(y) if to.last else y
    return untouched(around_room) and untouched(around_y) and np.array_equal(found, wanted)


Checks = dict[str, Callable[[], bool]]
DIRECT: Checks = {name: lambda layer=layer: right(layer) for name, layer in SUMS.items()}
END: Checks = {name: lambda layer=layer: right(layer) for name, layer in ENDS.items()}
GEMM: Checks = {
    f"{name} by gemm": lambda layer=layer: right(layer, INT8_GEMM)
    for name, layer in SUMS.items()
    if layer.layouts == (NCHW, NCHW) and not layer.own
}
EVERY = DIRECT | END | GEMM


def replaced(patch: Patch, module: Any, name: str, wrong: Callable[..., Any]) -> None:
    """module.name(…) is then wrong(the right one, …)."""
    right = getattr(module, name)
    patch.setattr(module, name, lambda *given, **more: wrong(right, *given, **more))


def wrapped(right: Any, w: Array, geometry: Geometry, z_w: Any = 0) -> Packed:
    zeros = np.broadcast_to(np.asarray(z_w, np.int16), len(w)).reshape(-1, *[1] * (w.ndim - 1))
    found: Packed = right((w.astype(np.int16) - zeros).astype(np.int8), geometry, 0)
    return found


def of_first_channel(right: Any, w: Array, geometry: Geometry, z_w: Any = 0) -> Packed:
    found: Packed = right(w, geometry, np.reshape(z_w, -1)[:1])
    return found


def fills_up(right: Any, w: Array, geometry: Geometry, z_w: Any = 0) -> Packed:
    """Channels beyond the last one have its weights."""
    found, missing = right(w, geometry, z_w), -w.shape[1] % 4
    more = right(np.concatenate([w, *[w[:, -1:]] * missing], axis=1), geometry, z_w)
    wrong: Packed = replace(found, arrays=found.arrays | {"w": more.arrays["w"]})
    return wrong


def begin(wrong: Callable[[Array], Array]) -> Callable[[Patch], None]:
    """What sums begin with, [classes of rows, of columns, groups, channels], made of what is right."""

    def plant(patch: Patch) -> None:
        def begins(right: Any, *given: Any) -> Array:
            found = right(*given)
            return np.ascontiguousarray(np.broadcast_to(wrong(found), found.shape))

        for module in (int8_direct, int8_gemm):
            replaced(patch, module, "begins", begins)

    return plant


def whole_kernel(right: Any, packed: Packed, found: Any, *given: Any) -> Array:
    everywhere = {"rows_of": np.ones_like(found.rows_of), "columns_of": np.ones_like(found.columns_of)}
    table: Array = right(packed, replace(found, **everywhere), *given)
    return table


def first_class_only(right: Any, packed: Packed, found: Any, z_x: int, bias: Any) -> Array:
    table: Array = right(packed, found, z_x, None)
    table[0, 0] = right(packed, found, z_x, bias)[0, 0]
    return table


def first_block(dtype: Any) -> Callable[..., Array]:
    def wrong(right: Any, values: Any, name: str, G: int, M: int, channels: int, dtype_here: Any = np.float32) -> Array:
        found: Array = right(values, name, G, M, channels, dtype_here)
        if dtype_here == dtype:
            block = TINY.lanes * TINY.vectors
            found = np.ascontiguousarray(np.tile(found[:, :block], channels // block))
        return found

    return wrong


def limits(wrong: Callable[[int, int, int], tuple[int, int, int]]) -> Callable[[Patch], None]:
    """Zero point, lowest and highest of the end, others than those that are right."""
    return lambda patch: replaced(
        patch, int8, "limits", lambda right, zero_point, lowest, highest: right(*wrong(zero_point, lowest, highest))
    )


def half_away(patch: Patch) -> None:
    """rint(x) is of x + ½ or x − ½, cut off."""
    right_declared = int8.declared
    patch.setattr(int8, "declared", lambda b, name, *types: right_declared(b, name.replace("lrint", "lround"), *types))


def exchanged(patch: Patch) -> None:
    def multiply_add(b: Any, x: Any, w: Any, sums: Any) -> Any:
        return dot.saturating(b, w, x, sums)

    patch.setitem(dot.DOTS, "bytes", replace(dot.DOTS["bytes"], multiply_add=multiply_add))


def one_pixel_short(patch: Patch) -> None:
    patch.setattr(words, "TEXT", words.TEXT.replace("pixels - 16)", "max(pixels - 17, 0))"))


def one_place(right: Any, *given: Any) -> dict[str, Array]:
    found: dict[str, Array] = right(*given)
    size = found["words"].size
    return found | {"words": found["columns"].reshape(-1)[:size].reshape(found["words"].shape)}


def last_part_lost(right: Any, count: int, threads: int, *rest: Any) -> None:
    right(count - (threads > 1), threads, *rest)


def no_zero_point_beside(right: Any, first: int, last: int, x: Any, steps: Any, sizes: Any, z_x: Any, y: Any) -> None:
    right(first, last, x, steps, sizes, z_x.dtype.type(0), y)


def four_bytes(right: Any, *given: Any, y_bytes: int = 4, **more: Any) -> Any:
    return right(*given, y_bytes=4, **more)


def instead(module: Any, name: str, wrong: Callable[..., Any]) -> Callable[[Patch], None]:
    return lambda patch: replaced(patch, module, name, wrong)


MISTAKES: dict[str, Callable[[Patch], None]] = {
    "weights whose pairs saturate multiplied by vpmaddubsw": instead(int8_direct, "pairs_fit", lambda *_: True),
    "signed pixels times unsigned weights": exchanged,
    "weights less their zero points wrapped to 8 bits": instead(int8_direct, "pack", wrapped),
    "the first channel's zero point of w for all": instead(int8_direct, "pack", of_first_channel),
    "channels that fill up a word meet weights": instead(int8_direct, "pack", fills_up),
    "pixels moved by 128, not their zero point": instead(int8_direct, "shift", lambda *_: 0),
    "few pixels and channels last not moved by 128": instead(words, "shift", lambda *_: 0),
    "the last 16 pixels one too early": one_pixel_short,
    "sums begin as inside the image at its border": instead(int8_direct, "begins", whole_kernel),
    "sums of all rows begin as the first row's": begin(lambda table: table[:1]),
    "sums of all columns begin as the first column's": begin(lambda table: table[:, :1]),
    "sums of rows begin as those of columns": begin(lambda table: table.swapaxes(0, 1).reshape(table.shape)),
    "another group's sums of w": begin(lambda table: table[:, :, ::-1]),
    "bias in the first class only": instead(int8_direct, "begins", first_class_only),
    "every block has the first's bias": instead(int8_direct, "in_blocks", first_block(np.int32)),
    "every block has the first's scales": instead(int8_direct, "in_blocks", first_block(np.float32)),
    "limits held before the zero point": limits(lambda zero, low, high: (zero, low + zero, high + zero)),
    "no zero point of the output": limits(lambda zero, low, high: (0, low - zero, high - zero)),
    "int8 held as uint8": limits(lambda zero, low, high: (zero, low - low // 128 * 128, high - low // 128 * 128)),
    "half away from zero": half_away,
    "outputs of 8 bits stored 4 bytes apart": instead(int8_direct, "blocking", four_bytes),
    "the last part of several threads' words lost": instead(words, "in_parts", last_part_lost),
    "the last row of several threads lost": instead(int8_direct, "in_parts", last_part_lost),
    "zeros in the padding of the column matrix": instead(int8_gemm, "lower", no_zero_point_beside),
    "words and column matrix in one place": instead(int8_gemm, "scratch", one_place),
}
EMITTED = {"signed pixels times unsigned weights", "half away from zero"}
"""What changes the code of a program, not its text: to be compiled again."""
OF_BYTES = {"weights whose pairs saturate multiplied by vpmaddubsw", "signed pixels times unsigned weights"}
"""Mistakes with an instruction that not every machine has."""
OF_NARROW = {"pixels moved by 128, not their zero point", "few pixels and channels last not moved by 128"}
"""Mistakes of words of four channels."""
KERNEL = {
    "every block has the first's scales": END,
    "limits held before the zero point": END,
    "no zero point of the output": END,
    "int8 held as uint8": END,
    "half away from zero": END,
    "outputs of 8 bits stored 4 bytes apart": END,
    "zeros in the padding of the column matrix": GEMM,
    "words and column matrix in one place": GEMM,
}
"""Whose checks a mistake meets, where it is not those of sums."""


UNSEEN = {
    "the last part of several threads' words lost",
    "the last row of several threads lost",
    "zeros in the padding of the column matrix",
    "words and column matrix in one place",
    "outputs of 8 bits stored 4 bytes apart",
}
"""What vectors do not meet: operators run in one thread, and by direct convolution; and without guards around outputs
the last one ends the process.
"""


def forget() -> None:
    for cached in (program.compiled, int8_direct.plan, words.turning):
        cached.cache_clear()


@pytest.fixture
def tiny(monkeypatch: Patch, take: Callable[[InstructionSet], None]) -> Iterator[None]:
    """The small tile, and a new folder for programs."""
    take(TINY)
    forget()
    yield
    monkeypatch.undo()
    forget()


def plant(name: str, patch: Patch) -> None:
    """Makes the mistake, or skips where this machine cannot make it."""
    if name in OF_BYTES and NARROW != "bytes":
        pytest.skip("vpmaddubsw is not multiplied by here")
    if name in OF_NARROW and dot.DOTS[NARROW].wide:
        pytest.skip("pixels of 8 bits are all widened to 16 here")
    if name in EMITTED:
        patch.setattr(program, "sources", lambda: name)
    MISTAKES[name](patch)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", EVERY)
def test_the_check_holds_without_a_mistake(name: str) -> None:
    assert EVERY[name]()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_caught_twice(name: str, monkeypatch: Patch) -> None:
    plant(name, monkeypatch)
    caught = (check for check, holds in KERNEL.get(name, DIRECT).items() if not holds())
    assert len(list(islice(caught, 2))) == 2


SUITES = ("onnx-quantized", "convolution")


@cache
def published() -> list[Case]:
    """Vectors of convolutions and products of 8-bit integers, by the standard's text and by xnnpack-fp32."""
    ops = ("ConvInteger", "QLinearConv", "MatMulInteger", "QLinearMatMul")
    cases = [case for suite in suite_json.load_all(SUITES) for case in suite.cases if case.request.op in ops]
    by_rule = [compare.under(case, RULE.name) for case in cases if case.profiles is not None]
    return [case for case in [*by_rule, *cases] if isinstance(case, Case)]


def fails(case: Case) -> bool:
    try:
        reply = Reply("outputs", tuple(run(case.request)))
    except InvalidInput:
        reply = Reply("error")
    except (NotFixed, Unsupported):
        reply = Reply("unsupported")
    return compare.judge(case, reply).result == "fail"


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", [name for name in MISTAKES if name not in UNSEEN])
def test_the_published_vectors_catch_it(name: str, monkeypatch: Patch) -> None:
    plant(name, monkeypatch)
    assert any(fails(case) for case in published())
