"""QuantizeLinear to an unsigned type through sign and magnitude: the sign of a negative value is lost."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    if found.integers.signed:
        raise Unsupported(f"output {found.integers.name}: the mistake is one with unsigned outputs")
    return found.saturated(np.abs(np.rint(found.quotient()) + found.zero_point))


MISTAKE = Mistake(
    name="quantize-reflects-negatives",
    operators=("QuantizeLinear",),
    flags=("saturation",),
    effect="−10 to uint8 with zero point 0 becomes 10 (right: 0).",
    fix="Saturate at 0 before the sign is dropped.",
    symptom="only negative values",
    run=run,
    seen_in=("tenstorrent/tt-metal#56403",),
    real=True,
)
