"""The pages on engines: the arithmetic of a float element, from the words of a report."""

import numpy as np
import pytest

from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors.case import Case, Expect
from tools import engine_page


def case(golden: Tensor, tolerance: float) -> Case:
    expect = Expect("bound", tolerance=(tensor(np.full(golden.shape, tolerance), "float64"),))
    return Case("Op/slug/00000000", "suite", Request("Op", "", 1, {}, ()), (golden,), expect, (), (), "a case")


@pytest.mark.parametrize(
    ("dtype", "got", "difference"),
    [
        ("float32", "1.5000002", "+2.38e-07 2 ULP, 0.5 tolerances"),
        ("float16", "1.502", "+0.00195 2 ULP, 4.1e+03 tolerances"),
        ("bfloat16", "1.51562 (0x3FC2)", "+0.0156 2 ULP, 3.28e+04 tolerances"),
    ],
)
def test_the_difference_of_a_float(dtype: str, got: str, difference: str) -> None:
    golden = encode(np.array([0.0, 1.5]), dtype)
    steps = engine_page.steps(case(golden, 2.0**-21), 0, (1,), got)
    assert [f"{step.value} {step.remark}" for step in steps if step.name == "difference"] == [difference]
    assert golden.data[1] == encode(np.array(1.5), dtype).data  # the golden answer stays


def test_integers_have_no_float_steps() -> None:
    golden = tensor([1, 2], "int8")
    one = Case("Op/slug/00000000", "suite", Request("Op", "", 1, {}, ()), (golden,), Expect("exact"), (), (), "a case")
    assert engine_page.steps(one, 0, (1,), "3") == []


def test_the_page_shows_tolerance_and_difference() -> None:
    golden = encode(np.array([0.0, 1.5]), "float32")
    one = case(golden, 2.0**-21)
    entry = {"id": one.id, "detail": "1 of 2 elements wrong; y[1]: expected 1.5, got 1.75"}
    text = engine_page.example([entry], {one.id: one})
    for row in ("| tolerance | 4.77e-07 | 4 ULP |", "| difference | +0.25 | 2,097,152 ULP, 5.24e+05 tolerances |",
                "| expected | 1.5 |  |", "| the engine's | 1.75 |  |"):  # fmt: skip
        assert row in text
