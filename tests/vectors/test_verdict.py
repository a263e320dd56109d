from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors.case import Alternative, Case, Expect, Wider
from qref.vectors.verdict import equal, fails

REQUEST = Request("Op", "", 1, {}, ())
NAN, INF = float("nan"), float("inf")


def case(outputs: Sequence[Tensor], expect: Expect) -> Case:
    return Case("Op/x/00000000", "s", REQUEST, tuple(outputs), expect, (), (), "")


def int8(*values: int) -> tuple[Tensor]:
    return (tensor(list(values), "int8"),)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (int8(1, 2), False),
        (int8(1, 3), True),
        (int8(1), True),
        ((tensor([1, 2], "uint8"),), True),
        ((*int8(1, 2), *int8(1)), True),
        ((tensor([[1, 2]], "int8"),), True),
        ((), True),
    ],
)
def test_exact(answer: tuple[Tensor, ...], wrong: bool) -> None:
    assert fails(case(int8(1, 2), Expect("exact")), answer) is wrong


@pytest.mark.parametrize(
    ("match", "answer", "wrong"),
    [
        ("element", int8(1, 2), False),
        ("element", int8(5, 6), False),
        ("element", int8(1, 6), False),
        ("element", int8(1, 7), True),
        ("whole", int8(1, 2), False),
        ("whole", int8(5, 6), False),
        ("whole", int8(1, 6), True),
    ],
)
def test_any_of_by_element_and_as_a_whole(match: str, answer: tuple[Tensor, ...], wrong: bool) -> None:
    expect = Expect("any-of", alternatives=(Alternative(int8(5, 6), "why"),), match=match)
    assert fails(case(int8(1, 2), expect), answer) is wrong


@pytest.mark.parametrize(
    ("value", "wrong"),
    [(1.0, False), (1.25, False), (0.75, False), (1.26, True), (NAN, True), (INF, True)],
)
def test_bound(value: float, wrong: bool) -> None:
    expect = Expect("bound", tolerance=(tensor(0.25, "float64"),))
    assert fails(case((tensor(1.0, "float32"),), expect), (tensor(value, "float32"),)) is wrong


def test_bound_where_the_golden_value_is_no_number() -> None:
    for golden in (INF, -INF, NAN):
        one = case((tensor(golden, "float32"),), Expect("bound", tolerance=(tensor(1.0, "float64"),)))
        assert not fails(one, (tensor(golden, "float32"),))
        assert fails(one, (tensor(3.0, "float32"),))


def test_unspecified_elements_may_hold_anything() -> None:
    expect = Expect("exact", unspecified=(tensor([False, True], "bool"),))
    assert not fails(case(int8(1, 2), expect), int8(1, 99))
    assert fails(case(int8(1, 2), expect), int8(2, 2))


def test_error_and_open() -> None:
    assert fails(case((), Expect("error")), int8(1))
    assert not fails(case((), Expect("open")), int8(1))


@pytest.mark.parametrize(
    ("dtype", "a", "b", "signed_zero", "same"),
    [
        ("float32", 0.0, -0.0, False, True),
        ("float32", 0.0, -0.0, True, False),
        ("float32", NAN, -NAN, False, True),
        ("float32", NAN, -NAN, True, True),
        ("float32", INF, -INF, False, False),
        ("float32", 1.0, np.nextafter(np.float32(1), np.float32(2)), False, False),
        ("bfloat16", 0x0000, 0x8000, False, True),
        ("bfloat16", 0x7FC0, 0x7F81, False, True),
        ("float8e4m3fn", 0x7F, 0xFF, False, True),
        ("float8e4m3fn", 0x7E, 0x7F, False, False),
        ("float8e5m2fnuz", 0x80, 0x00, False, False),
        ("float8e8m0", 0xFF, 0xFF, False, True),
        ("int64", 2**53, 2**53 + 1, False, False),
        ("bool", True, False, False, False),
    ],
)
def test_equality_by_format(dtype: str, a: Any, b: Any, signed_zero: bool, same: bool) -> None:
    assert bool(equal(tensor(a, dtype), tensor(b, dtype), signed_zero)) is same


def bound(*tolerances: float, wider: tuple[float, ...] = (), **members: Any) -> Expect:
    """A bound over one output of as many elements as there are tolerances."""
    ways = (Wider((tensor(list(wider), "float64"),), "why"),) if wider else ()
    return Expect("bound", tolerance=(tensor(list(tolerances), "float64"),), wider=ways, **members)


def float32(*values: float) -> tuple[Tensor]:
    return (tensor(list(values), "float32"),)


def test_a_wider_tolerance_holds_for_all_elements_together() -> None:
    golden = case(float32(1, 1), bound(0.5, 0.5, wider=(2.0, 0.0)))
    assert not fails(golden, float32(1.5, 1.5))
    assert not fails(golden, float32(3, 1))
    assert fails(golden, float32(3, 1.5))


def test_overflow_cases_allow_infinity_and_nan() -> None:
    golden = case(float32(1), bound(0.5))
    flagged = replace(golden, flags=("overflow",))
    for value in (INF, -INF, NAN):
        assert fails(golden, float32(value))
        assert not fails(flagged, float32(value))
    assert fails(flagged, float32(2))


def test_zeros_are_told_apart_within_a_bound_where_the_case_says_so() -> None:
    assert not fails(case(float32(0.0), bound(0.0)), float32(-0.0))
    golden = case(float32(0.0), bound(0.0, signed_zero=True))
    assert fails(golden, float32(-0.0))
    assert not fails(golden, float32(0.0))


@pytest.mark.requirement("QREF-FS-007")
@pytest.mark.parametrize("op", ["Concat", "Flatten", "Pad", "Reshape"])
def test_moved_data_is_judged_bit_for_bit(op: str) -> None:
    payload = np.array([0x7FC00001], np.uint32).view(np.float32)
    golden = replace(case(float32(-0.0), Expect("exact")), request=replace(REQUEST, op=op))
    assert fails(golden, float32(0.0))
    assert not fails(golden, float32(-0.0))
    golden = replace(golden, outputs=(Tensor("float32", payload),))
    assert fails(golden, float32(NAN))
    assert not fails(golden, (Tensor("float32", payload.copy()),))
    scalar = replace(golden, outputs=(tensor(1.0, "float32"),))
    assert not fails(scalar, (tensor(1.0, "float32"),))
