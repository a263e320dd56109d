"""Kernels made wrong on purpose: each mistake is caught by two checks at least, which all hold without it.

The memory around images and outputs is guarded, so that what is read or written beside them shows.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.cost import Shapes
from qref.conv.direct import direct as reference
from qref.conv.geometry import Geometry

pytest.importorskip("numba")
from qref.kernels import program
from qref.kernels.conv import blocking, float32_direct, im2col, winograd
from qref.kernels.conv.kernel import in_three_dimensions
from qref.kernels.instructions import InstructionSet, table
from qref.kernels.layout import BLOCK, NCHW, NCHW32C, NHWC, Layout
from qref.kernels.tile import float32, output, tables
from qref.kernels.tile import program as tile_program
from qref.kernels.tile.float32 import Limits

TINY = replace(table.named("portable"), name="tiny", pixels=2, vectors=1)
"""The smallest tile: four channels at two pixels, so that mistakes compile in no time."""
GUARD = 1 << 14
Patch = pytest.MonkeyPatch
ANY = Limits()


@dataclass(frozen=True)
class Layer:
    """One convolution in NCHW, with the layouts of input and output, the limits of its end, and threads."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    geometry: Geometry
    layouts: tuple[Layout, Layout] = (NCHW, NCHW)
    limits: Limits = ANY
    residual: bool = False
    own: bool = False
    threads: int = 1


def square(C: int, H: int, M: int, R: int = 3, stride: int = 1, pad: int = 1, dilation: int = 1, group: int = 1,
           N: int = 1, **more: Any) -> Layer:  # fmt: skip
    geometry = Geometry((R, R), (stride,) * 2, (dilation,) * 2, (pad,) * 2, (pad,) * 2, group)
    return Layer((N, group * C, H, H), (group * M, C, R, R), geometry, **more)


LAYERS = {
    "plain": square(4, 6, 4, pad=0),
    "padded": square(4, 6, 4),
    "padded in its own program": square(4, 7, 8, own=True),
    "wide padding": square(3, 5, 4, R=2, pad=3),
    "tail of channels": square(5, 6, 6, N=2),
    "one channel": square(1, 7, 1),
    "strides": square(4, 9, 8, stride=2),
    "strides in its own program": square(6, 9, 4, stride=3, own=True),
    "dilation": square(4, 9, 4, dilation=2),
    "dilation and groups": square(2, 9, 6, dilation=3, group=2),
    "images": square(4, 5, 8, N=3),
    "many channels": square(70, 5, 8),
    "many channels in their own program": square(96, 4, 8, own=True),
    "channels last": square(5, 6, 6, layouts=(NHWC, NHWC)),
    "blocks of channels": square(33, 5, 8, layouts=(NCHW32C, NCHW32C)),
    "residual": square(4, 6, 8, residual=True),
    "residual, channels last": square(4, 5, 6, layouts=(NCHW, NHWC), residual=True),
    "Relu6": square(4, 6, 8, limits=Limits(0.0, 6.0)),
    "Relu6 and residual": square(4, 6, 8, limits=Limits(0.0, 6.0), residual=True),
    "threads": square(4, 6, 8, threads=3),
    "threads and groups": square(2, 7, 5, group=2, threads=2),
}


def guarded(values: NDArray[np.float32], beside: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A copy in the middle of a larger array; that array, and the copy."""
    whole = np.full(values.size + 2 * GUARD, beside, np.float32)
    inside = whole[GUARD : GUARD + values.size].reshape(values.shape)
    inside[...] = values
    return whole, inside


def into(layout: Layout, x: NDArray[np.float32]) -> NDArray[np.float32]:
    if layout.blocked:
        return layouts.blocked(x, BLOCK)
    return layouts.channels_last(x) if layout.last else x


def operands(layer: Layer) -> tuple[NDArray[np.float32], ...]:
    """x, w, bias and residual, in small whole numbers: every sum of them is exact."""
    rng = np.random.default_rng(5)
    shape = (layer.x[0], layer.w[0], *layer.geometry.output(layer.x[2:]))
    return tuple(rng.integers(-9, 10, s).astype(np.float32) for s in (layer.x, layer.w, layer.w[:1], shape))


def right(layer: Layer) -> bool:
    """Whether direct convolution of the layer is exact, and leaves alone what lies beside its output."""
    x, w, bias, residual = operands(layer)
    geometry, out = layer.geometry, layer.layouts[1]
    expected = reference(x.astype(np.float64), w.astype(np.float64), geometry) + bias.reshape(1, -1, 1, 1)
    expected = np.clip(expected + residual * layer.residual, layer.limits.low, layer.limits.high)
    packed = float32_direct.pack(w, geometry)
    _, pixels = guarded(into(layer.layouts[0], x), np.nan)
    whole, y = guarded(np.full(out.shape(len(x), len(w), expected.shape[2:]), np.nan, np.float32), -77.0)
    volume = (*layer.x[:2], 1, *layer.x[2:])
    plan = float32_direct.plan(
        volume, w.shape, in_three_dimensions(geometry), TINY, layer.layouts, layer.limits, layer.residual,
        general=not layer.own,
    )  # fmt: skip
    beside = into(out, residual) if layer.residual else None
    float32_direct.fill(y, pixels, packed, plan, len(x), layer.threads, bias=bias, residual=beside)
    if not ((whole[:GUARD] == -77).all() and (whole[-GUARD:] == -77).all()):
        return False
    if out.blocked:
        found = np.empty(expected.shape, np.float32)
        layouts.unblocked(y, found)
    else:
        found = layouts.channels_first(y) if out.last else y
    return np.array_equal(found, expected)


def keeps_nan(pixel: int) -> bool:
    """Whether a NaN in the input is in the output after Relu, where a window meets it and nowhere else."""
    layer = square(4, 6, 4, limits=Limits(low=0.0))
    x, w, _, _ = operands(layer)
    x[0, 0, pixel, pixel] = np.nan
    y = float32_direct.direct(x, float32_direct.pack(w, layer.geometry), layer.geometry, limits=layer.limits)
    met = np.zeros((6, 6), bool)
    met[max(pixel - 1, 0) : pixel + 2, max(pixel - 1, 0) : pixel + 2] = True
    return bool((np.isnan(y[0]) == met).all())


def by_threads(module: Any, name: str, layer: Layer) -> bool:
    """Whether a kernel with a workspace gives the same by several threads as by one, whatever the workspace held."""
    x, w, _, _ = operands(layer)
    kernel = getattr(module, name)
    packed, shapes = kernel.pack(w, layer.geometry), Shapes(layer.x, layer.w, layer.geometry)
    expected = reference(x.astype(np.float64), w.astype(np.float64), layer.geometry)
    for threads in (1, 2, 3):
        workspace = np.full(kernel.workspace(shapes, threads), 0x7F, np.uint8)
        y = kernel.run(x, packed, layer.geometry, threads, workspace=workspace)
        if not np.allclose(y, expected, rtol=0, atol=1e-2):
            return False
    return True


Checks = dict[str, Callable[[], bool]]
DIRECT: Checks = {name: lambda layer=layer: right(layer) for name, layer in LAYERS.items()}
NAN: Checks = {"NaN inside": lambda: keeps_nan(3), "NaN in the corner": lambda: keeps_nan(0)}
IM2COL: Checks = {
    "im2col by threads": lambda: by_threads(im2col, "IM2COL", square(6, 40, 4)),
    "im2col of groups by threads": lambda: by_threads(im2col, "IM2COL", square(3, 30, 4, group=2, N=2)),
}
WINOGRAD: Checks = {
    "Winograd by threads": lambda: by_threads(winograd, "WINOGRAD_2X2", square(64, 96, 64)),
    "Winograd of images by threads": lambda: by_threads(winograd, "WINOGRAD_2X2", square(64, 48, 64, N=6)),
}
EVERY = DIRECT | NAN | IM2COL | WINOGRAD
"""A mistake meets the checks of its own kernel only: others do not guard the memory that it may spoil."""


def every_tap(patch: Patch) -> None:
    right_spans = tables.spans
    patch.setattr(tables, "spans", lambda g, width: [(0, g.kernel[-1])] * len(right_spans(g, width)))


def every_row(patch: Patch) -> None:
    def lines(geometry: Geometry, image: tuple[int, ...], steps: tuple[int, ...]) -> tables.Lines:
        height, width = geometry.output(image)[:2]
        taps = list(product(range(geometry.kernel[0]), range(geometry.kernel[1])))
        g = geometry
        rows = [
            ((o1 * g.strides[0] + r1 * g.dilations[0] - g.pads_begin[0]) * steps[0]
             + (o2 * g.strides[1] + r2 * g.dilations[1] - g.pads_begin[1]) * steps[1], r1 * g.kernel[1] + r2)
            for o1, o2 in product(range(height), range(width)) for r1, r2 in taps
        ]  # fmt: skip
        table = [(i * len(taps), len(taps), 0) for i in range(height * width)]
        return tables.Lines(np.array(table), np.array(rows), [0] * len(table), [tuple(range(len(taps)))])

    patch.setattr(tables, "lines", lines)


def stale(patch: Patch) -> None:
    made: list[Any] = []
    right_compiled = program.compiled

    def compiled(text: str) -> Any:
        if not made:
            made.append(right_compiled(text))
        return made[0]

    patch.setattr(float32_direct.program, "compiled", compiled)


def parameter_lost(patch: Patch) -> None:
    right_text = tile_program.text
    patch.setattr(
        float32_direct.tile_program,
        "text",
        lambda imports, tiles: right_text(imports, [tile.replace(", True)", ", False)") for tile in tiles]),
    )


def numbers(kind: str, **wrong: Callable[[Any], int]) -> Callable[[Patch], None]:
    """The `Sizes` of the loop around tiles, or the `Steps` of a tile, with some of them wrong."""
    right_kind = getattr(blocking, kind)

    def plant(patch: Patch) -> None:
        def made(**given: int) -> Any:
            found = right_kind(**given)
            return replace(found, **{name: value(found) for name, value in wrong.items()})

        patch.setattr(blocking, kind, made)

    return plant


def unmerged(patch: Patch) -> None:
    right_arithmetic = float32.arithmetic
    last = {"merge": lambda b, total, part: part}
    patch.setattr(float32, "arithmetic", lambda lanes: replace(right_arithmetic(lanes), **last))


def begins_with_bias(patch: Patch) -> None:
    """Each block's sum begins anew with one."""
    right_arithmetic = float32.arithmetic

    def wrong(lanes: int) -> Any:
        found = right_arithmetic(lanes)
        return replace(found, split=lambda b: float32.constant(float32.vector(float32.F32, lanes), 1.0))

    patch.setattr(float32, "arithmetic", wrong)


def nan_is_low(patch: Patch) -> None:
    def held(b: Any, value: Any, low: Any, high: Any) -> Any:
        for limit, beyond in ((low, "<"), (high, ">")):
            end = limit if value.type == float32.F32 else float32.splat(b, limit, value.type.count)
            value = b.select(b.fcmp_unordered(beyond, value, end), end, value)
        return value

    patch.setattr(float32, "held", held)


def never_above(patch: Patch) -> None:
    right_array = Limits.array
    patch.setattr(Limits, "array", lambda self, steps: right_array(Limits(self.low), steps))


def last_item_lost(patch: Patch) -> None:
    right_parts = float32_direct.in_parts

    def parts(count: int, threads: int, *rest: Any) -> None:
        right_parts(count - (threads > 1), threads, *rest)

    patch.setattr(float32_direct, "in_parts", parts)


def first_bias(patch: Patch) -> None:
    right_blocks = float32_direct.in_blocks

    def blocks(bias: Any, name: str, G: int, M: int, channels: int) -> Any:
        found, block = right_blocks(bias, name, G, M, channels), TINY.lanes * TINY.vectors
        found[:] = np.tile(found[:1, :block], (G, channels // block))
        return found

    patch.setattr(float32_direct, "in_blocks", blocks)


def turned(patch: Patch) -> None:
    right_pack = float32_direct.pack
    patch.setattr(float32_direct, "pack", lambda w, g: right_pack(np.ascontiguousarray(w.swapaxes(2, 3)), g))


def unfilled(patch: Patch) -> None:
    """Blocks of input channels are packed as if each were whole."""
    right_pack = float32_direct.pack

    def pack(w: Any, g: Geometry) -> Any:
        return right_pack(np.concatenate([w[:, BLOCK:], w[:, :BLOCK]], axis=1), g)

    patch.setattr(float32_direct, "pack", pack)


def one_workspace(patch: Patch) -> None:
    right_sizes = winograd.sizes
    patch.setattr(winograd, "sizes", lambda *given: replace(right_sizes(*given), part=0))
    right_scratch = winograd.scratch

    def scratch(workspace: Any, lengths: Any, dtype: Any) -> Any:
        return right_scratch(None, dict.fromkeys(lengths, (1 << 24,)), dtype)

    patch.setattr(winograd, "scratch", scratch)


def zeros_taken_for_granted(patch: Patch) -> None:
    right_scratch = im2col.scratch

    class Stubborn(np.ndarray):  # type: ignore[type-arg]
        def __setitem__(self, key: Any, value: Any) -> None:
            if not np.isscalar(value):
                super().__setitem__(key, value)

    def scratch(workspace: Any, lengths: Any, dtype: Any) -> Any:
        return {name: array.view(Stubborn) for name, array in right_scratch(workspace, lengths, dtype).items()}

    patch.setattr(im2col, "scratch", scratch)


MISTAKES: dict[str, Callable[[Patch], None]] = {
    "a tail lane left in": lambda patch: patch.setattr(output, "exists", lambda *given: nullcontext()),
    "an edge tile's tap not left out": every_tap,
    "a row of taps beside the image not left out": every_row,
    "a stale kernel from the cache": stale,
    "a parameter that is not in the program's text": parameter_lost,
    "blocks' sums not added": unmerged,
    "blocks' sums not begun with zero": begins_with_bias,
    "blocks of input channels in another order": unfilled,
    "stride one within a tile": numbers("Steps", pixel=lambda s: s.tap),
    "dilation one": numbers("Steps", tap=lambda s: 4 if s.word != 4 else s.tap),
    "the next block's pixels are the first's": numbers("Steps", block=lambda s: 0),
    "every image is the first": numbers("Sizes", x_image=lambda s: 0),
    "every group reads the first's channels": numbers("Sizes", x_group=lambda s: 0),
    "every block has the first's weights": numbers("Sizes", w_block=lambda s: 0),
    "every block has the first's bias": first_bias,
    "rows of outputs one pixel too far": numbers("Sizes", y_line=lambda s: s.y_line + 4),
    "one channel more than there is": numbers("Sizes", kernels=lambda s: s.kernels + 1),
    "NaN held to the limit": nan_is_low,
    "no upper limit": never_above,
    "rows and columns of the kernel exchanged": turned,
    "lanes exchanged by the transpose": lambda patch: patch.setattr(
        output, "transposed", lambda b, rows, right=output.transposed: right(b, rows)[::-1]
    ),
    "the last item of several threads lost": last_item_lost,
    "a workspace shared between threads": one_workspace,
    "a workspace taken to be zeros": zeros_taken_for_granted,
}


EMITTED = {
    *("a tail lane left in", "blocks' sums not added", "blocks' sums not begun with zero", "NaN held to the limit"),
    *("lanes exchanged by the transpose", "stride one within a tile", "dilation one"),
}
"""What changes the code of a program, not its text: to be compiled again."""
KERNEL = {
    "NaN held to the limit": NAN,
    "a workspace shared between threads": WINOGRAD,
    "a workspace taken to be zeros": IM2COL,
}
"""Whose checks a mistake meets, where it is not direct convolution's."""


def forget() -> None:
    for cached in (program.compiled, float32_direct.plan, winograd.plan):
        cached.cache_clear()


@pytest.fixture
def tiny(monkeypatch: Patch, take: Callable[[InstructionSet], None]) -> Iterator[None]:
    """The smallest tile, a program of its own for every layer that asks for one, and a new folder for programs."""
    take(TINY)
    monkeypatch.setattr(blocking, "OWN_PROGRAM", 0)
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", EVERY)
def test_the_check_holds_without_a_mistake(name: str) -> None:
    assert EVERY[name]()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_caught_twice(name: str, monkeypatch: Patch) -> None:
    if name in EMITTED:
        monkeypatch.setattr(program, "sources", lambda: name)
    MISTAKES[name](monkeypatch)
    caught = (check for check, holds in KERNEL.get(name, DIRECT).items() if not holds())
    assert len(list(islice(caught, 2))) == 2
