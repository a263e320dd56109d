"""First image for the whole batch: every image of a batch gives the first one's outputs."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*CONVOLUTIONS, "ConvTranspose")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    at = POSITIONS[request.op].left
    x = request.inputs[at]
    assert x is not None
    return rerun(request, inputs={at: Tensor(x.dtype, x.data[np.zeros(x.shape[0], np.int64)])})


MISTAKE = Mistake(
    name="first-image-for-whole-batch",
    operators=OPERATORS,
    flags=("batch",),
    effect=(
        "The image's offset is missing: all N images give the outputs of image 0. Right for N = 1, the batch of nearly "
        "every test."
    ),
    fix="Advance the input by C·H·W elements an image, as the output by M·H'·W'.",
    symptom="only in some shapes",
    run=run,
)
