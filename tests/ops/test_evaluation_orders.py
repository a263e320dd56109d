"""The closed list of evaluation orders, each written once more on Python's floats."""

import ctypes
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.numerics.profiles import XNNPACK_FP32
from qref.numerics.tensor import tensor
from qref.ops import alternatives, requantization, run
from qref.ops.onnx.evaluation_orders import EVALUATION_ORDERS
from qref.ops.request import Request


def single(value: float) -> float:
    """Rounded to float32. A product or quotient of float32 numbers may be rounded to float64 first: no harm."""
    return ctypes.c_float(value).value


def double(value: float) -> float:
    return value


Step = Callable[[float], float]
ORDERS: dict[str, Callable[[Step, int, float, float, float], float]] = {
    "acc·((sx·sw)/sy)": lambda f, acc, x, w, y: f(f(acc) * f(f(x * w) / y)),
    "(acc·(sx·sw))/sy": lambda f, acc, x, w, y: f(f(f(acc) * f(x * w)) / y),
    "acc·((sx·sw)·(1/sy))": lambda f, acc, x, w, y: f(f(acc) * f(f(x * w) * f(1 / y))),
    "((acc·sx)·sw)·(1/sy)": lambda f, acc, x, w, y: f(f(f(f(acc) * x) * w) * f(1 / y)),
}


def request(accs: list[int], scales: tuple[float, float, float], zero: int, dtype: str) -> Request:
    x, w, y = (tensor(s, "float32") for s in scales)
    return Request("Requantize", "qref", 1, {}, (tensor(accs, "int32"), x, w, y, tensor(zero, dtype)))


def test_the_list_is_four_orders_in_two_types() -> None:
    assert [order.name for order in EVALUATION_ORDERS] == [
        f"{order} in {t}" for t in ("float32", "float64") for order in ORDERS
    ]


@pytest.mark.requirement("QREF-RQ-008")
@given(seed=st.integers(0, 2**32))
def test_every_order_rounds_half_to_even_before_the_zero_point(seed: int) -> None:
    rng = random.Random(seed)
    scales = (single(rng.uniform(1e-3, 1)), single(rng.uniform(1e-3, 1)), single(rng.uniform(1e-2, 2)))
    whole = scales[2] / (scales[0] * scales[1])
    accs = [round((rng.randint(-140, 140) + 0.5) * whole) + rng.randint(-1, 1) for _ in range(20)]
    accs += [rng.randint(-(2**31), 2**31 - 1) for _ in range(5)]
    dtype, lowest, highest = rng.choice([("int8", -128, 127), ("uint8", 0, 255), ("int16", -32768, 32767)])
    zero = rng.choice([lowest, highest, rng.randint(lowest, highest)])
    asked = requantization(request(accs, scales, zero, dtype))
    assert asked is not None
    for order in EVALUATION_ORDERS:
        formula, _, type_name = order.name.partition(" in ")
        step = single if type_name == "float32" else double
        reals = [ORDERS[formula](step, acc, *scales) for acc in accs]
        expected = [min(max(round(real) + zero, lowest), highest) for real in reals]
        assert asked.apply(order).data.tolist() == expected, order.name


@pytest.mark.requirement("QREF-RQ-008")
def test_float32_with_one_combined_scale_is_xnnpacks_rule() -> None:
    rng = random.Random(7)
    scales = (single(0.017), single(0.0043), single(0.031))
    accs = [rng.randint(-70000, 70000) for _ in range(500)]
    asked = requantization(request(accs, scales, 3, "int8"))
    assert asked is not None and asked.apply(EVALUATION_ORDERS[0]).same(asked.apply(XNNPACK_FP32))


@pytest.mark.requirement("QREF-RQ-008", "QREF-RQ-004")
def test_at_an_exact_tie_with_exact_scales_every_order_agrees() -> None:
    asked = request([1, 3, 5, -1, -3, -5], (0.5, 0.25, 0.25), 7, "int8")
    [golden] = run(asked)
    assert golden.data.tolist() == [7, 9, 9, 7, 5, 5]
    found = requantization(asked)
    assert found is not None
    assert all(found.apply(order).same(golden) for order in EVALUATION_ORDERS)


@pytest.mark.requirement("QREF-RQ-008")
def test_q_linear_operators_offer_the_orders_and_the_overflowed_accumulators() -> None:
    K = 33100
    a, b = tensor(np.full((1, K), 255), "uint8"), tensor(np.full((K, 1), 255), "uint8")
    zero, scale, one = tensor(0, "uint8"), tensor(2.0**-24, "float32"), tensor(1.0, "float32")
    inputs = (a, scale, zero, b, one, zero, one, tensor(128, "uint8"))
    asked = Request("QLinearMatMul", "", 10, {}, inputs)
    assert run(asked)[0].data.item() == 128 + 128 - 1  # 128.29 + 128, saturated
    found = {reason: outputs[0].data.item() for reason, outputs in alternatives(asked)}
    wrapped = K * 255 * 255 - 2**32
    assert found["the accumulator wrapped to int32"] == 128 + round(wrapped / 2**24) == 0
    assert found["the accumulator saturated to int32"] == 255
