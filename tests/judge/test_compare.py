"""One verdict from a case and an answer: every kind of expectation, integers, floats, NaN, zeros, what is left open."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.engines.protocol import Reply
from qref.judge import compare
from qref.judge.compare import judge, under
from qref.numerics.floats import decode
from qref.numerics.formats import FORMATS, Float
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Alternative, Case, Expect, ProfileResult, Wider
from qref.vectors.verdict import fails

Make = Callable[..., Case]


def f32(*values: Any) -> Tensor:
    return tensor(np.float32(values), "float32")


def i8(*values: int) -> Tensor:
    return tensor(list(values), "int8")


def outputs(*tensors: Tensor) -> Reply:
    return Reply("outputs", tensors)


def test_exact_integers(make_case: Make) -> None:
    case = make_case(i8(1, 2, 3))
    assert judge(case, outputs(i8(1, 2, 3))).result == "pass"
    verdict = judge(case, outputs(i8(1, 0, 4)))
    assert verdict.result == "fail"
    assert verdict.detail == "2 of 3 elements wrong, −2 to +1; y[1]: expected 2, got 0"
    assert verdict.wrong[0].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((), "got no outputs"),
        ((i8(1), i8(1)), "got int8[1], int8[1]"),
        ((tensor([1], "uint8"),), "got uint8[1]"),
        ((tensor(1, "int8"),), "got int8[]"),
        ((i8(),), "got int8[0]"),
        ((f32(1),), "got float32[1]"),
    ],
)
def test_wrong_number_type_or_shape_fails(make_case: Make, answer: tuple[Tensor, ...], words: str) -> None:
    verdict = judge(make_case(i8(1)), outputs(*answer))
    assert verdict.result == "fail" and words in verdict.detail and verdict.wrong == ()


def test_floats_are_numbers(make_case: Make) -> None:
    quiet, payload = np.float32(np.nan), np.uint32(0x7FC00123).view(np.float32)
    case = make_case(f32(0.0, quiet, np.inf, 1.0))
    assert judge(case, outputs(f32(-0.0, payload, np.inf, 1.0))).result == "pass"
    assert judge(case, outputs(f32(0.0, 1.0, np.inf, 1.0))).result == "fail"
    assert judge(case, outputs(f32(0.0, quiet, -np.inf, 1.0))).result == "fail"
    signed = replace(case, expect=Expect("exact", signed_zero=True))
    assert judge(signed, outputs(f32(-0.0, quiet, np.inf, 1.0))).result == "fail"
    assert judge(signed, outputs(f32(0.0, payload, np.inf, 1.0))).result == "pass"


def test_any_of_by_element(make_case: Make) -> None:
    ways = (Alternative((i8(1, 3, 4),), "this"), Alternative((i8(2, 2, 4),), "that"))
    case = make_case(i8(1, 2, 3), expect=Expect("any-of", ways))
    assert judge(case, outputs(i8(1, 2, 3))).result == "pass"
    verdict = judge(case, outputs(i8(1, 3, 3)))
    assert (verdict.result, verdict.reason) == ("acceptable", "this")
    verdict = judge(case, outputs(i8(2, 3, 4)))  # two alternatives, mixed
    assert (verdict.result, set(verdict.reason.split(" and "))) == ("acceptable", {"this", "that"})
    verdict = judge(case, outputs(i8(2, 4, 4)))
    assert verdict.result == "fail" and verdict.wrong[0].tolist() == [False, True, False]


def test_any_of_as_a_whole(make_case: Make) -> None:
    ways = (Alternative((i8(1, 3), f32(2)), "this"),)
    case = make_case(i8(1, 2), f32(1), expect=Expect("any-of", ways, match="whole"))
    assert judge(case, outputs(i8(1, 2), f32(1))).result == "pass"
    assert judge(case, outputs(i8(1, 3), f32(2))).reason == "this"
    assert judge(case, outputs(i8(1, 3), f32(1))).result == "fail"


def test_bound(make_case: Make) -> None:
    tolerance = tensor(np.float64([0.5, 0, np.inf]), "float64")
    wider = (Wider((tensor(np.float64([1, 0, np.inf]), "float64"),), "flushed"),)
    case = make_case(f32(1, 2, 3), expect=Expect("bound", tolerance=(tolerance,), wider=wider))
    assert judge(case, outputs(f32(1.5, 2, -1e30))).result == "pass"
    verdict = judge(case, outputs(f32(2, 2, 3)))
    assert (verdict.result, verdict.reason) == ("acceptable", "flushed")
    assert judge(case, outputs(f32(1, np.nextafter(np.float32(2), np.float32(3)), 3))).result == "fail"
    assert judge(case, outputs(f32(np.nan, 2, 3))).result == "fail"


def test_error_and_open(make_case: Make) -> None:
    error, opened = make_case(expect=Expect("error")), make_case(expect=Expect("open"))
    assert judge(error, Reply("error", words="no")).result == "pass"
    assert judge(error, Reply("unsupported", words="no")).result == "unsupported"
    assert judge(error, outputs(i8(1))).result == "fail"
    assert judge(opened, outputs(i8(1), f32(np.nan))).detail == "int8[1] (1), float32[1] (nan)"
    assert judge(opened, outputs(i8(1))).result == "open"
    assert (judge(opened, Reply("error", words="no")).result, judge(opened, Reply("unsupported")).result) == (
        "open",
        "unsupported",
    )


@pytest.mark.parametrize("kind", ["exact", "any-of", "bound", "error", "open"])
@pytest.mark.parametrize("broken", ["crash", "timeout", "fault"])
def test_what_breaks_is_said(make_case: Make, kind: str, broken: str) -> None:
    verdict = judge(make_case(i8(1), expect=Expect(kind)), Reply(broken, words="why"))
    assert (verdict.result, verdict.detail) == (broken, "why")


def test_rejections_elsewhere_are_unsupported(make_case: Make) -> None:
    for kind in ("unsupported", "error"):
        verdict = judge(make_case(i8(1)), Reply(kind, words="no kernel"))
        assert (verdict.result, verdict.detail) == ("unsupported", "no kernel")


def test_unspecified_elements_hold_anything_and_are_shown(make_case: Make) -> None:
    free = (tensor([False, True], "bool"),)
    for kind in ("exact", "any-of"):
        case = make_case(i8(1, 2), expect=Expect(kind, unspecified=free))
        verdict = judge(case, outputs(i8(1, 77)))
        assert (verdict.result, verdict.detail) == ("pass", "unspecified elements hold (77)")
        assert judge(case, outputs(i8(0, 2))).result == "fail"


def test_max_ulp(make_case: Make) -> None:
    one = np.float32(1)
    after = np.nextafter(np.nextafter(one, np.float32(2)), np.float32(2))
    tolerance = (tensor(np.float64([1, 1]), "float64"),)
    case = make_case(f32(1, -0.0), expect=Expect("bound", tolerance=tolerance))
    assert judge(case, outputs(f32(after, 0.0))).max_ulp == 2
    assert judge(case, outputs(f32(1, np.float32(-1e-45)))).max_ulp == 1
    assert judge(case, outputs(f32(np.nan, 0))).max_ulp is None
    assert judge(make_case(i8(1)), outputs(i8(1))).max_ulp is None
    double = make_case(tensor(np.float64([-1e308]), "float64"))
    assert judge(double, outputs(tensor(np.float64([1e308]), "float64"))).max_ulp > 2**62  # type: ignore[operator]


SMALL = [name for name, format in FORMATS.items() if isinstance(format, Float) and format.bits <= 16]


@pytest.mark.parametrize("name", SMALL)
def test_steps_are_in_the_order_of_the_numbers(name: str) -> None:
    format = FORMATS[name]
    assert isinstance(format, Float)
    codes = np.arange(1 << format.bits).astype(f"u{np.dtype(format.storage).itemsize}")
    x = Tensor(name, codes.view(format.storage))
    steps, nan = compare._steps(x)
    values = decode(x)
    assert nan.tolist() == np.isnan(values).tolist()
    order = np.argsort(steps[~nan], kind="stable")
    assert (np.diff(values[~nan][order]) >= 0).all()
    assert ((np.diff(steps[~nan][order]) == 0) == (np.diff(values[~nan][order]) == 0)).all()


def test_a_profile_replaces_the_outputs(make_case: Make) -> None:
    profiles = {
        "mine": ProfileResult(outputs=(i8(9),)),
        "same": ProfileResult(),
        "far": ProfileResult(outside="zero point 3"),
    }
    ways = (Alternative((i8(2),), "this"),)
    case = make_case(i8(1), expect=Expect("any-of", ways), profiles=profiles)
    mine = under(case, "mine")
    assert isinstance(mine, Case) and mine.expect.kind == "exact" and mine.request.profile == "mine"
    assert judge(mine, outputs(i8(9))).result == "pass"
    assert judge(mine, outputs(i8(2))).result == "fail"
    assert judge(under(case, "same"), outputs(i8(1))).result == "pass"  # type: ignore[arg-type]
    assert under(case, "far") == "outside profile far: zero point 3"
    assert under(case, "other") == "profile other does not apply to Op"
    assert under(case, None) is case
    plain = make_case(i8(1))
    assert under(plain, "mine") is plain


elements = st.lists(st.integers(-3, 3), min_size=3, max_size=3)


@given(elements, elements, elements, st.booleans())
def test_agrees_with_the_verdict_that_proves_the_vectors(a: list[int], b: list[int], c: list[int], whole: bool) -> None:
    from qref.ops.request import Request

    expect = Expect("any-of", (Alternative((i8(*b),), "this"),), match="whole" if whole else "element")
    request = Request("Op", "", 1, {}, ())
    case = Case("Op/x/00000000", "s", request, (i8(*a),), expect, (), (), "")
    assert (judge(case, outputs(i8(*c))).result == "fail") == fails(case, [i8(*c)])
