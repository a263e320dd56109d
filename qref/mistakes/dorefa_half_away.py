"""quantizeₖ with ties away from zero, as C has round."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.low_bits import data, levels
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DoReFaActivation",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    n = levels(request)
    return [encode(np.floor(n * np.clip(data(request), 0, 1) + 0.5) / n, "float32")]


MISTAKE = Mistake(
    name="dorefa-half-away",
    operators=OPERATORS,
    flags=("tie",),
    effect="1/2 of one bit becomes 1. With more bits the tie at 1/2 goes up either way.",
    fix="Round ties to even, as tf.round does in the code of the authors.",
    symptom="only at ties",
    run=run,
)
