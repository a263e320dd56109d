"""MatMulInteger and QLinearMatMul against three nested loops, in Python integers and exact rationals."""

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qref.errors import InvalidInput, NotFixed
from qref.numerics.tensor import Tensor, tensor
from qref.ops import alternatives, requantization, run
from qref.ops.request import Request

RANGES = {"int8": (-128, 127), "uint8": (0, 255)}


def mat_mul_integer(*inputs: Tensor | None) -> Tensor:
    return run(Request("MatMulInteger", "", 10, {}, inputs))[0]


def q_linear_mat_mul(*inputs: Tensor | None, opset: int = 21) -> Tensor:
    return run(Request("QLinearMatMul", "", opset, {}, inputs))[0]


def fill(draw: random.Random, dtype: str, shape: Sequence[int]) -> Tensor:
    lowest, highest = RANGES[dtype]
    values = [draw.choice((lowest, highest, draw.randint(lowest, highest))) for _ in range(int(np.prod(shape)))]
    return tensor(np.array(values, np.int64).reshape(shape), dtype)


def pick(values: NDArray[Any], batch: tuple[int, ...], place: int) -> Any:
    """The zero point or scale of a row or column in one matrix of the batch: of a scalar, a vector, or a stack."""
    if values.ndim == 0:
        return values[()]
    if values.ndim == 1:
        return values[place]
    inner = values.shape[:-2]
    at = [0 if length == 1 else i for i, length in zip(batch[len(batch) - len(inner) :], inner, strict=True)]
    return values[tuple(at)].ravel()[place]


def entry(values: NDArray[Any], batch: tuple[int, ...], row: int, column: int) -> int:
    inner = values.shape[:-2]
    at = [0 if length == 1 else i for i, length in zip(batch[len(batch) - len(inner) :], inner, strict=True)]
    return int(values[(*at, row, column)])


def multiply(a: NDArray[Any], za: NDArray[Any], b: NDArray[Any], zb: NDArray[Any]) -> dict[tuple[int, ...], int]:
    """Sum of products for every (batch…, row, column); a vector stands as one row, or one column."""
    A = a.reshape(1, -1) if a.ndim == 1 else a
    B = b.reshape(-1, 1) if b.ndim == 1 else b
    batch = np.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    y = {}
    for *at, m, n in np.ndindex(*batch, A.shape[-2], B.shape[-1]):
        here = tuple(at)
        zero_a, zero_b = int(pick(za, here, m)), int(pick(zb, here, n))
        y[(*here, m, n)] = sum(
            (entry(A, here, m, k) - zero_a) * (entry(B, here, k, n) - zero_b) for k in range(A.shape[-1])
        )
    return y


def in_shape(values: dict[tuple[int, ...], int], a_rank: int, b_rank: int, shape: tuple[int, ...]) -> list[Any]:
    """The values in numpy.matmul's shape: without the row of a vector a, without the column of a vector b."""
    y = np.zeros(shape, object)
    for (*at, m, n), value in values.items():
        y[(*at, *((m,) if a_rank > 1 else ()), *((n,) if b_rank > 1 else ()))] = value
    return y.tolist()  # type: ignore[no-any-return]


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """Two operands whose shapes numpy.matmul takes, and zero points of every shape that the text allows."""
    batch = draw(st.lists(st.integers(1, 2), max_size=2))

    def leading() -> list[int]:
        kept = batch[draw(st.integers(0, len(batch))) :]
        return [draw(st.sampled_from([1, length])) for length in kept]

    M, K, N = draw(st.integers(1, 3)), draw(st.integers(0, 4)), draw(st.integers(1, 3))
    a_shape = [K] if draw(st.integers(0, 4)) == 0 else [*leading(), M, K]
    b_shape = [K] if draw(st.integers(0, 4)) == 0 else [*leading(), K, N]
    a_zeros: list[list[int]] = [[]]
    b_zeros: list[list[int]] = [[]]
    if len(a_shape) > 1:
        a_zeros += [[*a_shape[:-1], 1]] + ([[M]] if len(a_shape) == 2 else [])
    if len(b_shape) > 1:
        b_zeros += [[*b_shape[:-2], 1, N]] + ([[N]] if len(b_shape) == 2 else [])
    rng = random.Random(draw(st.integers(0, 2**32)))
    a_type, b_type = draw(st.sampled_from(["int8", "uint8"])), draw(st.sampled_from(["int8", "uint8"]))
    return {
        "rng": rng,
        "a": fill(rng, a_type, a_shape),
        "b": fill(rng, b_type, b_shape),
        "za": fill(rng, a_type, draw(st.sampled_from(a_zeros))),
        "zb": fill(rng, b_type, draw(st.sampled_from(b_zeros))),
    }


@pytest.mark.requirement("QREF-IO-001", "QREF-IO-003", "QREF-IO-013", "QREF-IO-014")
@given(case=products())
def test_mat_mul_integer_is_three_loops(case: dict[str, Any]) -> None:
    a, b, za, zb = case["a"], case["b"], case["za"], case["zb"]
    y = mat_mul_integer(a, b, za, zb)
    assert (y.dtype, y.shape) == ("int32", np.matmul(a.data.astype(int), b.data.astype(int)).shape)
    expected = multiply(a.data, za.data, b.data, zb.data)
    assert y.data.tolist() == in_shape(expected, a.data.ndim, b.data.ndim, y.shape)


@pytest.mark.requirement("QREF-IO-014")
@given(case=products(), which=st.sampled_from(["neither", "a", "b"]))
def test_an_absent_zero_point_is_zero(case: dict[str, Any], which: str) -> None:
    a, b, za, zb = case["a"], case["b"], case["za"], case["zb"]
    inputs = {"neither": (), "a": (za,), "b": (None, zb)}[which]
    nothing = np.zeros((), int)
    expected = multiply(a.data, za.data if which == "a" else nothing, b.data, zb.data if which == "b" else nothing)
    y = mat_mul_integer(a, b, *inputs)
    assert y.data.tolist() == in_shape(expected, a.data.ndim, b.data.ndim, y.shape)


FLOATS: dict[str, Any] = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def scales(draw: random.Random, dtype: str, shape: Sequence[int]) -> tuple[Tensor, NDArray[Any]]:
    """Scales as a tensor and as exact numbers."""
    values = np.array([draw.choice([0.5, 0.25, 0.3, 0.1, 1.5, 0.007]) for _ in range(int(np.prod(shape)))])
    stored = values.astype(FLOATS[dtype]).reshape(shape)
    data = stored.view(np.uint16) if dtype == "bfloat16" else stored
    return Tensor(dtype, data), stored.astype(np.float64)


@pytest.mark.requirement("QREF-RQ-001", "QREF-RQ-003", "QREF-IO-015", "QREF-IO-016")
@given(case=products(), y_type=st.sampled_from(["int8", "uint8"]), scale_type=st.sampled_from([*FLOATS, "10"]))
def test_q_linear_mat_mul_rounds_the_exact_real_number_once(case: dict[str, Any], y_type: str, scale_type: str) -> None:
    opset = 10 if scale_type == "10" else 21
    scale_type = "float32" if scale_type == "10" else scale_type
    a, b, za, zb, rng = case["a"], case["b"], case["za"], case["zb"], case["rng"]
    a_scale, sa = scales(rng, scale_type, za.shape)
    b_scale, sb = scales(rng, scale_type, zb.shape)
    y_scale, sy = scales(rng, scale_type, [])
    zero = fill(rng, y_type, [])
    lowest, highest = RANGES[y_type]
    expected = multiply(a.data, za.data, b.data, zb.data)
    accumulator = dict(expected)
    for (*at, m, n), acc in accumulator.items():
        here = tuple(at)
        real = acc * Fraction(pick(sa, here, m)) * Fraction(pick(sb, here, n)) / Fraction(float(sy))
        expected[(*at, m, n)] = min(max(round(real) + int(zero.data), lowest), highest)
    inputs = (a, a_scale, za, b, b_scale, zb, y_scale, zero)
    y = q_linear_mat_mul(*inputs, opset=opset)
    assert y.dtype == y_type
    assert y.data.tolist() == in_shape(expected, a.data.ndim, b.data.ndim, y.shape)
    exact = requantization(Request("QLinearMatMul", "", opset, {}, inputs))
    assert exact is not None
    assert exact.accumulator.tolist() == in_shape(accumulator, a.data.ndim, b.data.ndim, y.shape)


@pytest.mark.requirement("QREF-IO-013")
def test_by_hand() -> None:
    A = tensor([[11, 7, 3], [10, 6, 2], [9, 5, 1], [8, 4, 0]], "uint8")
    B = tensor([[1, 4], [2, 5], [3, 6]], "uint8")
    y = mat_mul_integer(A, B, tensor(12, "uint8"), tensor(0, "uint8"))
    assert y.data.tolist() == [[-38, -83], [-44, -98], [-50, -113], [-56, -128]]


@pytest.mark.requirement("QREF-IO-014", "QREF-IO-015", "QREF-RQ-004")
def test_a_row_and_a_column_have_their_own_numbers() -> None:
    a, b = tensor([[10, 20], [30, 40]], "uint8"), tensor([[1, 2], [3, 4]], "int8")
    za, zb = tensor([10, 30], "uint8"), tensor([1, 2], "int8")  # rows 0 10 / 0 10, columns 0 2 and 0 2
    assert mat_mul_integer(a, b, za, zb).data.tolist() == [[20, 20], [20, 20]]
    sa, sb = tensor([0.5, 1.0], "float32"), tensor([0.25, 0.5], "float32")
    y = q_linear_mat_mul(a, sa, za, b, sb, zb, tensor(1.0, "float32"), tensor(3, "uint8"))
    assert y.data.tolist() == [[3 + 2, 3 + 5], [3 + 5, 3 + 10]]  # 2.5 to 2, a tie; 5; 5; 10


@pytest.mark.requirement("QREF-IO-001", "QREF-IO-002")
def test_sums_beyond_int32_wrap_and_may_saturate() -> None:
    K = 33100
    a, b = tensor(np.full((1, K), 255), "uint8"), tensor(np.full((K, 1), 255), "uint8")
    assert mat_mul_integer(a, b).data.item() == K * 255 * 255 - 2**32
    [(reason, [held])] = alternatives(Request("MatMulInteger", "", 10, {}, (a, b)))
    assert held.data.item() == 2**31 - 1 and "saturated" in reason


@pytest.mark.requirement("QREF-IO-012", "QREF-IO-013")
@pytest.mark.parametrize(
    ("a", "b", "shape"),
    [
        ([0, 3], [3, 2], (0, 2)),
        ([2, 0], [0, 2], (2, 2)),
        ([2, 3], [3, 0], (2, 0)),
        ([0, 2, 3], [3, 2], (0, 2, 2)),
        ([3], [3], ()),
        ([0], [0], ()),
        ([1, 2, 3], [4, 1, 3, 2], (4, 1, 2, 2)),
    ],
)
def test_sizes_at_the_edge(a: list[int], b: list[int], shape: tuple[int, ...]) -> None:
    y = mat_mul_integer(tensor(np.full(a, 2), "int8"), tensor(np.full(b, 3), "int8"))
    assert y.shape == shape and set(y.data.ravel().tolist()) <= {6 * a[-1]}


A, B = tensor(np.ones((2, 3)), "uint8"), tensor(np.ones((3, 4)), "int8")
STACK = tensor(np.ones((5, 2, 3)), "uint8")


@pytest.mark.requirement("QREF-IO-017")
@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([tensor(np.ones((2, 3)), "int32"), B], "A is int32"),
        ([A, tensor(np.ones((3, 4)), "float32")], "B is float32"),
        ([tensor(1, "uint8"), B], "rank 1 or more"),
        ([A, tensor(1, "int8")], "rank 1 or more"),
        ([A, tensor(np.ones((2, 4)), "int8")], r"A is \[2, 3\] and B \[2, 4\]: the inner lengths"),
        ([A, tensor(np.ones(4), "int8")], r"A is \[2, 3\] and B \[4\]: the inner lengths"),
        ([STACK, tensor(np.ones((2, 3, 4)), "int8")], "leading lengths do not broadcast"),
        ([A, B, tensor(0, "int8")], "a_zero_point is int8 and A is uint8"),
        ([A, B, None, tensor(0, "uint8")], "b_zero_point is uint8 and B is int8"),
        ([A, B, tensor([0], "uint8")], r"a_zero_point has shape \[1\]: give a scalar or \[2, 1\]"),
        ([A, B, tensor([0, 0, 0], "uint8")], r"a_zero_point has shape \[3\]"),
        ([A, B, None, tensor([0, 0, 0], "int8")], r"b_zero_point has shape \[3\]: give a scalar or \[1, 4\]"),
        ([STACK, B, tensor([0, 0], "uint8")], r"a_zero_point has shape \[2\]: give a scalar or \[5, 2, 1\]"),
        ([STACK, B, tensor(np.zeros((1, 2, 1)), "uint8")], r"a_zero_point has shape \[1, 2, 1\]"),
        ([tensor([1, 1, 1], "uint8"), B, tensor([0], "uint8")], r"a_zero_point has shape \[1\]"),
        ([A], "takes 2 to 4 inputs"),
    ],
)
def test_mat_mul_integer_refuses(inputs: list[Tensor | None], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        mat_mul_integer(*inputs)


S = tensor(0.5, "float32")
GOOD = {"a": A, "sa": S, "za": tensor(0, "uint8"), "b": B, "sb": S, "zb": tensor(0, "int8"), "sy": S}
GOOD |= {"zy": tensor(0, "uint8")}


@pytest.mark.requirement("QREF-IO-017")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sa": tensor(1, "int32")}, "a_scale is int32"),
        ({"sb": tensor(1.0, "float16")}, "b_scale is float16 and a_scale is float32"),
        ({"sy": tensor(1.0, "float16")}, "y_scale is float16 and a_scale is float32"),
        ({"sy": tensor([1.0], "float32")}, r"y_scale has shape \[1\]"),
        ({"zy": tensor([0], "uint8")}, r"y_zero_point has shape \[1\]"),
        ({"zy": tensor(0, "int16")}, "y_zero_point is int16"),
        ({"sa": tensor([1.0, 1.0], "float32")}, r"a_scale has shape \[2\] and a_zero_point \[\]"),
        ({"zb": tensor([0] * 4, "int8")}, r"b_scale has shape \[\] and b_zero_point \[4\]"),
        (
            {"sa": tensor([1.0] * 3, "float32"), "za": tensor([0] * 3, "uint8")},
            r"shape \[3\]: give a scalar or \[2, 1\]",
        ),
        ({"za": tensor(0, "int8")}, "a_zero_point is int8 and A is uint8"),
        ({"sy": None}, "takes 8 to 8 inputs"),
    ],
)
def test_q_linear_mat_mul_refuses(wrong: dict[str, Tensor | None], words: str) -> None:
    assert q_linear_mat_mul(*GOOD.values()).shape == (2, 4)
    with pytest.raises(InvalidInput, match=words):
        q_linear_mat_mul(*{**GOOD, **wrong}.values())


@pytest.mark.requirement("QREF-IO-016")
def test_opset_10_knows_float32_scales_only_and_float8_is_not_here() -> None:
    half = tensor(0.5, "float16")
    inputs = {**GOOD, "sa": half, "sb": half, "sy": half}
    assert q_linear_mat_mul(*inputs.values()).shape == (2, 4)
    with pytest.raises(InvalidInput, match="a_scale is float16"):
        q_linear_mat_mul(*inputs.values(), opset=10)
    eight = {**GOOD, "a": tensor(np.ones((2, 3)), "float8e5m2"), "za": tensor(0, "float8e5m2")}
    with pytest.raises(NotFixed, match="float8"):
        q_linear_mat_mul(*eight.values())
    with pytest.raises(InvalidInput, match="A is float8e5m2"):
        q_linear_mat_mul(*eight.values(), opset=10)
