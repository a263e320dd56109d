"""Default epsilon: the attribute is not read, and 1e-5 used for all."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, NORMALIZATION)
    return rerun(request, attributes={"epsilon": None})


MISTAKE = Mistake(
    name="batch-norm-default-epsilon",
    operators=NORMALIZATION,
    flags=("epsilon",),
    effect="TensorFlow and Keras export 1e-3: with var 1e-3 the divisor is 0.0318 instead of 0.0447.",
    fix="Read the attribute.",
    symptom="nearly everywhere",
    run=run,
)
