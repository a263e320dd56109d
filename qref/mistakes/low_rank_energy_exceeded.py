"""A share of energy that must be exceeded."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfEnergy",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    energy = request.attributes.get("energy", float(np.float32(0.9)))
    beyond = float(np.nextafter(np.float32(energy), np.float32(2)))
    if beyond > 1:
        W = request.inputs[0]
        assert W is not None
        sides = (W.shape[0], int(np.prod(W.shape[1:])))
        return [Tensor("int64", np.array(min(sides), np.int64))]
    return rerun(request, attributes={"energy": beyond})


MISTAKE = Mistake(
    name="low-rank-energy-exceeded",
    operators=OPERATORS,
    flags=("energy-met-exactly",),
    effect="Of 4 equal values 2 have half of the energy; 3 are taken.",
    fix="≥, not >: the first r whose share is the one asked for.",
    symptom="only at ties",
    run=run,
)
