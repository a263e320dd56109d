"""Pad, Concat, Flatten and Reshape: every element found where the text puts it, with all its bits."""

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed
from qref.numerics.formats import FORMATS
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx.concat import concat
from qref.ops.onnx.element_types import DATA_25
from qref.ops.onnx.flatten import flatten
from qref.ops.onnx.pad import pad
from qref.ops.onnx.reshape import reshape

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


def counted(shape: tuple[int, ...], dtype: str = "float32") -> Tensor:
    return tensor(np.arange(1, prod(shape) + 1).reshape(shape), dtype)


def i(values: Any) -> Tensor:
    return tensor(np.asarray(values, np.int64), "int64")


def walked(place: int, length: int, mode: str) -> int | None:
    """The element at a place of a padded axis, by walking from the middle one step at a time."""
    at, step = 0, 1 if place > 0 else -1
    for _ in range(abs(place)):
        if mode == "reflect" and not 0 <= at + step < length:
            step = -step
        at += step
        if mode == "wrap":
            at %= length
        if mode == "edge":
            at = min(max(at, 0), length - 1)
    return at if 0 <= at < length else None


@pytest.mark.requirement("QREF-FE-040", "QREF-FE-041", "QREF-FE-042", "QREF-FE-043")
@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
@given(shape=SHAPES, data=st.data())
def test_pad(mode: str, shape: tuple[int, ...], data: st.DataObject) -> None:
    if mode == "reflect" and 1 in shape:
        return
    pads = data.draw(st.lists(st.integers(0, 6), min_size=2 * len(shape), max_size=2 * len(shape)))
    x, y = counted(shape), pad(counted(shape), i(pads), tensor(-9.0, "float32"), mode=mode)
    begins, ends = pads[: len(shape)], pads[len(shape) :]
    assert y.shape == tuple(b + n + e for b, n, e in zip(begins, shape, ends, strict=True))
    for place in np.ndindex(*y.shape):
        at = tuple(walked(p - b, n, mode) for p, b, n in zip(place, begins, shape, strict=True))
        assert y.data[place] == (-9.0 if None in at else x.data[at])


@pytest.mark.requirement("QREF-FE-041", "QREF-FE-043")
def test_the_examples_of_the_text() -> None:
    data = tensor([[1.0, 1.2], [2.3, 3.4], [4.5, 5.7]], "float32")
    assert pad(data, i([0, 2, 0, 0]), mode="reflect").data[0].tolist() == np.float32([1, 1.2, 1, 1.2]).tolist()
    wrapped = pad(data, i([2, 1, 1, 1]), mode="wrap").data
    assert wrapped[0].tolist() == np.float32([3.4, 2.3, 3.4, 2.3]).tolist()
    assert wrapped[5].tolist() == np.float32([1.2, 1.0, 1.2, 1.0]).tolist()


@pytest.mark.requirement("QREF-FE-044")
def test_negative_pads_take_away() -> None:
    x = counted((5,))
    assert pad(x, i([-1, -2])).data.tolist() == [2, 3]
    assert pad(x, i([-1, 2])).data.tolist() == [2, 3, 4, 5, 0, 0]
    assert pad(x, i([-5, 2])).data.tolist() == [0, 0]
    for mode in ("reflect", "edge", "wrap"):
        assert pad(x, i([-2, -1]), mode=mode).data.tolist() == [3, 4]
    assert pad(x, i([-1, 2]), mode="edge").data.tolist() == [2, 3, 4, 5, 5, 5], "the same whichever comes first"
    assert pad(x, i([-1, 3]), mode="reflect").data.tolist() == [2, 3, 4, 5, 4, 3, 2]
    for mode in ("reflect", "wrap"):
        with pytest.raises(NotFixed, match="which comes first"):
            pad(x, i([-2, 4]), mode=mode)


@pytest.mark.requirement("QREF-FE-045")
def test_pads_of_some_axes() -> None:
    x = counted((2, 3))
    assert pad(x, i([1, 0]), None, tensor([-1], "int32")).data.tolist() == [[0, 1, 2, 3], [0, 4, 5, 6]]
    swapped = pad(x, i([1, 2, 0, 0]), None, i([1, 0]))
    assert swapped.same(pad(x, i([2, 1, 0, 0])))
    assert pad(x, i([]), None, i([])).same(x)
    with pytest.raises(NotFixed, match="an axis twice"):
        pad(x, i([1, 1, 1, 1]), None, i([0, -2]))


@pytest.mark.requirement("QREF-FE-040")
def test_constants() -> None:
    x = counted((2,))
    assert pad(x, i([1, 0])).data.tolist() == [0, 1, 2]
    assert pad(x, [0, 1], value=2.5, opset=2).data.tolist() == [1, 2, 2.5]
    assert pad(tensor(np.zeros((0, 2)), "float32"), i([1, 0, 0, 0])).data.tolist() == [[0, 0]]
    assert pad(tensor([True], "bool"), i([1, 1])).data.tolist() == [False, True, False]
    with pytest.raises(NotFixed, match="its default 0"):
        pad(tensor([127], "float8e8m0"), i([1, 0]))


@pytest.mark.requirement("QREF-FE-046")
def test_pads_that_the_text_rules_out() -> None:
    x = counted((2, 3))
    for inputs, attributes in (
        ((i([1, 1]),), {}),
        ((i([[1, 1, 1, 1]]),), {}),
        ((i([0, -2, 0, -2]),), {}),
        ((i([1, 0, 0, 0]), tensor(1.0, "float16")), {}),
        ((i([0, 0, 0, 0]), tensor(1.0, "float16")), {"mode": "edge"}),
        ((i([1, 0, 0, 0]), tensor([1.0], "float32")), {}),
        ((i([1, 0]), None, i([2])), {}),
        ((i([0, 0, 0, 0]),), {"mode": "wrap", "opset": 18}),
        ((i([0, 0, 0, 0]),), {"mode": "mirror"}),
        ((), {}),
        (([0, 0, 0, 0], None, i([0, 1])), {"opset": 2}),
    ):
        with pytest.raises(InvalidInput):
            pad(x, *inputs, **attributes)
    with pytest.raises(NotFixed):
        pad(counted((1,)), i([1, 0]), mode="reflect")
    with pytest.raises(NotFixed):
        pad(tensor(np.zeros(0), "float32"), i([1, 0]), mode="edge")


@pytest.mark.requirement("QREF-FE-050")
@given(shape=SHAPES, data=st.data())
def test_concat(shape: tuple[int, ...], data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    parts = [tuple(n if k == axis % len(shape) else m for k, m in enumerate(shape)) for n in lengths]
    inputs = [tensor(1000 * p + np.arange(prod(s)).reshape(s), "int32") for p, s in enumerate(parts)]
    y = concat(*inputs, axis=axis)
    begin = 0
    for x, length in zip(inputs, lengths, strict=True):
        window = tuple(
            slice(begin, begin + length) if k == axis % len(shape) else slice(None) for k in range(len(shape))
        )
        assert y.data[window].tolist() == x.data.tolist()
        begin += length
    assert y.shape[axis] == begin


@pytest.mark.requirement("QREF-FE-051")
def test_tensors_that_do_not_join() -> None:
    x = counted((2, 3))
    for other, attributes in (
        (counted((3, 3)), {"axis": 1}),
        (counted((2,)), {"axis": 0}),
        (counted((2, 3), "float16"), {"axis": 0}),
        (x, {"axis": 2}),
        (x, {"axis": -3}),
        (x, {}),
    ):
        with pytest.raises(InvalidInput):
            concat(x, other, **attributes)
    with pytest.raises(InvalidInput):
        concat(tensor(1.0, "float32"), axis=0)
    with pytest.raises(NotFixed, match="Concat-4"):
        concat(x, x, axis=-1, opset=4)


@pytest.mark.requirement("QREF-FE-052", "QREF-FE-053")
def test_flatten() -> None:
    x = counted((2, 3, 4))
    shapes = [flatten(x, axis=axis).shape for axis in range(4)]
    assert shapes == [(1, 24), (2, 12), (6, 4), (24, 1)]
    assert [flatten(x, axis=axis).shape for axis in (-3, -2, -1)] == shapes[:3]
    assert flatten(x).shape == (2, 12)
    assert flatten(x, axis=2).data.ravel().tolist() == x.data.ravel().tolist()
    assert flatten(tensor(1.0, "float32"), axis=0).shape == (1, 1)
    assert flatten(counted((2, 0, 3)), axis=2).shape == (0, 3)
    for axis, opset in ((4, 13), (-4, 13), (-1, 9)):
        with pytest.raises(InvalidInput, match="axis is"):
            flatten(x, axis=axis, opset=opset)


@pytest.mark.requirement("QREF-FE-054", "QREF-FE-055")
@pytest.mark.parametrize(
    ("given_shape", "asked", "allowzero", "y"),
    [
        ((2, 3, 4), [4, 6], 0, (4, 6)),
        ((2, 3, 4), [2, -1], 0, (2, 12)),
        ((2, 3, 4), [0, -1], 0, (2, 12)),
        ((2, 3, 4), [-1, 0, 4], 0, (2, 3, 4)),
        ((1,), [], 0, ()),
        ((), [-1], 0, (1,)),
        ((0, 3), [0, 3], 0, (0, 3)),
        ((0, 3), [3, 0], 1, (3, 0)),
        ((2, 0), [0, 0, 7], 0, None),
        ((2, 0), [0, 0], 0, (2, 0)),
    ],
)
def test_reshape(given_shape: tuple[int, ...], asked: list[int], allowzero: int, y: tuple[int, ...] | None) -> None:
    x = counted(given_shape)
    if y is None:
        assert reshape(x, i(asked)).shape == (2, 0, 7)
        return
    found = reshape(x, i(asked), allowzero=allowzero)
    assert found.shape == y
    assert found.data.ravel().tolist() == x.data.ravel().tolist()


@pytest.mark.requirement("QREF-FE-056")
def test_shapes_that_the_text_rules_out() -> None:
    x = counted((2, 3))
    for asked in ([4, 2], [4, -1], [-1, -1], [2, 3, 0], [-2, -3], []):
        with pytest.raises(InvalidInput):
            reshape(x, i(asked))
    empty = tensor(np.zeros((0, 3)), "float32")
    with pytest.raises(InvalidInput, match="rules out"):
        reshape(empty, i([0, -1]), allowzero=1)
    with pytest.raises(NotFixed, match="any length"):
        reshape(empty, i([0, -1]))
    with pytest.raises(InvalidInput):
        reshape(x, tensor([3, 2], "int32"))


@pytest.mark.requirement("QREF-FE-057", "QREF-FS-007")
@pytest.mark.parametrize("dtype", DATA_25)
def test_every_type_keeps_its_bits(dtype: str) -> None:
    """All bit patterns of small types; those of floats with NaN payloads and −0."""
    storage = np.dtype(FORMATS[dtype].storage)
    bits = min(FORMATS[dtype].bits, 8)
    if storage.kind == "f":
        words = np.array(
            [1, (1 << 8 * storage.itemsize) - 1, 1 << (8 * storage.itemsize - 1), 0], f"u{storage.itemsize}"
        )
        x = Tensor(dtype, words.view(storage))
    elif dtype.startswith("int"):
        x = Tensor(dtype, np.arange(-(1 << (bits - 1)), 1 << (bits - 1)).astype(storage))
    else:
        x = Tensor(dtype, np.arange(1 << bits).astype(storage))
    n = x.shape[0]
    moved = [flatten(x, axis=0), reshape(x, i([2, -1])), pad(x, i([1, 1]), mode="edge")]
    assert moved[0].data.tobytes() == moved[1].data.tobytes() == x.data.tobytes()
    assert moved[2].data[1:-1].tobytes() == x.data.tobytes()
    assert pad(x, i([0, 1]), Tensor(dtype, x.data[1])).data[n:].tobytes() == x.data[1:2].tobytes()
    if "float8" not in dtype and "float4" not in dtype and bits > 4:
        assert concat(x, x, axis=0).data.tobytes() == x.data.tobytes() * 2
