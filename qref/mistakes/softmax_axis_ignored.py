"""Softmax along the default axis whatever `axis` says."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Softmax",))
    return rerun(request, attributes={"axis": None})


MISTAKE = Mistake(
    name="softmax-axis-ignored",
    operators=("Softmax",),
    flags=("axis", "coerced"),
    effect=(
        "[[0, 0], [5, 5]] along axis 0 gives 0.5 everywhere instead of columns of 0.0067 and 0.9933. Right for the "
        "default axis."
    ),
    fix="Move `axis` to the end, or walk with its stride.",
    symptom="only in some shapes",
    run=run,
    seen_in=("webonnx/wonnx#82",),
)
