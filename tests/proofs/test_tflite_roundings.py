"""How far one rounding and two can differ, proved by z3 on 32-bit accumulators and multipliers.

`tflite-double` and `tflite-single` are written here as bit-vector formulas of 64 bits, as C computes them. The formulas
are first held against the reference; then z3 shows that no accumulator, multiplier or zero point breaks a claim. A
claim about all products a·m is shown for every 64-bit number P in their place where that holds as well: it needs no
multiplier circuit and takes milliseconds.
"""

import random
from typing import Any

import pytest

from qref.numerics.profiles import PROFILES

z3 = pytest.importorskip("z3")

TWO_WORDS = 64
RIGHT_SHIFTS, LEFT_SHIFTS = range(-31, 0), range(31)


def word(value: int) -> Any:
    return z3.BitVecVal(value, TWO_WORDS)


def wide(x: Any) -> Any:
    """A 32-bit vector, sign-extended to 64 bits."""
    return z3.SignExt(TWO_WORDS - 32, x)


def two_roundings(product: Any, e: int) -> Any:
    """RoundingDivideByPOT(SaturatingRoundingDoublingHighMul(…), −e) of a product that holds the left shift already.

    The multiplier is positive, so that INT32_MIN · INT32_MIN, which would saturate, is no such product.
    """
    right = max(-e, 0)
    high = (product + word(2**30)) >> 31
    mask = 2**right - 1
    threshold = word(mask >> 1) + z3.If(high < 0, word(1), word(0))
    return (high >> right) + z3.If((high & mask) > threshold, word(1), word(0))


def one_rounding(product: Any, e: int) -> Any:
    """(product + 2^(30 − e)) >> (31 − e)."""
    return (product + word(2 ** (30 - e))) >> (31 - e)


def output(scaled: Any, zero_point: Any, lowest: int, highest: int) -> Any:
    """clamp(scaled + zero_point)."""
    sum_ = scaled + zero_point
    return z3.If(sum_ < lowest, word(lowest), z3.If(sum_ > highest, word(highest), sum_))


def double(acc: Any, m: Any, e: int) -> Any:
    return two_roundings((wide(acc) << max(e, 0)) * wide(m), e)


def single(acc: Any, m: Any, e: int) -> Any:
    return one_rounding(wide(acc) * wide(m), e)


ACC, M = z3.BitVecs("acc m", 32)
P, ZERO = z3.BitVecs("P zero", TWO_WORDS)


def normal_multiplier() -> Any:
    """2³⁰ ≤ m < 2³¹, as every derivation gives it but for m = 0."""
    return M >= 2**30


def product_of_words() -> Any:
    """The range that a · m cannot leave: |a| ≤ 2³¹ and 0 ≤ m < 2³¹."""
    return z3.And(word(-(2**62)) <= P, word(2**62) >= P)


def unshifted(e: int) -> Any:
    """acc · 2^e fits 32 bits: the domain of the two rules at a left shift."""
    return z3.And(-(2 ** (31 - e)) <= ACC, 2 ** (31 - e) - 1 >= ACC)


def refuted(*claims: Any) -> Any:
    """The numbers that satisfy all claims, None where z3 proves that there are none.

    In a context of its own: what was asked before would change the search, and with it the time, by a factor of 20.
    """
    own = z3.Context()
    solver = z3.Solver(ctx=own)
    solver.add(*(claim.translate(own) for claim in claims))
    verdict = solver.check()
    assert verdict != z3.unknown
    if verdict == z3.unsat:
        return None
    return {str(variable): solver.model()[variable].as_signed_long() for variable in solver.model()}


@pytest.mark.requirement("QREF-RQ-010", "QREF-RQ-011", "QREF-RQ-012")
@pytest.mark.parametrize(("name", "formula"), [("tflite-double", double), ("tflite-single", single)])
def test_the_formulas_are_what_the_reference_computes(name: str, formula: Any) -> None:
    draw = random.Random(3)
    for _ in range(400):
        e = draw.randint(-31, 30)
        ends = 2 ** (31 - max(e, 0))
        acc = draw.choice(
            [draw.randint(-ends, ends - 1), draw.randint(-ends, ends - 1) >> draw.randrange(31), -ends, ends - 1]
        )
        m = draw.choice([draw.randint(2**30, 2**31 - 1), 2**30, 2**31 - 1, 0])
        dtype, lowest, highest = draw.choice([("int8", -128, 127), ("uint8", 0, 255), ("int16", -32768, 32767)])
        zero = draw.choice([lowest, highest, draw.randint(lowest, highest)])
        scaled = formula(z3.BitVecVal(acc, 32), z3.BitVecVal(m, 32), e)
        if not -(2**31) <= z3.simplify(scaled).as_signed_long() + zero < 2**31:
            continue
        theirs = z3.simplify(output(scaled, word(zero), lowest, highest)).as_signed_long()
        assert theirs == PROFILES[name].apply(acc, {"multiplier": m, "shift": e}, zero, dtype), (acc, m, e, zero, dtype)


@pytest.mark.requirement("QREF-RQ-011", "QREF-RQ-012")
@pytest.mark.parametrize("e", LEFT_SHIFTS)
def test_without_a_right_shift_they_are_the_same(e: int) -> None:
    """For every product, whatever the multiplier: the second rounding divides by one."""
    # P << e, the product that the two roundings see, must not overflow; within the domain |acc · 2^e · m| < 2⁶²
    fits = z3.And(P << e >> e == P, word(-(2**62)) <= P << e, P << e <= word(2**62))
    assert refuted(fits, two_roundings(P << e, e) != one_rounding(P, e)) is None


@pytest.mark.requirement("QREF-RQ-011", "QREF-RQ-012")
@pytest.mark.parametrize("e", [0, 5, 12, 30])
def test_without_a_right_shift_the_outputs_are_the_same(e: int) -> None:
    """The same with the product spelled out, zero point and clamp included."""
    ours = output(double(ACC, M, e), ZERO, -128, 127)
    theirs = output(single(ACC, M, e), ZERO, -128, 127)
    zero_point = z3.And(word(-128) <= ZERO, word(127) >= ZERO)
    assert refuted(normal_multiplier(), unshifted(e), zero_point, ours != theirs) is None


@pytest.mark.requirement("QREF-RQ-011", "QREF-RQ-012")
@pytest.mark.parametrize("e", RIGHT_SHIFTS)
def test_with_a_right_shift_they_differ_by_one_at_most(e: int) -> None:
    apart = two_roundings(P, e) - one_rounding(P, e)
    assert refuted(product_of_words(), z3.Or(apart > 1, apart < -1)) is None


@pytest.mark.slow
@pytest.mark.parametrize("e", [-1, -2, -8, -15, -31])
def test_with_a_right_shift_they_differ_by_one_at_most_with_the_product_spelled_out(e: int) -> None:
    """What the test before shows for every P, once more for 32-bit accumulators and multipliers as they are."""
    apart = double(ACC, M, e) - single(ACC, M, e)
    assert refuted(normal_multiplier(), z3.Or(apart > 1, apart < -1)) is None


@pytest.mark.parametrize("e", [-1, -2, -3, -8, -31])
def test_with_a_right_shift_they_do_differ(e: int) -> None:
    """z3 finds an accumulator and a multiplier, and the reference differs there as well."""
    found = refuted(normal_multiplier(), double(ACC, M, e) != single(ACC, M, e))
    assert found is not None
    acc, m = found["acc"], found["m"]
    derived = {"multiplier": m, "shift": e}
    answers = [PROFILES[name].apply(acc, derived, 0, "int32") for name in ("tflite-double", "tflite-single")]
    assert abs(answers[0] - answers[1]) == 1, (acc, m, e)
