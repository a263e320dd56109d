"""A histogram whose range the first batch fixes: later numbers beyond it are counted in the last bin."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile", "CalibrateSquaredError", "CalibrateDivergence")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    first = next((batch for batch in request.inputs if batch is not None and batch.data.any()), None)
    if first is None:
        return rerun(request)
    top = np.float32(np.nextafter(2.0 ** np.frexp(np.abs(first.data).max())[1], 0, dtype=np.float32))
    held = {i: replace(x, data=np.clip(x.data, -top, top)) for i, x in enumerate(request.inputs) if x is not None}
    return rerun(request, held)


MISTAKE = Mistake(
    name="histogram-clips-later-batches",
    operators=OPERATORS,
    flags=("growing-histogram",),
    effect="A first batch up to 1 makes everything beyond an outlier at the end: the range never grows.",
    fix="Widen the histogram when a batch goes beyond it, and merge its bins.",
    symptom="only at the ends of the range",
    run=run,
)
