"""What does not fit is refused before an address is taken: compiled loops would read and write what lies beside it."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.conv.transposed import transposed as reference
from qref.errors import BadTensor, QrefError, Unsupported, UsageError

pytest.importorskip("numba")
from qref.kernels import float_product, instructions
from qref.kernels.conv import backward, float32_direct, int8_direct, xnor
from qref.kernels.conv import kernel as kernel_module
from qref.kernels.conv.int8_direct import Fp32
from qref.kernels.conv.kernel import Kernel
from qref.kernels.conv.table import KERNELS
from qref.kernels.conv.transposed import transposed
from qref.kernels.instructions import SETS
from qref.kernels.layout import NCHW, NCHW32C, NHWC
from qref.kernels.packed import Packed, load

SAME = Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1))
WIDE = replace(SAME, kernel=(5, 5), pads_begin=(2, 2), pads_end=(2, 2))
DEPTHWISE = replace(SAME, group=8)
BIASED = ("depthwise", "winograd-2x2", "sparse-direct", "sparse-gemm", "int8-direct", "int8-gemm")
PLACED = (*BIASED, "direct", "im2col", "mec")
PACKED = (*PLACED, "channels-last", "blocked-direct", "xnor")


def case(name: str) -> tuple[NDArray[Any], NDArray[Any], Geometry]:
    """x, w and the geometry that a kernel takes: 64 output channels, so that two groups fill whole tiles."""
    if name == "depthwise":
        return np.ones((1, 8, 9, 9), np.float32), np.ones((8, 1, 3, 3), np.float32), DEPTHWISE
    dtype = np.int8 if name.startswith(("int8", "xnor")) else np.float32
    return np.ones((1, 8, 9, 9), dtype), np.ones((64, 8, 3, 3), dtype), SAME


def prepared(name: str) -> tuple[Kernel, NDArray[Any], Packed, Geometry]:
    x, w, geometry = case(name)
    return KERNELS[name], x, KERNELS[name].pack(w, geometry), geometry


@pytest.mark.parametrize("name", [*PACKED, "fft"])
@pytest.mark.parametrize("shape", [(1, 7, 9, 9), (1, 30, 9, 9), (1, 8, 9), (1, 8, 9, 9, 9), (8,)])
def test_images_of_other_channels_or_dimensions(name: str, shape: tuple[int, ...]) -> None:
    kernel, x, packed, geometry = prepared(name)
    with pytest.raises(UsageError, match="give NCHW of 8 channels and 2 dimensions of space"):
        kernel.run(np.ones(shape, x.dtype), packed, geometry, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_images_that_packed_rows_are_not_for(dtype: Any) -> None:
    kernel = KERNELS["direct"]
    with pytest.raises(UsageError, match="of 8 channels"):
        kernel.run(np.ones((1, 7, 9, 9), dtype), kernel.pack(np.ones((4, 8, 3, 3), dtype), SAME), SAME, 1)
    with pytest.raises(UsageError, match="of 8 channels"):
        kernel(np.ones((1, 7, 9, 9), dtype), np.ones((4, 8, 3, 3), dtype), SAME)


@pytest.mark.parametrize(
    ("layout", "x"), [(NHWC, (1, 9, 9, 7)), (NCHW32C, (1, 2, 9, 9, 32)), (NCHW32C, (1, 1, 9, 9, 8))]
)
def test_images_of_other_layouts(layout: Any, x: tuple[int, ...]) -> None:
    _, _, packed, geometry = prepared("direct")
    with pytest.raises(UsageError, match=f"give {layout.name} of 8 channels and 2 dimensions"):
        float32_direct.direct(np.ones(x, np.float32), packed, geometry, layouts=(layout, NCHW))


@pytest.mark.parametrize("name", PACKED)
def test_another_geometry_than_the_packed_one(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    with pytest.raises(QrefError, match=r"kernels \[5, 5\]"):
        kernel.run(x, packed, WIDE, 1)
    halves = replace(geometry, group=2)
    with pytest.raises(UsageError, match=r"packed for [18] groups: pack them for 2"):
        kernel.run(np.ones((1, 2 * packed.shape[1], 9, 9), x.dtype), packed, halves, 1)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("threads", [0, -1])
def test_no_thread(name: str, threads: int) -> None:
    kernel, x, packed, geometry = prepared(name)
    with pytest.raises(UsageError, match=f"{threads} threads: give 1 or more"):
        kernel.run(x, packed, geometry, threads)


@pytest.mark.parametrize("name", PACKED)
def test_weights_of_another_kernel(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    with pytest.raises(UsageError, match=r"weights packed by fft: give what the pack of .* makes"):
        kernel.run(x, replace(packed, kernel="fft"), geometry, 1)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("foreign", ["mmx", *(one.name for one in SETS if one not in instructions.available())])
def test_weights_for_another_processor(name: str, foreign: str, tmp_path: Path) -> None:
    """Its instructions would end the process; here the file is refused."""
    kernel, x, packed, geometry = prepared(name)
    replace(packed, set=foreign).save(tmp_path / "weights.npz")
    with pytest.raises(Unsupported, match=f"weights packed for {foreign}: this machine has .*portable; pack them here"):
        kernel.run(x, load(tmp_path / "weights.npz"), geometry, 1)


@pytest.mark.parametrize("name", PACKED)
def test_arrays_that_a_file_should_not_hold(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    more = {"z_x": 1} if name.startswith("int8") else {}
    for array, found in packed.arrays.items():
        for other in (found[:-1], found.reshape(-1)[:0], found.astype(np.complex128), None):
            arrays = {key: value for key, value in packed.arrays.items() if key != array}
            if other is not None:
                arrays[array] = other
            with pytest.raises(BadTensor, match=f"weights packed by {packed.kernel}: "):
                kernel.run(x, replace(packed, arrays=arrays), geometry, 1, **more)
    larger = replace(packed, shape=(2 * packed.shape[0], *packed.shape[1:]))
    with pytest.raises(BadTensor, match=f"weights packed by {packed.kernel}: "):
        kernel.run(x, larger, geometry, 1)


@pytest.mark.parametrize("name", ["sparse-direct", "sparse-gemm"])
@pytest.mark.parametrize(
    ("array", "place", "value"),
    [("columns", 0, -1), ("columns", -1, 72), ("rows", 0, 1), ("rows", -1, 7), ("rows", 3, 0)],
)
def test_compressed_rows_that_point_elsewhere(name: str, array: str, place: int, value: int) -> None:
    kernel, x, packed, geometry = prepared(name)
    other = packed.arrays[array].copy()
    other[place] = value
    with pytest.raises(BadTensor, match=f"weights packed by {name}: "):
        kernel.run(x, replace(packed, arrays={**packed.arrays, array: other}), geometry, 1)


def bias_of(name: str, length: int = 64) -> NDArray[Any]:
    return np.ones(8 if name == "depthwise" else length, np.int32 if name.startswith("int8") else np.float32)


@pytest.mark.parametrize("name", BIASED)
def test_biases_of_other_lengths_or_types(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    bias = bias_of(name)
    for other in (bias[:1], bias[:, None], bias.astype(np.float64), bias.astype(np.int64)):
        with pytest.raises(UsageError, match=r"bias is \["):
            kernel.run(x, packed, geometry, 1, bias=other)
    gaps = np.repeat(bias, 2)[::2]
    assert np.array_equal(kernel.run(x, packed, geometry, 1, bias=gaps), kernel.run(x, packed, geometry, 1, bias=bias))


@pytest.mark.parametrize("name", ["direct", "depthwise", "winograd-2x2"])
def test_residuals_of_other_lengths_or_types(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    run = float32_direct.direct if name == "direct" else kernel.run
    y = run(x, packed, geometry, 1)
    for other in (y[:, :1], y[0], y.astype(np.float64)):
        with pytest.raises(UsageError, match=r"residual is \["):
            run(x, packed, geometry, 1, residual=other)


@pytest.mark.parametrize("name", PLACED)
def test_a_result_over_what_is_read(name: str) -> None:
    """A plan that gives both the same memory would be seen as wrong numbers only."""
    kernel, x, packed, geometry = prepared(name)
    y = kernel.run(x, packed, geometry, 1)
    both = np.zeros(x.nbytes + y.nbytes, np.uint8)
    image, out = both[: x.nbytes].view(x.dtype).reshape(x.shape), both[x.nbytes :].view(y.dtype).reshape(y.shape)
    image[...] = x
    assert np.array_equal(kernel.run(image, packed, geometry, 1, out=out), y)
    over = both[: y.nbytes].view(y.dtype).reshape(y.shape)
    with pytest.raises(UsageError, match="out lies over an operand"):
        kernel.run(image, packed, geometry, 1, out=over)


@pytest.mark.parametrize("name", ["depthwise", "winograd-2x2"])
def test_a_result_over_the_residual_where_outputs_are_stored_twice(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    y = kernel.run(x, packed, geometry, 1)
    with pytest.raises(UsageError, match="out lies over an operand"):
        kernel.run(x, packed, geometry, 1, residual=y, out=y)


@pytest.mark.parametrize("layout", [NCHW, NHWC, NCHW32C])
def test_direct_convolution_adds_to_a_result_in_place(layout: Any) -> None:
    _, x, packed, geometry = prepared("direct")
    wanted = 2 * float32_direct.direct(x, packed, geometry, layouts=(NCHW, layout))
    y = wanted / 2
    assert float32_direct.direct(x, packed, geometry, 2, layouts=(NCHW, layout), residual=y, out=y) is y
    assert np.array_equal(y, wanted)
    with pytest.raises(UsageError, match="out lies over an operand"):
        float32_direct.direct(x, packed, geometry, layouts=(NCHW, layout), residual=y[:, ::-1], out=y)


@pytest.mark.parametrize("name", [name for name in (*PLACED, "xnor") if KERNELS[name].workspace])
def test_workspaces_that_are_none(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    room = np.empty(1 << 22, np.uint8)
    frozen = room.copy()
    frozen.flags.writeable = False
    if name == "int8-direct":
        x = x[:, :, ::-1]  # lies not so that no room is needed
    for other in (room.view(np.float32), room[::2], frozen):
        with pytest.raises(UsageError, match="give writable bytes"):
            kernel.run(x, packed, geometry, 1, workspace=other)


@pytest.mark.parametrize("name", ["int8-direct", "int8-gemm"])
def test_zero_points_of_no_such_integer(name: str) -> None:
    kernel, x, packed, geometry = prepared(name)
    _, w, _ = case(name)
    for z_w in (-129, 128, np.full(64, 300)):
        with pytest.raises(UsageError, match=r"z_w from .*: give numbers of int8"):
            kernel.pack(w, geometry, z_w)
    for z_x in (-129, 128):
        with pytest.raises(UsageError, match=r"z_x from .*: give numbers of int8"):
            kernel.run(x, packed, geometry, 1, z_x=z_x)


def test_ends_beyond_their_type() -> None:
    scale = np.ones(64, np.float32)
    with pytest.raises(UsageError, match="results of int16"):
        Fp32(scale, 0, 0, 255, "int16")
    for lowest, highest in ((-1, 255), (0, 256)):
        with pytest.raises(UsageError, match=r"limits from .*: give numbers of uint8"):
            Fp32(scale, 0, lowest, highest, "uint8")
    _, x, packed, geometry = prepared("int8-direct")
    for other in (scale[:1], scale.astype(np.float64)):
        with pytest.raises(UsageError, match=r"scale is \["):
            int8_direct.int8_direct(x, packed, geometry, end=Fp32(other, 0, 0, 255, "uint8"))


@pytest.mark.parametrize("geometry", [replace(SAME, strides=(2, 1)), replace(SAME, dilations=(1, 2))])
def test_winograd_at_strides_and_dilations(geometry: Geometry) -> None:
    kernel, x, packed, _ = prepared("winograd-2x2")
    with pytest.raises(Unsupported, match=r"stride 2|dilation 2"):
        kernel.run(x, packed, geometry, 1)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("dilations", [(1, 1), (1, 2), (2, 1)])
def test_signs_in_runs_of_another_dilation(dilations: tuple[int, int]) -> None:
    """Tables of a row lie in other runs where it is dilated; words, and rows dilated among themselves, lie the same."""
    kernel, x, packed, geometry = prepared("xnor")
    _, w, _ = case("xnor")
    other = replace(geometry, dilations=dilations)
    if packed.numbers["tables"] and dilations[1] > 1:
        with pytest.raises(UsageError, match="weights in 1 runs of tables: here this geometry takes 3"):
            kernel.run(x, packed, other, 1)
        with pytest.raises(UsageError, match="weights in 3 runs of tables: here this geometry takes 1"):
            kernel.run(x, kernel.pack(w, other), geometry, 1)
    else:
        assert np.array_equal(kernel.run(x, packed, other, 1), kernel(x, w, other))


@pytest.mark.usefixtures("instruction_set")
def test_signs_whose_form_a_file_leaves_open() -> None:
    kernel, x, packed, geometry = prepared("xnor")
    right = packed.numbers["tables"]
    for numbers in ({"group": 1}, {"group": 1, "tables": 1 - right}, {"group": 1, "tables": 7}):
        with pytest.raises(UsageError, match=f"runs of tables: here this geometry takes {right}; pack them for it"):
            kernel.run(x, replace(packed, numbers=numbers), geometry, 1)
    with pytest.raises(UsageError, match="packed for an unknown number of groups"):
        kernel.run(x, replace(packed, numbers={"tables": right}), geometry, 1)


def test_signs_of_what_is_no_real_number() -> None:
    kernel, x, packed, geometry = prepared("xnor")
    _, w, _ = case("xnor")
    with pytest.raises(Unsupported, match="signs of complex64: give real numbers"):
        kernel.run(x.astype(np.complex64), packed, geometry, 1)
    with pytest.raises(Unsupported, match="signs of complex128: give real numbers"):
        kernel.pack(w.astype(np.complex128), geometry)


@pytest.mark.usefixtures("instruction_set")
def test_signs_of_images_that_no_window_lies_on() -> None:
    kernel, x, packed, geometry = prepared("xnor")
    alone = replace(geometry, pads_begin=(0, 0), pads_end=(0, 0))
    assert kernel.run(x[:, :, :1], packed, alone, 1).shape == (1, 64, 0, 7)


@pytest.mark.parametrize("layout", [NCHW, NHWC])
def test_signs_of_other_layouts(layout: Any) -> None:
    _, _, packed, geometry = prepared("xnor")
    for shape in ((1, 9, 9, 7), (1, 7, 9, 9), (1, 9, 8)):
        with pytest.raises(UsageError, match=f"give {layout.name} of 8 channels and 2 dimensions"):
            xnor.run(np.ones(shape, np.int8), packed, geometry, layouts=(layout, NCHW))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize(
    ("x", "w", "geometry", "output", "told"),
    [
        ((1, 4, 5, 5), (6, 4, 3, 3), SAME, (5, 5), "give 6 channels"),
        ((1, 8, 5, 5), (6, 4, 3, 3), SAME, (5, 5), "give 6 channels"),
        ((1, 6, 5), (6, 4, 3, 3), SAME, (5, 5), "give 6 channels"),
        ((6,), (6, 4, 3, 3), SAME, (5, 5), "give 6 channels"),
        ((1, 6, 6, 5), (6, 4, 3, 3), SAME, (5, 5), r"in space up to \[5, 5\]"),
        ((1, 6, 5, 4), (6, 4, 3, 3), replace(SAME, strides=(1, 2)), (5, 5), r"in space up to \[5, 3\]"),
        ((1, 6, 5, 5), (6, 4, 3, 3), SAME, (5,), "2 dimensions of space"),
        ((1, 6, 5, 5), (6, 4, 3, 3), WIDE, (5, 5), r"kernels \[5, 5\] in 1 groups"),
        ((1, 6, 5, 5), (6, 4, 3, 3), replace(SAME, group=4), (5, 5), r"kernels \[3, 3\] in 4 groups"),
        ((1, 6, 5, 5), (6,), SAME, (5, 5), r"kernels \[3, 3\] in 1 groups"),
    ],
)
def test_transposed_convolutions_that_do_not_fit(
    x: tuple[int, ...], w: tuple[int, ...], geometry: Geometry, output: tuple[int, ...], told: str, dtype: Any
) -> None:
    for run in (transposed, backward.input_gradient):
        with pytest.raises(UsageError, match=told):
            run(np.ones(x, dtype), np.ones(w, dtype), geometry, output)


def test_outputs_of_transposed_convolutions_beyond_all_windows() -> None:
    """An output may be longer than its windows reach, by less than a stride or by more: zeros stand there."""
    x, w = np.ones((1, 6, 2, 3), np.int64), np.ones((6, 4, 3, 3), np.int64)
    for output in ((2, 3), (5, 4)):
        assert np.array_equal(transposed(x, w, SAME, output), reference(x, w, SAME, output))
    with pytest.raises(UsageError, match="0 threads"):
        transposed(x, w, SAME, (2, 3), 0)


@pytest.mark.parametrize(
    ("g", "x", "geometry", "told"),
    [
        ((1, 4, 5, 5), (1, 6, 6, 5), SAME, r"give \[1, 4, 6, 5\]"),
        ((1, 4, 6, 5), (1, 6, 5, 5), SAME, r"give \[1, 4, 5, 5\]"),
        ((2, 4, 5, 5), (1, 6, 5, 5), SAME, r"give \[1, 4, 5, 5\]"),
        ((1, 4, 5), (1, 6, 5, 5), SAME, r"give \[1, 4, 5, 5\]"),
        ((4,), (1, 6, 5, 5), SAME, r"give \[1, 1, 5, 5\]"),
        ((1, 4, 5, 5), (1, 6, 5), SAME, "2 dimensions of space"),
        ((1, 4, 5, 5), (6,), SAME, "2 dimensions of space"),
        ((1, 4, 5, 5), (1, 7, 5, 5), replace(SAME, group=2), "give NCHW of 6 channels"),
        ((1, 5, 5, 5), (1, 6, 5, 5), replace(SAME, group=2), "in 2 groups"),
    ],
)
def test_gradients_that_do_not_fit(g: tuple[int, ...], x: tuple[int, ...], geometry: Geometry, told: str) -> None:
    for dtype in (np.float32, np.int64):
        with pytest.raises(UsageError, match=told):
            backward.weight_gradient(np.ones(g, dtype), np.ones(x, dtype), geometry)


@pytest.mark.parametrize("rows", [1, 9])
def test_products_of_matrices_that_do_not_fit(rows: int) -> None:
    packed = float_product.pack(np.ones((40, 16), np.float32))
    a = np.ones((rows, 40), np.float32)
    for other in (a[:, 1:], a[0]):
        with pytest.raises(UsageError, match="give one of 40 columns"):
            float_product.multiply(other, packed)
    with pytest.raises(UsageError, match=r"bias is \[1\]"):
        float_product.multiply(a, packed, bias=np.ones(1, np.float32))
    with pytest.raises(Unsupported, match="float64"):
        float_product.multiply(a.astype(np.float64), packed)
    with pytest.raises(Unsupported, match="float64"):
        float_product.pack(np.ones((40, 16)))
    with pytest.raises(BadTensor, match="matrix-product: w"):
        float_product.multiply(a, replace(packed, arrays={"w": packed.arrays["w"][1:]}))
    with pytest.raises(UsageError, match="packed by direct"):
        float_product.multiply(a, replace(packed, kernel="direct"))


def test_an_interrupt_waits_until_no_thread_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by Ctrl-C, again and again: threads know addresses only, so nothing else keeps their arrays."""
    done: list[int] = []
    interrupts = iter(range(3))
    right = kernel_module.wait

    def interrupted(parts: Any) -> Any:
        if next(interrupts, None) is not None:
            raise KeyboardInterrupt
        return right(parts)

    def slow(first: int, last: int) -> None:
        time.sleep(0.05)
        done.append(last - first)

    monkeypatch.setattr(kernel_module, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kernel_module.in_parts(10, 3, slow)
    assert sum(done) == 10
