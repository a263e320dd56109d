"""One codebook of the whole tensor in the place of one a channel or group."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, LLOYD
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*EXACT, *LLOYD)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.attributes.get("granularity", "tensor") == "tensor":
        raise Unsupported("there is one codebook only")
    parts = rerun(request)[1].shape[0]
    codes, book = rerun(request, attributes={"granularity": None, "group_size": None})
    return [codes, Tensor("float32", np.repeat(book.data, parts, axis=0))]


MISTAKE = Mistake(
    name="scalar-one-codebook-for-all-parts",
    operators=OPERATORS,
    flags=("codebook-a-channel", "codebook-a-group"),
    effect="All of 3 channels share the values of the tensor: a channel of small weights has hardly one of its own.",
    fix="Fit a codebook to the weights of each part.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
