"""A ternary scale that divides by all weights of the part, those that became 0 included."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

OPERATORS = ("TernaryWeight", "TernaryWeightExact")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, _ = rerun(request)
    W = request.inputs[0]
    assert W is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    pairs = zip(parts.parts(W.data.astype(np.float64)), parts.parts(codes.data), strict=True)
    scales = [float((w * T).sum() / max(w.size, 1)) for w, T in pairs]
    return [codes, encode(np.array(scales), "float32")]


MISTAKE = Mistake(
    name="ternary-scale-over-all-weights",
    operators=OPERATORS,
    flags=("ternary-threshold",),
    effect="The scale is too small by the share of zeros: 3, 0.1 and 0.1 get 1 where 3 is right.",
    fix="Divide by the number of weights that are not 0: α = Wᵀ T / Tᵀ T.",
    symptom="nearly everywhere",
    run=run,
)
