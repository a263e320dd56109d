"""MatMul and Gemm of floats and integers against exact rationals and Python integers."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.errors import InvalidInput, NotFixed, Unsupported
from qref.numerics.floats import decode, encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops import bounds, run
from qref.ops.bound import FLUSHED, NARROW
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]
DTYPES = ("float32", "float16", "bfloat16")
INTEGERS = ("int32", "int64", "uint32", "uint64")


def ask(op: str, *inputs: Tensor | None, opset: int = 13, **attributes: Any) -> Request:
    return Request(op, "", opset, attributes, inputs)


def answer(op: str, *inputs: Tensor | None, opset: int = 13, **attributes: Any) -> Tensor:
    return run(ask(op, *inputs, opset=opset, **attributes))[0]


def floats(values: Any, dtype: str = "float32") -> Tensor:
    return encode(np.asarray(values, np.float64), dtype)


def fill(rng: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    count = int(np.prod(shape))
    values = [rng.choice((0, 1, -1, 1, -1)) * (1 + rng.random()) * 2.0 ** rng.randint(-9, 4) for _ in range(count)]
    return floats(np.array(values).reshape(shape), dtype)


def exactly(x: Tensor) -> Any:
    return np.vectorize(Fraction, otypes=[object])(decode(x)) if x.data.size else decode(x).astype(object)


def rounded(y: Any, dtype: str, nearest: Nearest) -> Any:
    y = np.asarray(y, object)
    return np.array([nearest(Fraction(v), dtype) for v in y.ravel()], np.float64).reshape(y.shape)


SHAPES = [
    ((2, 3), (3, 4)), ((3,), (3, 2)), ((2, 3), (3,)), ((4,), (4,)), ((2, 2, 3), (3, 2)), ((3, 2), (2, 2, 3)),
    ((2, 1, 2, 3), (3, 3, 1)), ((2, 2, 3), (3,)), ((2,), (2, 2, 3)), ((2, 0), (0, 3)), ((0, 2), (2, 3)),
    ((2, 3), (3, 0)),
]  # fmt: skip


@pytest.mark.requirement("QREF-FP-015", "QREF-FP-007", "QREF-FS-001")
@pytest.mark.parametrize(("a", "b"), SHAPES)
@given(seed=st.integers(0, 2**32), dtype=st.sampled_from(DTYPES))
def test_mat_mul_is_the_exact_product(
    nearest: Nearest, a: tuple[int, ...], b: tuple[int, ...], seed: int, dtype: str
) -> None:
    rng = random.Random(seed)
    A, B = fill(rng, dtype, a), fill(rng, dtype, b)
    y = answer("MatMul", A, B)
    assert y.dtype == dtype
    assert y.shape == np.matmul(np.zeros(a), np.zeros(b)).shape
    exact = np.matmul(exactly(A), exactly(B)) if a[-1] else np.zeros(y.shape, object)
    assert np.array_equal(decode(y), rounded(exact, dtype, nearest))


@pytest.mark.requirement("QREF-FP-016")
@pytest.mark.parametrize("dtype", INTEGERS)
@given(data=st.data())
def test_integers_are_exact_and_wrap(dtype: str, data: st.DataObject) -> None:
    bits, signed = int(dtype[-2:]), dtype[0] == "i"
    numbers = st.integers(-(2 ** (bits - 1)) if signed else 0, 2 ** (bits - signed) - 1) | st.integers(0, 9)
    a, b = (data.draw(st.lists(numbers, min_size=3, max_size=3)) for _ in range(2))
    y = answer("MatMul", tensor([a], dtype), tensor([[v] for v in b], dtype), opset=9)
    exact = sum(p * q for p, q in zip(a, b))
    half = 2 ** (bits - 1) if signed else 0
    assert int(y.data[0, 0]) == (exact + half) % 2**bits - half
    assert bounds(ask("MatMul", tensor([a], dtype), tensor([[v] for v in b], dtype))) is None


@pytest.mark.requirement("QREF-FP-017", "QREF-FP-018")
@given(
    seed=st.integers(0, 2**32),
    dtype=st.sampled_from(DTYPES),
    transA=st.integers(0, 1),
    transB=st.integers(0, 1),
    factors=st.tuples(st.sampled_from([1.0, 0.5, -3.0, 0.1, 0.0]), st.sampled_from([1.0, 0.25, -0.7, 0.0])),
    c=st.sampled_from([None, (), (1,), (4,), (1, 4), (3, 1), (3, 4)]),
)
def test_gemm_is_the_exact_value(
    nearest: Nearest, seed: int, dtype: str, transA: int, transB: int, factors: tuple[float, float], c: Any
) -> None:
    rng = random.Random(seed)
    A = fill(rng, dtype, (2, 3) if transA else (3, 2))
    B = fill(rng, dtype, (4, 2) if transB else (2, 4))
    C = None if c is None else fill(rng, dtype, c)
    alpha, beta = (Fraction(float(np.float32(f))) for f in factors)
    left, right = exactly(A).T if transA else exactly(A), exactly(B).T if transB else exactly(B)
    exact = alpha * (left @ right) + (0 if C is None else beta * exactly(C))
    inputs = (A, B) if C is None else (A, B, C)
    y = answer("Gemm", *inputs, alpha=factors[0], beta=factors[1], transA=transA, transB=transB)
    assert np.array_equal(decode(y), rounded(exact, dtype, nearest))


@pytest.mark.requirement("QREF-FP-018")
def test_a_row_and_a_column_of_equal_length() -> None:
    zeros = floats(np.zeros((2, 2)))
    for c, expected in (([1, 2], [[1, 2], [1, 2]]), ([[1], [2]], [[1, 1], [2, 2]]), ([[1, 2]], [[1, 2], [1, 2]])):
        assert answer("Gemm", zeros, zeros, floats(c)).data.tolist() == expected


@pytest.mark.requirement("QREF-FP-018", "QREF-FP-019")
def test_c_through_the_opsets() -> None:
    a, b, row = floats(np.ones((2, 3))), floats(np.ones((3, 4))), floats([1.0, 2, 3, 4])
    assert answer("Gemm", a, b).data.tolist() == [[3] * 4] * 2
    assert answer("Gemm", a, b, row, opset=7).data[0].tolist() == [4, 5, 6, 7]
    assert answer("Gemm", a, b, row, opset=6, broadcast=1).data[0].tolist() == [4, 5, 6, 7]
    with pytest.raises(InvalidInput, match="without `broadcast`"):
        answer("Gemm", a, b, row, opset=6)
    with pytest.raises(InvalidInput, match="C is absent"):
        answer("Gemm", a, b, opset=9)
    with pytest.raises(InvalidInput, match="no attribute 'broadcast'"):
        answer("Gemm", a, b, row, opset=7, broadcast=1)


@pytest.mark.requirement("QREF-FP-017")
def test_integer_gemm() -> None:
    a, b, c = tensor([[1, 2]], "int32"), tensor([[3], [4]], "int32"), tensor([5], "int32")
    assert answer("Gemm", a, b, c, alpha=-2.0, beta=3.0).data.tolist() == [[-7]]
    with pytest.raises(NotFixed, match="fractions"):
        answer("Gemm", a, b, c, alpha=0.5)
    with pytest.raises(NotFixed, match="leaves uint32"):
        answer("Gemm", *(tensor(v.data, "uint32") for v in (a, b, c)), alpha=-2.0)


@pytest.mark.requirement("QREF-FP-019")
@pytest.mark.parametrize(
    ("op", "shapes", "attributes", "complaint"),
    [
        ("MatMul", [(2, 3), (4, 2)], {}, "inner lengths"),
        ("MatMul", [(2, 2, 3), (3, 3, 2)], {}, "do not broadcast"),
        ("MatMul", [(), (3, 2)], {}, "rank 1"),
        ("Gemm", [(2, 3), (4, 2)], {}, "inner lengths"),
        ("Gemm", [(2, 3), (3, 2)], {"transA": 1}, "inner lengths"),
        ("Gemm", [(1, 2, 3), (3, 2)], {}, "give matrices"),
        ("Gemm", [(2, 3), (3, 4), (3,)], {}, "broadcasts"),
        ("Gemm", [(1, 3), (3, 4), (2, 4)], {}, "broadcasts"),
        ("Gemm", [(2, 3), (3, 4), (1, 2, 4)], {}, "broadcasts"),
    ],
)
def test_what_the_texts_rule_out(op: str, shapes: list[Any], attributes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        answer(op, *(floats(np.ones(shape)) for shape in shapes), **attributes)


@pytest.mark.requirement("QREF-FP-019")
@pytest.mark.parametrize("op", ["MatMul", "Gemm"])
def test_types(op: str) -> None:
    one = np.ones((1, 1))
    with pytest.raises(InvalidInput, match="must be the same"):
        answer(op, floats(one), floats(one, "float16"))
    with pytest.raises(InvalidInput, match="this operator and opset take"):
        answer(op, *[floats(one, "bfloat16")] * (3 if op == "Gemm" else 2), opset=9)
    with pytest.raises(Unsupported, match="float64"):
        answer(op, tensor(one, "float64"), tensor(one, "float64"))


@pytest.mark.requirement("QREF-FS-005", "QREF-FP-017")
@given(seed=st.integers(0, 2**32), dtype=st.sampled_from(DTYPES), alpha=st.sampled_from([1.0, 0.3, -7.0]))
def test_gemm_in_float32_stays_within_the_tolerance(seed: int, dtype: str, alpha: float) -> None:
    rng = random.Random(seed)
    A, B, C = fill(rng, dtype, (3, 9)), fill(rng, dtype, (9, 2)), fill(rng, dtype, (2,))
    request = ask("Gemm", A, B, C, alpha=alpha, beta=0.1)
    [bound], golden = bounds(request), decode(run(request)[0])
    a, b, c = (decode(x).astype(np.float32) for x in (A, B, C))
    for order in (range(9), range(8, -1, -1)):
        total = np.zeros((3, 2), np.float32)
        for k in order:
            total = np.float32(total + a[:, k : k + 1] * b[k])
        y = decode(floats(np.float32(np.float32(alpha) * total) + np.float32(0.1) * c, dtype))
        assert (np.abs(y - golden) <= bound.tolerance).all()


@pytest.mark.requirement("QREF-FS-005")
def test_a_sum_kept_in_float16_is_acceptable_only_while_it_is_short() -> None:
    for K, acceptable in ((400, True), (1025, False)):
        a, b = floats(np.r_[1.0, np.full(K - 1, 2.0**-12)][None], "float16"), floats(np.ones((K, 1)), "float16")
        [bound] = bounds(ask("MatMul", a, b))
        golden, stuck = decode(answer("MatMul", a, b))[0, 0], 1.0
        wider = dict(bound.wider)
        assert bool(abs(stuck - golden) <= wider[NARROW][0, 0]) is acceptable
        assert abs(stuck - golden) > bound.tolerance[0, 0]
        assert FLUSHED in wider


@pytest.mark.requirement("QREF-FS-005")
def test_gemm_with_subnormal_operands_flushed_before_they_are_scaled() -> None:
    one, big = floats([[1.0]]), floats([[1000.0]])
    for A, B, C, attributes in (
        (floats([[1e-39]]), big, floats([[0.0]]), {"alpha": 1e20}),
        (floats([[0.0]]), one, floats([[1e-39]]), {"beta": 1e20}),
    ):
        request = ask("Gemm", A, B, C, **attributes)
        [bound], golden = bounds(request), decode(run(request)[0])
        assert golden > 0
        assert dict(bound.wider)[FLUSHED] >= golden
