"""Average ignores count_include_pad: padding is never counted."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

AVERAGE = ("AveragePool",)


def run(request: Request) -> list[Tensor]:
    check(request, AVERAGE)
    return rerun(request, attributes={"count_include_pad": None})


MISTAKE = Mistake(
    name="average-ignores-count-include-pad",
    operators=AVERAGE,
    flags=("count-include-pad",),
    effect=(
        "[4, 2] with kernel 2, one pad before it and count_include_pad 1 starts with 4 / 1 = 4 instead of 4 / 2 = 2. "
        "Right inside, and without the attribute."
    ),
    fix="With count_include_pad divide by the number of elements on the padded image.",
    symptom="only at the edges of an image",
    run=run,
)
