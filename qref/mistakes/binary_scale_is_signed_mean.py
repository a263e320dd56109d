"""Binary weights scaled by the mean of w in place of the mean of |w|."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

OPERATORS = ("BinaryWeight",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, scales = rerun(request)
    [W] = request.inputs
    assert W is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0)).parts(W.data.astype(np.float64))
    means = [abs(part.mean()) if part.size else 0.0 for part in parts]
    return [codes, encode(np.array(means).reshape(scales.shape), "float32")]


MISTAKE = Mistake(
    name="binary-scale-is-signed-mean",
    operators=OPERATORS,
    flags=("mean-magnitude", "scale-a-channel"),
    effect="The scale of signs is |mean(w)|: weights 3 and −1 get 1 where the mean of |w| is 2.",
    fix="Take the magnitudes first: α = ‖W‖₁ / n.",
    symptom="nearly everywhere",
    run=run,
)
