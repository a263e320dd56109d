"""Holds one published case against the independent answer."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from independent.answers import Answer, Sum
from independent.binary_formats import BINARIES, Binary, power_of_two
from independent.extended import NAN, Special, Value, is_finite, is_zero, real
from independent.operators import answer
from independent.refusal import Refused, Undecided
from independent.requests import Case, read_case, read_tensor
from independent.tensors import Tensor, positions

BITWISE = ("Concat", "Flatten", "Pad", "Reshape")
# Operators whose published tolerance is contracts.md's "Tolerance of a dot product".
DOT_PRODUCTS = ("AveragePool", "Conv", "ConvTranspose", "Gemm", "GlobalAveragePool", "MatMul")


@dataclass(frozen=True)
class Disagreement:
    case: str
    what: str

    def __str__(self) -> str:
        return f"{self.case}: {self.what}"


def disagreements(entry: dict[str, Any]) -> list[Disagreement]:
    """Everything in which a case differs from the independent answer."""
    case = read_case(entry)
    try:
        own = answer(case.op, case.opset, case.attributes, case.inputs, len(case.outputs or [None]))
    except Refused as refused:
        return [] if case.expect["kind"] == "error" else [Disagreement(case.id, f"refused: {refused}")]
    except Undecided as undecided:
        return [] if case.expect["kind"] == "open" else [Disagreement(case.id, f"undecided: {undecided}")]
    if case.expect["kind"] == "error":
        return [Disagreement(case.id, "an error is expected, and there is an answer")]
    if case.outputs is None:
        return []
    found = outputs_differ(case, own.outputs) + tolerance_differs(case, own)
    for reading, outputs in own.others.items():
        found += [f"by another reading, {reading}: {what}" for what in outputs_differ(case, outputs, accepted=True)]
    return [Disagreement(case.id, what) for what in found]


def same(code: int, own: int, dtype: str, bitwise: bool, signed_zero: bool) -> bool:
    if code == own:
        return True
    if bitwise or dtype not in BINARIES:
        return False
    a, b = (Tensor(dtype, (), [c]).values[0] for c in (code, own))
    return (a is NAN and b is NAN) or (is_zero(a) and is_zero(b) and not signed_zero)


def outputs_differ(case: Case, own: list[Tensor], accepted: bool = False) -> list[str]:
    """Elements that are not the golden ones; with `accepted` those that the case does not accept either."""
    assert case.outputs is not None
    if len(case.outputs) != len(own):
        return [f"{len(case.outputs)} outputs, own {len(own)}"]
    found = []
    unspecified = case.expect.get("unspecified")
    for number, (golden, mine) in enumerate(zip(case.outputs, own)):
        if (golden.dtype, golden.shape) != (mine.dtype, mine.shape):
            found.append(f"output {number} is {golden.dtype}{golden.shape}, own {mine.dtype}{mine.shape}")
            continue
        free = read_tensor(unspecified[number]).codes if unspecified else [0] * len(golden)
        signed_zero = case.expect.get("signed_zero", False)
        alternatives, tolerances = also_accepted(case, number) if accepted else ([], [])
        for i, at in enumerate(positions(golden.shape)):
            codes = [t.codes[i] for t in (golden, *alternatives)]
            if free[i] or any(same(c, mine.codes[i], golden.dtype, case.op in BITWISE, signed_zero) for c in codes):
                continue
            if any(near(golden.values[i], mine.values[i], t.values[i]) for t in tolerances):
                continue
            width = BINARIES[golden.dtype].width // 4 if golden.is_float else 2
            found.append(
                f"output {number} at {list(at)} is {shown(golden, i)} ({golden.codes[i]:0{width}x}), "
                f"own {shown(mine, i)} ({mine.codes[i]:0{width}x})"
            )
    return found


def also_accepted(case: Case, number: int) -> tuple[list[Tensor], list[Tensor]]:
    """Alternatives and tolerances of an output."""
    alternatives = [read_tensor(a["outputs"][number]) for a in case.expect.get("alternatives", ())]
    if case.expect["kind"] != "bound":
        return alternatives, []
    tolerances = [case.expect["tolerance"], *(w["tolerance"] for w in case.expect.get("wider", ()))]
    return alternatives, [read_tensor(t[number]) for t in tolerances]


def near(golden: Value, own: Value, tolerance: Value) -> bool:
    return (
        is_finite(golden)
        and is_finite(own)
        and (not is_finite(tolerance) or abs(real(golden) - real(own)) <= real(tolerance))
    )


def shown(t: Tensor, i: int) -> str:
    if t.is_integer:
        return str(t.integers[i])
    if not t.is_float:
        return f"code {t.codes[i]}"
    value = t.values[i]
    return value.value if isinstance(value, Special) else f"{float(value)!r}"


def contract(s: Sum, scalings: int, published: Value, output: Binary) -> Fraction | None:
    """n·u·M + 2·u_out·|y*| + n·tiny, n = products + bias + extra scalings + 1.

    Reading: u is float32's for narrower types as well, which are accumulated in it; `tiny` is the output type's;
    products count where the window meets the input, since a padded zero adds no error.
    """
    if not is_finite(published) or not is_finite(s.size):
        return None
    n = s.products + s.addends + scalings + 1
    u = min(power_of_two(-24), output.unit_roundoff)
    return n * u * real(s.size) + 2 * output.unit_roundoff * abs(real(published)) + n * output.tiny


def tolerance_differs(case: Case, own: Answer) -> list[str]:
    if case.expect["kind"] != "bound":
        return []
    assert case.outputs is not None
    found = []
    for number, (golden, entry) in enumerate(zip(case.outputs, case.expect["tolerance"])):
        tolerance = read_tensor(entry)
        if tolerance.dtype != "float64" or tolerance.shape != golden.shape:
            found.append(f"tolerance {number} is {tolerance.dtype}{tolerance.shape}")
        elif any(is_finite(v) and real(v) < 0 for v in tolerance.values) or any(v is NAN for v in tolerance.values):
            found.append(f"tolerance {number} is no bound")
        elif case.op in DOT_PRODUCTS and own.sums is not None:
            output = BINARIES[golden.dtype]
            for i, s in enumerate(own.sums):
                wanted, given = contract(s, own.scalings, golden.values[i], output), tolerance.values[i]
                if wanted is None:
                    continue
                if not is_finite(given) or abs(real(given) - wanted) > wanted / 1_000_000:
                    found.append(f"tolerance {i} is {shown(tolerance, i)}, by the contract {float(wanted)!r}")
    return found
