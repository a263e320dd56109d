"""What `qref show` says of a float element: its sum, its tolerance, the engine's difference in ULP and tolerances."""

from collections.abc import Sequence

import numpy as np
import pytest

from qref import ops
from qref.engines.protocol import Reply
from qref.judge import explain, float_arithmetic, show
from qref.judge.run import Outcome, outcome
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import decode, encode
from qref.numerics.formats import format_of
from qref.numerics.tensor import Tensor, tensor
from qref.ops import Operator
from qref.ops.request import Request
from qref.vectors.case import Case, Expect, Wider

A, B, C = [[1.0, 2.0, 3.0]], [[4.0], [5.0], [-4.5]], [[-0.25]]  # 4 + 10 − 13.5 − 0.25 = 0.25, of magnitudes 27.75
ULP = 2.0**-25  # of 0.25 in float32
BASE = 4 * 2.0**-24 * 27.75


def f32(values: object) -> Tensor:
    return tensor(np.asarray(values, np.float32), "float32")


def f64(values: object) -> Tensor:
    return tensor(np.asarray(values, np.float64), "float64")


def gemm(a: Tensor, b: Tensor, c: Tensor | None = None, *, opset: int, alpha: float = 1.0, beta: float = 1.0) -> Tensor:
    """Enough of Gemm: numbers here are small and few, so that sums in float64 are exact."""
    y = alpha * (decode(a) @ decode(b)) + (0.0 if c is None else beta * decode(c))
    return encode(y, a.dtype)


@pytest.fixture(autouse=True)
def operators(monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = {name: ops.Attribute("float", 1.0) for name in ("alpha", "beta")}
    operator = Operator("Gemm", "", (13,), (2, 3), 1, attributes, gemm)
    monkeypatch.setitem(ops.OPERATORS, ("", "Gemm"), operator)


def case(
    tolerance: object = ((BASE,),),
    *,
    outputs: Sequence[Tensor] | None = None,
    wider: tuple[Wider, ...] = (),
    flags: tuple[str, ...] = (),
    expect: Expect | None = None,
    **attributes: float,
) -> Case:
    request = Request("Gemm", "", 13, attributes, (f32(A), f32(B), f32(C)))
    kind = expect or Expect("bound", tolerance=(f64(tolerance),), wider=wider)
    golden = tuple(ops.run(request)) if outputs is None else tuple(outputs)
    return Case("Gemm/cancellation/0123abcd", "s", request, golden, kind, (), flags, "a sum that cancels")


def words(one: Case, y: Tensor | None = None, index: tuple[int, ...] = (0, 0)) -> list[str]:
    return [" ".join(f"{s.name} {s.value} {s.remark}".split()) for s in float_arithmetic.steps(one, 0, index, y)]


def answered(one: Case, *outputs: Tensor) -> Outcome:
    return outcome(one, None, [Reply("outputs", outputs)])


def test_a_sum_its_magnitude_and_its_tolerance() -> None:
    assert words(case()) == [
        "sum of 3 products and an addend",
        "of magnitudes 27.75 111 times the result",
        "tolerance 6.62e-06 222 ULP",
    ]


def test_scalings_count_in_the_magnitude_alone() -> None:
    found = words(case(alpha=-2.0, beta=0.5))
    assert found[:2] == ["sum of 3 products and an addend", "of magnitudes 55.125 49 times the result"]


def test_the_difference_in_ulp_and_in_tolerances() -> None:
    assert words(case(), f32([[0.25 + 111 * ULP]]))[-1] == "difference +3.31e-06 111 ULP, 0.5 tolerances"
    assert words(case(), f32([[0.25 - 888 * ULP / 2]]))[-1] == "difference −1.32e-05 888 ULP, 2 tolerances"
    assert words(case(), f32([[0.25]]))[-1] == "difference 0"
    for y in (f32([[np.inf]]), f32([[np.nan]]), f32([0.25])):  # no number, or another shape: nothing to compare
        assert words(case(), y) == words(case())


def test_no_tolerance() -> None:
    correct = case([[0.0]])
    assert words(correct, f32([[0.25 + ULP]]))[-2:] == [
        "tolerance 0 the correctly rounded result and no other",
        "difference +2.98e-08 1 ULP",
    ]
    infinite = case([[0.0]], outputs=[f32([[np.inf]])])
    assert words(infinite)[-1] == "tolerance 0 this value and no other"
    zero = case([[2.0**-19]], outputs=[f32([[0.0]])])
    assert words(zero, f32([[-(2.0**-20)]]))[-2:] == [
        "tolerance 1.91e-06",
        "difference −9.54e-07 897,581,056 ULP, 0.5 tolerances",  # the exponent field of 2⁻²⁰ is 107
    ]


def test_floats_judged_exactly_and_bit_for_bit() -> None:
    exact = case(expect=Expect("exact"))
    assert words(exact, f32([[0.5]]))[-1] == "difference +0.25 8,388,608 ULP"
    nan = Tensor("float32", np.array([[0x7FC00001]], np.uint32).view(np.float32))
    one = case(expect=Expect("exact"), outputs=[f32([[np.nan]])])
    assert words(one, nan)[-1] == "bits 0x7FC00000 yours 0x7FC00001"
    one = case(expect=Expect("exact"), outputs=[f32([[0.0]])])
    assert words(one, f32([[-0.0]]))[-1] == "bits 0x00000000 yours 0x80000000"


def test_wider_tolerances_and_which_holds_the_answer() -> None:
    wider = (Wider((f64([[3 * BASE]]),), "accumulated in float16"), Wider((f64([[BASE]]),), "nothing here"))
    one = case(wider=wider)
    assert words(one)[-1] == "acceptable within 1.98e-05 accumulated in float16"
    assert words(one, f32([[0.25 + BASE]]))[-1] == "acceptable within 1.98e-05 accumulated in float16"
    assert words(one, f32([[0.25 + 2 * BASE]]))[-1] == "acceptable within 1.98e-05 accumulated in float16 ← yours"
    assert words(one, f32([[0.25 + 4 * BASE]]))[-1] == "acceptable within 1.98e-05 accumulated in float16"


def test_overflow_is_said() -> None:
    assert "overflow allowed the sum may pass the largest number: ±inf and NaN are right as well" in words(
        case(flags=("overflow",))
    )


def test_integers_and_operators_without_a_sum() -> None:
    one = case(expect=Expect("exact"), outputs=[tensor([[1]], "int32")])
    assert words(one, tensor([[2]], "int32")) == []
    elsewhere = Case(
        "x/y/00000000", "s", Request("Relu", "", 14, {}, (f32([1]),)), (f32([1]),), Expect("exact"), (), (), ""
    )
    assert words(elsewhere, None, (0,)) == []


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (1.0, "float32", 2.0**-23),
        (-1.5, "float32", 2.0**-23),
        (0.0, "float32", 2.0**-149),
        (1e-45, "float32", 2.0**-149),
        (1.0, "bfloat16", 2.0**-7),
        (65504.0, "float16", 32.0),
        (2.0**-14, "float16", 2.0**-24),
    ],
)
def test_ulp(value: float, dtype: str, expected: float) -> None:
    assert float_arithmetic.ulp(value, format_of(dtype)) == expected  # type: ignore[arg-type]


def test_the_element_that_lies_farthest_is_shown() -> None:
    golden = f32([[1.0, 2.0, 3.0, np.inf]])
    one = case([[1e-3, 1e-6, 0.0, 0.0]], outputs=[golden])
    y = f32([[1.0 + 5e-4, 2.0 + 1e-6, 3.0, np.inf]])
    assert float_arithmetic.farthest(one, [y]) == (0, (0, 1))
    assert show.chosen(one, answered(one, y)) == (0, (0, 1))
    assert float_arithmetic.farthest(one, [golden]) is None
    assert show.chosen(one, answered(one, golden)) == (0, (0, 0))
    wrong = f32([[1.0 + 2e-3, 5.0, 3.0, np.inf]])
    assert show.chosen(one, answered(one, wrong)) == (0, (0, 0))  # the first wrong one, as the report names it


def test_unspecified_elements_are_not_shown() -> None:
    free = (tensor([[False, True]], "bool"),)
    expect = Expect("bound", tolerance=(f64([[1e-3, 1e-3]]),), unspecified=free)
    one = case(outputs=[f32([[1, 2]])], expect=expect)
    assert float_arithmetic.farthest(one, [f32([[1.0001, 77]])]) == (0, (0, 0))


def test_show_a_failing_case() -> None:
    wider = (Wider((f64([[2 * BASE]]),), "accumulated in float16"),)
    one = case(wider=wider)
    text = [" ".join(line.split()) for line in show.lines(one, [], answered(one, f32([[0.5]])), "cmd:./engine")]
    assert text[0].startswith("FAIL Gemm/cancellation/0123abcd 1 of 1 elements wrong")
    assert "expected float32[1,1] (0.25), within a bound" in text
    assert "acceptable: accumulated in float16" in text
    assert "y[0,0] expected 0.25 yours 0.5" in text
    assert "tolerance 6.62e-06 222 ULP" in text
    assert "difference +0.25 8,388,608 ULP, 3.78e+04 tolerances" in text


def test_acceptable_answers_are_grouped_by_their_reason() -> None:
    wider = (Wider((f64([[2 * BASE]]),), "subnormals flushed"), Wider((f64([[4 * BASE]]),), "accumulated in float16"))
    one = case(wider=wider)
    outcomes = [answered(one, f32([[0.25 + k * BASE]])) for k in (0, 1.5, 1.5, 3)]
    found = [(group.reason, len(group.outcomes), group.profile) for group in explain.acceptances(outcomes)]
    assert found == [("subnormals flushed", 2, None), ("accumulated in float16", 1, None)]


def test_a_mistake_explains_numbers_near_its_own() -> None:
    """The engine forgets the addend, and sums in another order than the mistake: 0.5 and a little."""

    def without_addend(request: Request) -> list[Tensor]:
        return [f32([[0.5]])]

    def right(request: Request) -> list[Tensor]:
        return [f32([[0.25 + BASE]])]

    def mistake(name: str, run: object) -> Mistake:
        return Mistake(name, ("Gemm",), (), "effect", "fix", "only at ties", run)  # type: ignore[arg-type]

    mistakes = {"right": mistake("right", right), "without-addend": mistake("without-addend", without_addend)}
    (cause,) = explain.causes([answered(case(), f32([[0.5 + BASE / 2]]))], mistakes)
    assert (cause.kind, cause.name) == ("mistake", "without-addend")
    (cause,) = explain.causes([answered(case(), f32([[0.5 + 3 * BASE]]))], mistakes)
    assert cause.kind == "requirement"
    # a mistake that is itself within the bound explains nothing, however near the wrong number lies
    (cause,) = explain.causes([answered(case(), f32([[0.25 + 1.5 * BASE]]))], mistakes)
    assert cause.kind == "requirement"
