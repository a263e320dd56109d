"""Every pair of profiles: published cases that tell the two apart, and where two are the same."""

from itertools import combinations

import numpy as np
import pytest

from qref.numerics.profiles import PROFILES
from qref.vectors.case import Case
from qref.vectors.suite_json import load

PAIRS = list(combinations(PROFILES, 2))


def answers(case: Case, name: str) -> list[int] | None:
    """The case's outputs under a profile, None where it lies outside."""
    if name == "onnx":
        return case.outputs[0].data.ravel().tolist()  # type: ignore[no-any-return]
    result = (case.profiles or {})[name]
    if result.outside is not None:
        return None
    return (result.outputs or case.outputs)[0].data.ravel().tolist()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for case in load("requantize").cases if case.profiles]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_published_cases_separate_every_pair(one: str, other: str, cases: list[Case]) -> None:
    apart = [
        case.id
        for case in cases
        if (a := answers(case, one)) is not None and (b := answers(case, other)) is not None and a != b
    ]
    assert len(apart) >= 2


@pytest.mark.requirement("QREF-RQ-013")
@pytest.mark.parametrize("power", [-8, -3, -1, 0, 2])
def test_xnnpack_is_the_exact_rule_where_float32_is_exact(power: int) -> None:
    """A combined scale that is a power of two and an accumulator of up to 24 bits: nothing is rounded but the end."""
    exact, float32 = PROFILES["onnx"], PROFILES["xnnpack-fp32"]
    scales = (2.0**power, 1.0, 1.0)
    stored = exact.derive(*scales), float32.derive(*scales)
    edge = [2**24 - d for d in range(3)] + [-(2**24) + d for d in range(3)]
    for acc in [*range(-3000, 3000), *edge]:
        for zero, dtype in ((0, "int8"), (255, "uint8")):
            assert exact.apply(acc, stored[0], zero, dtype) == float32.apply(acc, stored[1], zero, dtype), acc


@pytest.mark.requirement("QREF-RQ-013")
def test_above_24_bits_it_is_not() -> None:
    exact, float32 = PROFILES["onnx"], PROFILES["xnnpack-fp32"]
    scales = (2.0**-18, 1.0, 1.0)
    acc = 2**24 + 2**17 + 1  # 64.5 and a little; float32 drops the little
    assert np.float32(acc) == acc - 1
    assert exact.apply(acc, exact.derive(*scales), 0, "int8") == 65
    assert float32.apply(acc, float32.derive(*scales), 0, "int8") == 64
