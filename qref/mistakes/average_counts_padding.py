"""Average counts padding: windows at the border are divided by all their elements, padded ones too."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

AVERAGE = ("AveragePool",)


def run(request: Request) -> list[Tensor]:
    check(request, AVERAGE)
    return rerun(request, attributes={"count_include_pad": 1})


MISTAKE = Mistake(
    name="average-counts-padding",
    operators=AVERAGE,
    flags=("padding", "count-include-pad", "same-upper", "same-lower"),
    effect=(
        "[4, 2] with kernel 2 and one pad before it starts with 4 / 2 = 2 instead of 4 / 1 = 4. Right inside, and "
        "with count_include_pad."
    ),
    fix="Divide by the number of elements on the image where count_include_pad is 0, its default.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("VeriSilicon/TIM-VX#423",),
    real=True,
)
