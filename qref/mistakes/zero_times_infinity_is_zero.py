"""Zero times anything is zero: the legacy multiplication of shader hardware, or fast-math."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, replaced
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import raw
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Mul",))
    if is_whole(request):
        return rerun(request)
    a, b = (raw(x) for x in two(request))
    return replaced(request, (a == 0) | (b == 0), 0.0)


MISTAKE = Mistake(
    name="zero-times-infinity-is-zero",
    operators=("Mul",),
    flags=("special-values",),
    effect="0 · ∞ and 0 · NaN give 0 instead of NaN; −2 · 0 gives +0 instead of −0.",
    fix="Multiply by the IEEE 754 instruction, without finite-math flags.",
    symptom="only at the ends of the range",
    run=run,
)
