"""The hard sigmoid in float32: (w + 1) / 2 rounded before u is compared with it."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, drawn
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return drawn(request, lambda W, word: word * 2.0**-32 < _sigmoid(W))


def _sigmoid(W: Array) -> Array:
    return np.clip((W.astype(np.float32) + np.float32(1)) / np.float32(2), 0, 1).astype(np.float64)


MISTAKE = Mistake(
    name="stochastic-sigmoid-in-float32",
    operators=OPERATORS,
    flags=("exact-comparison",),
    effect="Weights below 2⁻²⁴ have p = ½ exactly: u between ½ and p gets the other sign.",
    fix="Compare 2u − 1 with w, in float64.",
    symptom="only near ties",
    run=run,
)
