"""Conv and ConvTranspose of floats against loops over every tap in exact rationals."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import bounds, run
from qref.ops.bound import TRANSFORMED
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]
DTYPES = ("float32", "float16", "bfloat16")


def ask(op: str, *inputs: Tensor | None, opset: int = 22, **attributes: Any) -> Request:
    return Request(op, "", opset, attributes, inputs)


def answer(op: str, *inputs: Tensor | None, opset: int = 22, **attributes: Any) -> NDArray[Any]:
    return decode(run(ask(op, *inputs, opset=opset, **attributes))[0])


def floats(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def fill(rng: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    """Numbers with all their bits in use, of sizes up to 2^12 apart, zeros among them."""
    count = int(np.prod(shape))
    values = [rng.choice((0, 1, -1, 1, -1)) * (1 + rng.random()) * 2.0 ** rng.randint(-8, 4) for _ in range(count)]
    return floats(np.array(values).reshape(shape), dtype)


def fractions(x: Tensor) -> NDArray[Any]:
    return np.vectorize(Fraction, otypes=[object])(decode(x)) if x.data.size else decode(x).astype(object)


def rounded(y: NDArray[Any], dtype: str, nearest: Nearest) -> list[Any]:
    return np.vectorize(lambda v: nearest(Fraction(v), dtype), otypes=[float])(y).tolist() if y.size else y.tolist()


@st.composite
def geometries(draw: st.DrawFn) -> dict[str, Any]:
    n = draw(st.integers(1, 3))
    most = {1: 8, 2: 4, 3: 3}[n]

    def lengths(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=n, max_size=n))

    return {
        "kernel": lengths(1, 3),
        "strides": lengths(1, 3),
        "dilations": lengths(1, 2),
        "begin": lengths(0, 3),
        "end": lengths(0, 3),
        "image": lengths(1, most),
        "group": draw(st.integers(1, 3)),
        "per_group": (draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        "images": draw(st.integers(1, 2)),
        "dtype": draw(st.sampled_from(DTYPES)),
        "bias": draw(st.booleans()),
        "rng": random.Random(draw(st.integers(0, 2**32))),
    }


@pytest.mark.requirement("QREF-FP-001", "QREF-FP-002", "QREF-FP-003", "QREF-FP-005", "QREF-FP-006")
@given(g=geometries())
def test_conv_is_the_exact_sum_over_every_tap(nearest: Nearest, g: dict[str, Any]) -> None:
    n, G, (C_g, M_g) = len(g["kernel"]), g["group"], g["per_group"]
    extent = [(g["kernel"][i] - 1) * g["dilations"][i] + 1 for i in range(n)]
    image = [max(g["image"][i], extent[i] - g["begin"][i] - g["end"][i]) for i in range(n)]
    x = fill(g["rng"], g["dtype"], [g["images"], G * C_g, *image])
    w = fill(g["rng"], g["dtype"], [G * M_g, C_g, *g["kernel"]])
    b = fill(g["rng"], g["dtype"], [G * M_g])
    starts = [range(-g["begin"][i], image[i] + g["end"][i] - extent[i] + 1, g["strides"][i]) for i in range(n)]
    X, W, B = fractions(x), fractions(w), fractions(b)
    y = np.zeros((g["images"], G * M_g, *map(len, starts)), object)
    for k, m, *p in np.ndindex(*y.shape):
        y[(k, m, *p)] = B[m] if g["bias"] else Fraction(0)
        for c, *r in product(range(C_g), *map(range, g["kernel"])):
            at = [starts[i][p[i]] + r[i] * g["dilations"][i] for i in range(n)]
            if all(0 <= at[i] < image[i] for i in range(n)):
                y[(k, m, *p)] += X[(k, m // M_g * C_g + c, *at)] * W[(m, c, *r)]
    attributes = {"strides": g["strides"], "dilations": g["dilations"], "pads": g["begin"] + g["end"], "group": G}
    found = answer("Conv", x, w, *([b] if g["bias"] else []), **attributes)
    assert found.tolist() == rounded(y, g["dtype"], nearest)


@pytest.mark.requirement("QREF-FP-010", "QREF-FP-011", "QREF-FP-012")
@given(g=geometries(), data=st.data())
def test_conv_transpose_scatters_every_pixel(nearest: Nearest, g: dict[str, Any], data: st.DataObject) -> None:
    n, G, (C_g, M_g), s, d = len(g["kernel"]), g["group"], g["per_group"], g["strides"], g["dilations"]
    added = [data.draw(st.integers(0, max(s[i], d[i]) - 1)) for i in range(n)]
    whole = [s[i] * (g["image"][i] - 1) + (g["kernel"][i] - 1) * d[i] + 1 + added[i] for i in range(n)]
    begin = [min(g["begin"][i], whole[i] - 1) for i in range(n)]
    end = [min(g["end"][i], whole[i] - 1 - begin[i]) for i in range(n)]
    x = fill(g["rng"], g["dtype"], [g["images"], G * C_g, *g["image"]])
    w = fill(g["rng"], g["dtype"], [G * C_g, M_g, *g["kernel"]])
    b = fill(g["rng"], g["dtype"], [G * M_g])
    X, W, B = fractions(x), fractions(w), fractions(b)
    y = np.zeros((g["images"], G * M_g, *whole), object) + Fraction(0)
    for k, c, *p in np.ndindex(*X.shape):
        for m, *r in np.ndindex(*W.shape[1:]):
            at = [s[i] * p[i] + d[i] * r[i] for i in range(n)]
            y[(k, c // C_g * M_g + m, *at)] += X[(k, c, *p)] * W[(c, m, *r)]
    if g["bias"]:
        y = y + B.reshape(-1, *[1] * n)
    y = y[(slice(None), slice(None), *(slice(begin[i], whole[i] - end[i]) for i in range(n)))]
    attributes = {"strides": s, "dilations": d, "pads": begin + end, "group": G, "output_padding": added}
    found = answer("ConvTranspose", x, w, *([b] if g["bias"] else []), **attributes)
    assert found.tolist() == rounded(y, g["dtype"], nearest)


@pytest.mark.requirement("QREF-FP-001")
def test_the_slides_example() -> None:
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    kernel = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert answer("Conv", floats([[image]]), floats([[kernel]])).tolist() == [[[[4, 3, 4], [2, 4, 3], [2, 3, 4]]]]


@pytest.mark.requirement("QREF-FP-001", "QREF-FP-010")
@pytest.mark.parametrize("mode", ["valid", "full"])
def test_scipy_correlates_and_convolves(mode: str) -> None:
    rng = np.random.default_rng(1)
    image, kernel = rng.integers(-9, 9, (6, 7)), rng.integers(-9, 9, (3, 2))
    pads = [2, 1, 2, 1] if mode == "full" else [0, 0, 0, 0]
    found = answer("Conv", floats(image[None, None]), floats(kernel[None, None]), pads=pads)
    assert found[0, 0].tolist() == scipy.signal.correlate2d(image, kernel, mode).tolist()
    turned = answer("ConvTranspose", floats(image[None, None]), floats(kernel[None, None]))
    assert turned[0, 0].tolist() == scipy.signal.convolve2d(image, kernel, "full").tolist()


@pytest.mark.requirement("QREF-FP-002")
def test_padding_adds_nothing_but_beside_an_infinite_weight() -> None:
    x = floats([[[1.0, 2.0]]])
    assert answer("Conv", x, floats([[[3.0, 1.0]]]), pads=[1, 0]).tolist() == [[[1.0, 5.0]]]
    assert answer("Conv", x, floats([[[np.inf, 1.0]]])).tolist() == [[[np.inf]]]
    with pytest.raises(NotFixed, match="padding meets a weight"):
        answer("Conv", x, floats([[[np.inf, 1.0]]]), pads=[1, 0])


@pytest.mark.requirement("QREF-FP-004")
@pytest.mark.parametrize(
    ("auto_pad", "expected"),
    [("SAME_UPPER", [3, 5, 7, 4]), ("SAME_LOWER", [1, 3, 5, 7]), ("VALID", [3, 5, 7])],
)
def test_the_odd_padding_element(auto_pad: str, expected: list[float]) -> None:
    assert answer("Conv", floats([[[1, 2, 3, 4]]]), floats([[[1, 1]]]), auto_pad=auto_pad)[0, 0].tolist() == expected


@pytest.mark.requirement("QREF-FP-004")
def test_same_counts_the_dilated_kernel_and_strides() -> None:
    x, w = floats(np.arange(1.0, 8)[None, None]), floats([[[1.0, 10.0, 100.0]]])
    # ⌈7/3⌉ = 3 windows of length 5 every 3: (3 − 1)·3 + 5 − 7 = 4 elements of padding, 2 before
    y = answer("Conv", x, w, auto_pad="SAME_UPPER", dilations=[2], strides=[3])
    assert y[0, 0].tolist() == [0 + 10 * 1 + 100 * 3, 2 + 10 * 4 + 100 * 6, 5 + 10 * 7 + 0]
    # a stride beyond the kernel asks for less than nothing
    assert answer("Conv", x, floats([[[1.0]]]), auto_pad="SAME_UPPER", strides=[4])[0, 0].tolist() == [1, 5]


@pytest.mark.requirement("QREF-FP-007")
def test_outputs_without_elements_and_sums_without_terms() -> None:
    assert answer("Conv", floats(np.ones((0, 2, 3, 3))), floats(np.ones((4, 2, 2, 2)))).shape == (0, 4, 2, 2)
    assert answer("ConvTranspose", floats(np.ones((0, 2, 3))), floats(np.ones((2, 4, 2)))).shape == (0, 4, 4)
    no_channel = answer("Conv", floats(np.ones((1, 0, 3))), floats(np.ones((2, 0, 2))), floats([5.0, -1.0]))
    assert no_channel.tolist() == [[[5, 5], [-1, -1]]]


@pytest.mark.requirement("QREF-FP-008")
def test_the_tolerance_counts_taps_on_the_image() -> None:
    x, w, b = floats(np.ones((1, 2, 3))), floats(np.ones((1, 2, 3))), floats([1.0])
    [bound] = bounds(ask("Conv", x, w, b, pads=[1, 1]))
    n, M = np.array([6, 8, 6]), np.array([5.0, 7.0, 5.0])
    assert np.allclose(bound.tolerance[0, 0], n * 2.0**-24 * M + 2 * 2.0**-24 * M + n * 2.0**-149, rtol=1e-15)


@pytest.mark.requirement("QREF-FP-008")
def test_winograds_bound_is_for_its_geometries() -> None:
    x, w = floats(np.full((1, 1, 4, 4), 3.0)), floats(np.full((2, 1, 3, 3), 0.5))
    [bound] = bounds(ask("Conv", x, w))
    # n = 9 products and one more, X = 3, W = 4.5, y = 13.5
    y, n = 13.5, 10
    expected = 16 * n * 2.0**-24 * 3 * 4.5 + 2 * 2.0**-24 * y + n * 2.0**-149
    assert dict(bound.wider)[TRANSFORMED][0, 0, 0, 0] == pytest.approx(expected, rel=1e-12)
    for attributes in ({"strides": [2, 1]}, {"dilations": [1, 2], "pads": [1, 1, 1, 1]}):
        [plain] = bounds(ask("Conv", x, w, **attributes))
        assert TRANSFORMED not in dict(plain.wider)
    [two] = bounds(ask("Conv", x, floats(np.ones((1, 1, 2, 3)))))
    assert TRANSFORMED not in dict(two.wider)


@pytest.mark.requirement("QREF-FP-009", "QREF-FP-005", "QREF-FP-006")
@pytest.mark.parametrize(
    ("op", "shapes", "attributes", "complaint"),
    [
        ("Conv", [(1, 2, 4), (1, 3, 2)], {}, "channels"),
        ("Conv", [(1, 4, 4), (3, 2, 2)], {"group": 2}, "does not divide"),
        ("Conv", [(1, 2, 4), (1, 2, 2, 2)], {}, "rank"),
        ("Conv", [(1, 2, 4), (3, 2, 2), (2,)], {}, "one number an output channel"),
        ("Conv", [(1, 2, 4), (3, 2, 2), (3, 1)], {}, "one number an output channel"),
        ("Conv", [(1, 2, 4), (3, 2, 2)], {"kernel_shape": [3]}, "kernel_shape"),
        ("Conv", [(1, 2, 4), (3, 2, 2)], {"pads": [1]}, "pads"),
        ("Conv", [(1, 2, 4), (3, 2, 2)], {"pads": [1, 1], "auto_pad": "VALID"}, "cannot be used together"),
        ("ConvTranspose", [(1, 2, 4), (3, 2, 2)], {}, "channels"),
        ("ConvTranspose", [(1, 4, 4), (4, 2, 2)], {"group": 3}, "does not divide"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2), (2,)], {}, "one number an output channel"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"kernel_shape": [3]}, "kernel_shape"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"output_padding": [1]}, "output_padding"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"pads": [3, 3]}, "leave nothing"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"pads": [0, 0, 0]}, "pads"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"auto_pad": "SAME"}, "auto_pad"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"pads": [0, 0], "auto_pad": "VALID"}, "cannot be used together"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2, 2)], {}, "rank"),
        ("ConvTranspose", [(1, 2, 4), (2, 1, 2)], {"output_shape": [5, 5]}, "output_shape"),
    ],
)
def test_what_the_text_rules_out(op: str, shapes: list[Any], attributes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        answer(op, *(floats(np.ones(shape)) for shape in shapes), **attributes)


@pytest.mark.requirement("QREF-FP-009")
@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
def test_types(op: str) -> None:
    x, w = np.ones((1, 1, 2)), np.ones((1, 1, 2))
    with pytest.raises(InvalidInput, match="must be the same"):
        answer(op, floats(x), floats(w, "float16"))
    with pytest.raises(InvalidInput, match="take float16"):
        answer(op, floats(x, "bfloat16"), floats(w, "bfloat16"), opset=11)
    with pytest.raises(Unsupported, match="float64"):
        answer(op, tensor(x, "float64"), tensor(w, "float64"))


# an image of one pixel shows where the kernel 1 2 3 4 is cut
ONE, FOUR = floats([[[1.0]]]), floats([[[1.0, 2.0, 3.0, 4.0]]])


@pytest.mark.requirement("QREF-FP-013", "QREF-FP-014")
@pytest.mark.parametrize(
    ("opset", "attributes", "expected"),
    [
        (11, {"output_shape": [1]}, [3]),  # 3 elements too many: 2 from the beginning
        (1, {"output_shape": [1]}, [2]),  # opset 1: 2 from the end
        (11, {"output_shape": [1], "auto_pad": "SAME_UPPER"}, [2]),
        (11, {"output_shape": [1], "auto_pad": "SAME_LOWER"}, [3]),
        (11, {"auto_pad": "SAME_UPPER"}, [2]),
        (11, {"auto_pad": "SAME_LOWER"}, [3]),
        (1, {"output_shape": [2]}, [2, 3]),
        (11, {"output_shape": [3], "pads": [1, 1]}, [2, 3, 4]),  # pads are ignored
        (11, {"auto_pad": "VALID"}, [1, 2, 3, 4]),
        (11, {"auto_pad": "SAME_UPPER", "strides": [3]}, [1, 2, 3]),
        (11, {"output_shape": [3], "output_padding": [1], "strides": [2]}, [2, 3, 4]),
    ],
)
def test_where_the_padding_comes_from(opset: int, attributes: dict[str, Any], expected: list[float]) -> None:
    assert answer("ConvTranspose", ONE, FOUR, opset=opset, **attributes)[0, 0].tolist() == expected


@pytest.mark.requirement("QREF-FP-012")
def test_output_padding_is_computed() -> None:
    x, w = floats([[[1.0, 2.0]]]), floats([[[1.0, 10.0, 100.0]]])
    whole = [1, 10, 100 + 2, 20, 200]
    assert answer("ConvTranspose", x, w, strides=[2])[0, 0].tolist() == whole
    padded = answer("ConvTranspose", x, w, strides=[2], pads=[1, 1], output_padding=[1])
    assert padded[0, 0].tolist() == whole[1:]
    beyond = answer("ConvTranspose", x, w, floats([0.5]), strides=[2], output_padding=[1])
    assert beyond[0, 0].tolist() == [v + 0.5 for v in [*whole, 0]]


@pytest.mark.requirement("QREF-FP-013")
@pytest.mark.parametrize(
    ("opset", "attributes"),
    [
        (11, {"output_shape": [5]}),
        (11, {"auto_pad": "SAME_UPPER", "strides": [5]}),
        (11, {"auto_pad": "VALID", "output_shape": [3]}),
        (1, {"auto_pad": "SAME_LOWER"}),
        (1, {"auto_pad": "SAME_UPPER", "output_shape": [1]}),
    ],
)
def test_padding_that_no_text_fixes(opset: int, attributes: dict[str, Any]) -> None:
    with pytest.raises(NotFixed):
        answer("ConvTranspose", ONE, FOUR, opset=opset, **attributes)


@pytest.mark.requirement("QREF-FS-005", "QREF-FP-008")
@given(g=geometries())
def test_sums_in_float32_stay_within_the_tolerance(g: dict[str, Any]) -> None:
    n, G, (C_g, M_g) = len(g["kernel"]), g["group"], g["per_group"]
    x = fill(g["rng"], "float32", [1, G * C_g, *(k + 2 for k in g["kernel"])])
    w = fill(g["rng"], "float32", [G * M_g, C_g, *g["kernel"]])
    request = ask("Conv", x, w, group=G, pads=[1] * 2 * n)
    [bound], golden = bounds(request), decode(run(request)[0])
    padded = np.pad(x.data, [(0, 0), (0, 0), *[(1, 1)] * n])
    for m, *p in np.ndindex(*golden.shape[1:]):
        window = padded[
            (0, slice(m // M_g * C_g, (m // M_g + 1) * C_g), *(slice(q, q + k) for q, k in zip(p, g["kernel"])))
        ]
        products = (window * w.data[m]).ravel()
        g["rng"].shuffle(order := list(range(len(products))))
        total = np.float32(0)
        for k in order:
            total = np.float32(total + products[k])
        assert abs(float(total) - golden[(0, m, *p)]) <= bound.tolerance[(0, m, *p)]
