"""Pads of a transposed convolution swapped: what belongs to the beginning is taken from the end."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED, ends
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    begin, end = ends(request)
    return rerun(request, attributes={"pads": [*end, *begin]} if "pads" in request.attributes else {})


MISTAKE = Mistake(
    name="transposed-pads-begin-and-end-swapped",
    operators=TRANSPOSED,
    flags=("transposed-padding", "asymmetric-pads"),
    effect=(
        "pads [1, 0] of a transposed convolution take its last element instead of its first: the shape is right and "
        "every element is its neighbour's. Right where pads are symmetric."
    ),
    fix="The kernel is turned around, the padding is not: pads_begin goes from the beginning.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxruntime#4271",),
)
