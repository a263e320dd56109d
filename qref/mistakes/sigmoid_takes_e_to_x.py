"""Sigmoid with the sign of the exponent lost: 1 / (1 + e^x)."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Sigmoid",))
    x = left_of(request)
    return rerun(request, inputs={0: encode(-raw(x), x.dtype)})


MISTAKE = Mistake(
    name="sigmoid-takes-e-to-x",
    operators=("Sigmoid",),
    flags=("tail",),
    effect="2 gives 0.1192029 instead of 0.8807971. Right at 0 only.",
    fix="1 / (1 + e^−x).",
    symptom="nearly everywhere",
    run=run,
)
