"""A weight halfway between two powers of two goes to the smaller one."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers import incremental

OPERATORS = ("IncrementalEncode", "IncrementalFreeze")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    toward = np.nextafter(W.data, np.float32(0))
    if request.op == "IncrementalEncode":
        n1, bits = incremental.largest_exponent(W.data), request.attributes.get("bits", 5)
        codes = incremental.codes(toward.astype(np.float32), n1, bits)
        return [Tensor("uint8", codes), Tensor("float32", incremental.codebook(n1, bits)[np.newaxis])]
    _, mask = rerun(request)
    n1, bits = incremental.largest_exponent(W.data), request.attributes.get("bits", 5)
    lower = incremental.codebook(n1, bits)[incremental.codes(toward.astype(np.float32), n1, bits)]
    return [Tensor("float32", np.where(mask.data != 0, lower, W.data)), mask]


MISTAKE = Mistake(
    name="incremental-ties-go-down",
    operators=OPERATORS,
    flags=("tie",),
    effect="(α + β)/2 becomes α: a search for the nearest power keeps the first of two that are equally near.",
    fix="Include the lower end: (α + β)/2 ≤ |w| is β.",
    symptom="only at ties",
    run=run,
)
