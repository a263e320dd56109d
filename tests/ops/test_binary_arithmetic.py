"""Add, Sub, Mul and Div against exact rationals, element by element."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.onnx import add, div, mul, sub

OPERATORS: dict[str, tuple[Callable[..., Tensor], Callable[[Any, Any], Any]]] = {
    "Add": (add.add, lambda a, b: a + b),
    "Sub": (sub.sub, lambda a, b: a - b),
    "Mul": (mul.mul, lambda a, b: a * b),
    "Div": (div.div, lambda a, b: a / b),
}
BOUNDS = {"Add": add.bound, "Sub": sub.bound, "Mul": mul.bound, "Div": div.bound}
DTYPES = ("float32", "float16", "bfloat16")


def f(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def number(dtype: str) -> st.SearchStrategy[float]:
    """A finite number of a type, subnormal ones and the largest included."""
    anything = st.floats(width=16 if dtype == "float16" else 32, allow_nan=False, allow_infinity=False)
    return anything.map(lambda v: float(decode(f(v, dtype)))).filter(math.isfinite)


@pytest.mark.requirement("QREF-FE-002")
@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_one_rounding_of_the_exact_result(op: str, dtype: str, nearest: Any, data: st.DataObject) -> None:
    function, exact = OPERATORS[op]
    a, b = data.draw(number(dtype)), data.draw(number(dtype))
    if op == "Div" and b == 0:
        return
    y = float(decode(function(f(a, dtype), f(b, dtype))))
    assert y == nearest(exact(Fraction(a), Fraction(b)), dtype)


@pytest.mark.requirement("QREF-FE-002")
def test_ties_go_to_even() -> None:
    ulp = 2.0**-23
    assert add.add(f([1.0, 1.0 + ulp]), f(ulp / 2)).data.tolist() == [1.0, 1.0 + 2 * ulp]
    assert mul.mul(f(1 + ulp), f(1.5)).data == np.float32(1.5 + 2 * ulp), "1.5 + 1.5 ulp lies between two numbers"
    assert div.div(f([1.0, 3.0], "float16"), f(2.0**14, "float16")).data.tolist() == [2.0**-14, 3 * 2.0**-14]
    assert div.div(f(3 * 2.0**-149), f(2.0)).data == np.float32(2 * 2.0**-149), "ties below the normal range as well"


@pytest.mark.requirement("QREF-FE-003")
def test_infinities_nan_and_the_sign_of_zero() -> None:
    inf = math.inf
    assert np.isnan(add.add(f(inf), f(-inf)).data) and np.isnan(sub.sub(f(inf), f(inf)).data)
    assert np.isnan(mul.mul(f(0.0), f(inf)).data) and np.isnan(div.div(f(0.0), f(-0.0)).data)
    assert div.div(f([1.0, -1.0, 1.0]), f([0.0, 0.0, -0.0])).data.tolist() == [inf, -inf, -inf]
    negative = [add.add(f(-0.0), f(-0.0)), mul.mul(f(-1.0), f(0.0)), div.div(f(-0.0), f(2.0)), sub.sub(f(-0.0), f(0.0))]
    positive = [add.add(f(-0.0), f(0.0)), add.add(f(1.5), f(-1.5)), sub.sub(f(2.0), f(2.0)), mul.mul(f(-1.0), f(-0.0))]
    assert [math.copysign(1, y.data) for y in negative] == [-1] * 4
    assert [math.copysign(1, y.data) for y in positive] == [1] * 4


@pytest.mark.requirement("QREF-FE-001")
@pytest.mark.parametrize(
    ("a", "b", "y"),
    [
        ((2, 3), (3,), (2, 3)),
        ((2, 1), (1, 3), (2, 3)),
        ((), (2, 2), (2, 2)),
        ((2, 3, 1), (4,), (2, 3, 4)),
        ((0, 3), (1, 3), (0, 3)),
        ((1,), (0,), (0,)),
        ((), (), ()),
    ],
)
def test_broadcasting(a: tuple[int, ...], b: tuple[int, ...], y: tuple[int, ...]) -> None:
    left = np.arange(np.prod(a)).reshape(a)
    right = 10.0 * np.arange(np.prod(b)).reshape(b)
    result = add.add(f(left), f(right))
    assert result.shape == y
    for i in np.ndindex(*y):
        at = [tuple(k if n > 1 else 0 for k, n in zip(i[len(i) - len(s) :], s, strict=True)) for s in (a, b)]
        assert result.data[i] == left[at[0]] + right[at[1]]


@pytest.mark.requirement("QREF-FE-006")
@pytest.mark.parametrize("op", OPERATORS)
def test_what_the_texts_rule_out(op: str) -> None:
    function, _ = OPERATORS[op]
    for a, b in (((2, 3), (2,)), ((4,), (2, 3)), ((0,), (2,))):
        with pytest.raises(InvalidInput, match="do not broadcast"):
            function(f(np.ones(a)), f(np.ones(b)))
    with pytest.raises(InvalidInput, match="must be the same"):
        function(f(1.0), f(1.0, "float16"))
    with pytest.raises(InvalidInput, match="this operator and opset take"):
        function(tensor(1, "int8"), tensor(1, "int8"), opset=13)
    with pytest.raises(Unsupported):
        function(tensor(1.0, "float64"), tensor(1.0, "float64"))


@pytest.mark.requirement("QREF-FE-005")
@given(a=st.integers(-128, 127), b=st.integers(-128, 127))
def test_integers_are_exact_or_open(a: int, b: int) -> None:
    for op in ("Add", "Sub", "Mul"):
        function, exact = OPERATORS[op]
        inputs = tensor(a, "int8"), tensor(b, "int8")
        if -128 <= exact(a, b) <= 127:
            assert function(*inputs).data == exact(a, b)
        else:
            with pytest.raises(NotFixed, match="overflow"):
                function(*inputs)


@pytest.mark.requirement("QREF-FE-005")
def test_integers_that_no_float64_holds() -> None:
    assert int(add.add(tensor(2**62, "int64"), tensor(1, "int64")).data) == 2**62 + 1
    most = Tensor("uint64", np.array(2**64 - 1, np.uint64))
    assert int(mul.mul(most, Tensor("uint64", np.array(1, np.uint64))).data) == 2**64 - 1


@pytest.mark.requirement("QREF-FE-004")
def test_integer_quotients_are_truncated() -> None:
    a, b = tensor([7, -7, 7, -7, 1, -1], "int32"), tensor([2, 2, -2, -2, 3, 3], "int32")
    assert div.div(a, b).data.tolist() == [3, -3, -3, 3, 0, 0]
    assert int(div.div(tensor(3 * (2**53 + 1), "int64"), tensor(3, "int64")).data) == 2**53 + 1
    for inputs in ((tensor(1, "int32"), tensor(0, "int32")), (tensor(-(2**31), "int32"), tensor(-1, "int32"))):
        with pytest.raises(NotFixed):
            div.div(*inputs)


@pytest.mark.requirement("QREF-FS-004")
@pytest.mark.parametrize("op", OPERATORS)
def test_nothing_but_the_golden_result_or_flushing(op: str) -> None:
    """No tolerance; subnormal operands and results may count as zero."""
    tiny = 2.0**-130
    a, b = f([1.5, 2.0**-126, tiny, 3.0]), f([1.25, 1.5 * 2.0**-126, 2.0**10, tiny])
    [bound] = BOUNDS[op](a, b, opset=14)
    flushed = dict(bound.wider)["subnormal numbers flushed to zero"]
    golden = decode(OPERATORS[op][0](a, b))
    assert not bound.tolerance.any()
    assert flushed[0] == 0
    zeroed = [f(np.where(np.abs(decode(x)) < 2.0**-126, 0.0, decode(x))) for x in (a, b)]
    for result in (decode(OPERATORS[op][0](*zeroed)), np.where(np.abs(golden) < 2.0**-126, 0.0, golden)):
        with np.errstate(invalid="ignore"):
            assert ((np.abs(result - golden) <= flushed) | (result == golden) | np.isinf(flushed)).all()


@pytest.mark.requirement("QREF-FE-002")
@given(a=st.floats(1, 2, width=32), b=st.floats(1, 2, width=32))
def test_a_reciprocal_lies_within_two_units(a: float, b: float) -> None:
    [bound] = div.bound(f(a), f(b), opset=14)
    by_reciprocal = np.float32(a) * (np.float32(1) / np.float32(b))
    golden = float(div.div(f(a), f(b)).data)
    assert abs(float(by_reciprocal) - golden) <= dict(bound.wider)["a product with the rounded reciprocal"]


def test_integers_have_no_bound() -> None:
    for bound in BOUNDS.values():
        assert bound(tensor([4], "int32"), tensor([2], "int32"), opset=14) is None
