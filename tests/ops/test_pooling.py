"""AveragePool, GlobalAveragePool and MaxPool against loops over every window, with windows counted by trying."""

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import alternatives, bounds, run
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]
DTYPES = ("float32", "float16", "bfloat16")


def answers(op: str, x: Tensor, opset: int = 22, outputs: int = 1, **attributes: Any) -> list[Tensor]:
    return run(Request(op, "", opset, attributes, (x,), outputs))


def answer(op: str, x: Tensor, opset: int = 22, **attributes: Any) -> Any:
    return decode(answers(op, x, opset, **attributes)[0])


def floats(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def row(*values: float, dtype: str = "float32") -> Tensor:
    return floats([[values]], dtype)


def fill(rng: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    values = [rng.choice((1, -1)) * (1 + rng.random()) * 2.0 ** rng.randint(-6, 3) for _ in range(int(np.prod(shape)))]
    return floats(np.array(values).reshape(shape), dtype)


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 3))
    most = {1: 9, 2: 6, 3: 3}[n]

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    return {
        "image": lengths(1, most),
        "kernel": lengths(1, 3),
        "strides": lengths(1, 4),
        "dilations": lengths(1, 2),
        "begin": lengths(0, 2),
        "end": lengths(0, 2),
        "ceil_mode": draw(st.integers(0, 1)),
        "counted": draw(st.integers(0, 1)),
        "dtype": draw(st.sampled_from(DTYPES)),
        "rng": random.Random(draw(st.integers(0, 2**32))),
    }


def windows(g: dict[str, Any]) -> list[list[list[int]]]:
    """In each dimension the windows, each a list of the places of its taps, found by stepping along."""
    found = []
    for i, D in enumerate(g["image"]):
        reach = (g["kernel"][i] - 1) * g["dilations"][i]
        last = D + g["end"][i] - 1
        here = []
        start = -g["begin"][i]
        while start + reach <= last or (
            g["ceil_mode"] and start < D and start + reach - g["strides"][i] < last
        ):  # the window before ends before the end, so this one has something to add
            here.append([start + r * g["dilations"][i] for r in range(g["kernel"][i])])
            start += g["strides"][i]
        found.append(here)
    return found


def attributes_of(g: dict[str, Any]) -> dict[str, Any]:
    return {
        "kernel_shape": g["kernel"],
        "strides": g["strides"],
        "dilations": g["dilations"],
        "pads": g["begin"] + g["end"],
        "ceil_mode": g["ceil_mode"],
    }


def usable(g: dict[str, Any]) -> list[list[list[int]]]:
    """The windows, where there are some and each has an element of the image."""
    found = windows(g)
    assume(all(found) and all(any(0 <= t < D for t in w) for here, D in zip(found, g["image"]) for w in here))
    # without ceil_mode, whether opset 22 keeps windows that start beyond the image is open
    assume(all(w[0] < D for here, D in zip(found, g["image"]) for w in here))
    return found


@pytest.mark.requirement("QREF-FP-020", "QREF-FP-022", "QREF-FP-023", "QREF-FP-024")
@given(g=pools())
def test_average_pool_divides_what_it_sums(nearest: Nearest, g: dict[str, Any]) -> None:
    found, D = usable(g), g["image"]
    x = fill(g["rng"], g["dtype"], [2, 2, *D])
    y = answer("AveragePool", x, count_include_pad=g["counted"], **attributes_of(g))
    assert y.shape == (2, 2, *map(len, found))
    values = decode(x)
    for n, c, *p in np.ndindex(*y.shape):
        places = list(product(*(here[q] for here, q in zip(found, p))))
        inside = [at for at in places if all(0 <= a < D[i] for i, a in enumerate(at))]
        padded = [at for at in places if all(-g["begin"][i] <= a < D[i] + g["end"][i] for i, a in enumerate(at))]
        total = sum((Fraction(values[(n, c, *at)]) for at in inside), Fraction(0))
        count = len(padded if g["counted"] else inside)
        assert y[(n, c, *p)] == nearest(total / count, g["dtype"])


@pytest.mark.requirement("QREF-FP-020", "QREF-FP-022", "QREF-FP-026", "QREF-FP-027", "QREF-FP-028")
@given(g=pools(), order=st.integers(0, 1), few=st.booleans())
def test_max_pool_finds_the_largest_and_where_it_stands(g: dict[str, Any], order: int, few: bool) -> None:
    found, D = usable(g), g["image"]
    x = fill(g["rng"], g["dtype"], [2, 2, *D])
    if few:  # equal maxima
        x = floats(np.sign(decode(x)), g["dtype"])
    y, indices = answers("MaxPool", x, outputs=2, storage_order=order, **attributes_of(g))
    assert indices.dtype == "int64"
    assert y.shape == indices.shape == (2, 2, *map(len, found))
    values, flat = decode(x), decode(x).ravel(order="F" if order else "C")
    for n, c, *p in np.ndindex(*y.shape):
        places = product(*(here[q] for here, q in zip(found, p)))
        inside = [(n, c, *at) for at in places if all(0 <= a < D[i] for i, a in enumerate(at))]
        largest = max(values[at] for at in inside)
        assert decode(y)[(n, c, *p)] == largest
        numbers = [
            np.ravel_multi_index(at, x.shape, order="F" if order else "C") for at in inside if values[at] == largest
        ]
        assert indices.data[(n, c, *p)] == min(numbers)
        assert flat[indices.data[(n, c, *p)]] == largest


@pytest.mark.requirement("QREF-FP-020")
@pytest.mark.parametrize(
    ("D", "k", "s", "ceil_mode", "expected"),
    [
        (5, 2, 2, 0, 2),
        (5, 2, 2, 1, 3),
        (6, 2, 2, 1, 3),
        (7, 3, 3, 0, 2),
        (7, 3, 3, 1, 3),
        (8, 3, 3, 1, 3),
        (9, 3, 3, 1, 3),
    ],
)
def test_how_many_windows(D: int, k: int, s: int, ceil_mode: int, expected: int) -> None:
    x = floats(np.arange(D)[None, None])
    assert answer("MaxPool", x, kernel_shape=[k], strides=[s], ceil_mode=ceil_mode).shape[2] == expected


@pytest.mark.requirement("QREF-FP-024", "QREF-FP-023")
def test_what_hangs_over_is_not_counted() -> None:
    x = row(1, 2, 3, 4, 5, 6)
    # windows at −1, 2 and 5 of length 3, one padding element on either side: the last reaches two beyond the image
    attributes = {"kernel_shape": [3], "strides": [3], "pads": [1, 1], "ceil_mode": 1}
    assert answer("AveragePool", x, **attributes)[0, 0].tolist() == [1.5, 4, 6]
    counted = answer("AveragePool", x, count_include_pad=1, **attributes)
    assert counted[0, 0].tolist() == [1, 4, 6 / 2]


@pytest.mark.requirement("QREF-FP-022")
def test_windows_that_start_in_the_padding_at_the_end() -> None:
    x = row(1, 2, 3, 4, 5)
    attributes = {"kernel_shape": [2], "strides": [3], "pads": [1, 1], "ceil_mode": 1, "count_include_pad": 1}
    assert answer("AveragePool", x, opset=22, **attributes)[0, 0].tolist() == [0.5, 3.5]
    # before, ⌈(5 + 2 − 2) / 3⌉ + 1 = 3: the last covers one element of padding
    assert answer("AveragePool", x, opset=11, **attributes)[0, 0].tolist() == [0.5, 3.5, 0]
    with pytest.raises(NotFixed, match="links to"):
        answer("AveragePool", x, opset=19, **attributes)
    with pytest.raises(NotFixed, match="start in the padding"):
        answer("AveragePool", x, kernel_shape=[1], pads=[0, 1], count_include_pad=1)


@pytest.mark.requirement("QREF-FP-021")
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"auto_pad": "SAME_UPPER", "kernel_shape": [2]}, [2, 3, 4, 5, 5]),
        ({"auto_pad": "SAME_LOWER", "kernel_shape": [2]}, [1, 2, 3, 4, 5]),
        ({"auto_pad": "SAME_UPPER", "kernel_shape": [2], "strides": [2]}, [2, 4, 5]),
        ({"auto_pad": "SAME_LOWER", "kernel_shape": [2], "strides": [2]}, [1, 3, 5]),
        ({"auto_pad": "SAME_LOWER", "kernel_shape": [2], "strides": [2], "ceil_mode": 1}, [1, 3, 5]),
        ({"auto_pad": "SAME_UPPER", "kernel_shape": [2], "dilations": [3]}, [3, 4, 5, 3, 4]),
        ({"auto_pad": "SAME_UPPER", "kernel_shape": [1], "strides": [4]}, [1, 5]),
        ({"auto_pad": "VALID", "kernel_shape": [2], "strides": [2]}, [2, 4]),
        ({"auto_pad": "VALID", "kernel_shape": [2], "strides": [2], "ceil_mode": 1}, [2, 4]),
    ],
)
def test_auto_pad(attributes: dict[str, Any], expected: list[float]) -> None:
    assert answer("MaxPool", row(1, 2, 3, 4, 5), **attributes)[0, 0].tolist() == expected


@pytest.mark.requirement("QREF-FP-036")
@pytest.mark.parametrize("op", ["AveragePool", "MaxPool"])
def test_same_padding_of_less_than_nothing(op: str) -> None:
    y = answer(op, row(1, 2, 3, 4, 5, 6), kernel_shape=[1], strides=[2], auto_pad="SAME_UPPER")
    assert y[0, 0].tolist() == [1, 3, 5]


@pytest.mark.requirement("QREF-FP-021")
@pytest.mark.parametrize("auto_pad", ["VALID", "SAME_UPPER", "SAME_LOWER"])
def test_opset_11_prints_other_formulas(auto_pad: str) -> None:
    attributes = {"kernel_shape": [1 if auto_pad == "VALID" else 2], "strides": [2], "auto_pad": auto_pad}
    with pytest.raises(NotFixed, match="opset 11"):
        answer("AveragePool", row(1, 2, 3, 4, 5), opset=11, **attributes)
    assert answer("AveragePool", row(1, 2, 3, 4, 5, 6), opset=11, **attributes).shape[2] == 3
    assert answer("AveragePool", row(1, 2, 3, 4, 5), opset=11, ceil_mode=1, **attributes).shape[2] == 3
    assert answer("AveragePool", row(1, 2, 3, 4, 5), opset=10, **attributes).shape[2] == 3


@pytest.mark.requirement("QREF-FP-026")
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int8"])
def test_padding_is_never_the_maximum(dtype: str) -> None:
    x = tensor([[[-3, -5]]], "int8") if dtype == "int8" else row(-3, -5, dtype=dtype)
    assert answer("MaxPool", x, kernel_shape=[3], pads=[2, 2])[0, 0].tolist() == [-3, -3, -3, -5]
    if dtype != "int8":
        low, places = answers("MaxPool", row(-math.inf, dtype=dtype), outputs=2, kernel_shape=[3], pads=[1, 1])
        assert (decode(low).tolist(), places.data.tolist()) == ([[[-math.inf]]], [[[0]]])


@pytest.mark.requirement("QREF-FP-026")
def test_maxima_of_every_type() -> None:
    big = 1 + 2.0**-52
    assert answer("MaxPool", tensor([[[1.0, big]]], "float64"), kernel_shape=[2])[0, 0].tolist() == [big]
    assert answer("MaxPool", tensor([[[0, 255]]], "uint8"), opset=12, kernel_shape=[2])[0, 0].tolist() == [255]
    with pytest.raises(InvalidInput, match="X is int8"):
        answer("MaxPool", tensor([[[0, 1]]], "int8"), opset=11, kernel_shape=[2])
    with pytest.raises(Unsupported, match="float64"):
        answer("AveragePool", tensor([[[1.0, big]]], "float64"), kernel_shape=[2])


@pytest.mark.requirement("QREF-FP-027", "QREF-FP-028")
def test_indices_that_the_text_leaves_open() -> None:
    x = floats([[[[1, 1], [0, 1]]], [[[0, 2], [2, 0]]]])  # two images

    def ways(order: int) -> tuple[Any, dict[str, list[Any]]]:
        request = Request("MaxPool", "", 12, {"kernel_shape": [2, 2], "storage_order": order}, (x,), 2)
        found: dict[str, list[Any]] = {}
        for reason, outputs in alternatives(request):
            found.setdefault(reason, []).append(outputs[1].data.ravel().tolist())
        return run(request)[1].data.ravel().tolist(), found

    golden, open_ways = ways(0)
    assert golden == [0, 5]
    assert open_ways == {"another of equal maxima": [[1, 6], [3, 5]]}
    golden, open_ways = ways(1)
    # n + 2·(h + 2·w): places (0,0), (0,1), (1,1) of the first image, (1,0), (0,1) of the second
    assert golden == [0, 3]
    assert open_ways["another of equal maxima"] == [[4, 5], [6, 3]]
    # 4·n + h + 2·w
    assert open_ways["column-major in the spatial dimensions alone"] == [[0, 5], [2, 6], [3, 5]]


def test_one_output_has_no_alternatives_but_itself() -> None:
    request = Request("MaxPool", "", 12, {"kernel_shape": [2]}, (row(1, 1),), 1)
    assert all(len(outputs) == 1 for _, outputs in alternatives(request))


@pytest.mark.requirement("QREF-FP-026", "QREF-FP-023")
@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
def test_a_window_without_elements_is_open(op: str) -> None:
    with pytest.raises(NotFixed, match="no element"):
        answer(op, row(1, 2), opset=19 if op == "AveragePool" else 12, kernel_shape=[1], pads=[1, 0])
    with pytest.raises(NotFixed, match="NaN"):
        answer("MaxPool", row(1, math.nan), kernel_shape=[1])


@pytest.mark.requirement("QREF-FP-025", "QREF-FS-006")
def test_the_tolerance_of_an_average() -> None:
    x = row(3, -1, 4)
    [bound] = bounds(Request("AveragePool", "", 22, {"kernel_shape": [3]}, (x,)))
    n, M, y, u = 3 + 2, 8 / 3, 2.0, 2.0**-24
    assert bound.tolerance[0, 0, 0] == pytest.approx(n * u * M + 2 * u * y + n * 2.0**-149, rel=1e-6)
    assert not bound.overflow.any()
    # the average of two numbers of a third of the largest is no overflow, their sum may be one
    third = row(65504 / 3, 65504 / 3, dtype="float16")
    [bound] = bounds(Request("AveragePool", "", 22, {"kernel_shape": [2]}, (third,)))
    assert bound.overflow.all()
    [bound] = bounds(Request("GlobalAveragePool", "", 1, {}, (third,)))
    assert bound.overflow.all()


@pytest.mark.requirement("QREF-FP-029", "QREF-FP-007")
@given(
    shape=st.lists(st.integers(1, 4), min_size=3, max_size=5), dtype=st.sampled_from(DTYPES), seed=st.integers(0, 99)
)
def test_global_average_pool_is_a_pool_as_large_as_the_image(shape: list[int], dtype: str, seed: int) -> None:
    x = fill(random.Random(seed), dtype, shape)
    y = answer("GlobalAveragePool", x, opset=22)
    assert y.shape == (*shape[:2], *[1] * (len(shape) - 2))
    assert y.tolist() == answer("AveragePool", x, kernel_shape=shape[2:]).tolist()


@pytest.mark.requirement("QREF-FP-007")
def test_no_image() -> None:
    nothing = floats(np.ones((0, 2, 3, 3)))
    assert answer("GlobalAveragePool", nothing).shape == (0, 2, 1, 1)
    assert answer("AveragePool", nothing, kernel_shape=[2, 2]).shape == (0, 2, 2, 2)
    y, indices = answers("MaxPool", nothing, outputs=2, kernel_shape=[2, 2])
    assert y.shape == indices.shape == (0, 2, 2, 2)
    with pytest.raises(NotFixed, match="no pixels"):
        answer("GlobalAveragePool", floats(np.ones((1, 2, 0))))


@pytest.mark.requirement("QREF-FP-030")
@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ({}, "kernel_shape is missing"),
        ({"kernel_shape": [2]}, "kernel_shape"),
        ({"kernel_shape": [2, 0]}, "kernel_shape"),
        ({"kernel_shape": [2, 2], "strides": [1]}, "strides"),
        ({"kernel_shape": [2, 2], "pads": [1, 1]}, "pads"),
        ({"kernel_shape": [2, 2], "pads": [0, 0, 0, -1]}, "pads"),
        ({"kernel_shape": [2, 2], "pads": [0, 0, 0, 0], "auto_pad": "VALID"}, "cannot be used together"),
        ({"kernel_shape": [2, 2], "auto_pad": "SAME"}, "auto_pad"),
        ({"kernel_shape": [4, 2]}, "fits nowhere"),
    ],
)
def test_what_the_texts_rule_out(op: str, attributes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        answer(op, floats(np.ones((1, 1, 3, 3))), **attributes)


@pytest.mark.requirement("QREF-FP-030")
def test_attributes_come_with_their_opsets() -> None:
    x = row(1, 2, 3)
    for op, opset, name, value in (
        ("MaxPool", 8, "dilations", [1]), ("MaxPool", 8, "ceil_mode", 1), ("MaxPool", 1, "storage_order", 1),
        ("AveragePool", 11, "dilations", [1]), ("AveragePool", 7, "ceil_mode", 1),
        ("AveragePool", 1, "count_include_pad", 1),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match="has no attribute"):
            answer(op, x, opset=opset, kernel_shape=[2], **{name: value})
    with pytest.raises(InvalidInput, match="storage_order"):
        answer("MaxPool", x, kernel_shape=[2], storage_order=2)
    with pytest.raises(InvalidInput, match="rank 2"):
        answer("MaxPool", floats([[1.0]]), kernel_shape=[])
    with pytest.raises(InvalidInput, match="rank 2"):
        answer("GlobalAveragePool", floats([[1.0]]))
