"""QuantizeLinear with halves rounded toward +∞: floor(x / s + 0.5)."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    return found.saturated(np.floor(found.quotient() + 0.5) + found.zero_point)


MISTAKE = Mistake(
    name="quantize-half-up",
    operators=("QuantizeLinear",),
    flags=("tie", "negative-tie"),
    effect="2.5 becomes 3 and −3.5 becomes −3 (right: 2 and −4); −2.5 comes out right.",
    fix="Round to nearest, ties to even (nearbyint, rintf, cvtps2dq), before the zero point is added.",
    symptom="only at ties",
    run=run,
    seen_in=("tenstorrent/tt-metal#56525",),
    real=True,
)
