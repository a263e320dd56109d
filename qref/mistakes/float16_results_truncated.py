"""Results truncated to float16 instead of rounded."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import ONE_OPERATION, computed
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.floats import encode, float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ONE_OPERATION)
    if left_of(request).dtype != "float16":
        return rerun(request)
    exact = computed(request)
    nearest = round_to(exact, float_format("float16"))
    with np.errstate(invalid="ignore"):
        toward_zero = np.nextafter(nearest.astype(np.float16), np.float16(0)).astype(np.float64)
        beyond = np.isfinite(exact) & (np.abs(nearest) > np.abs(exact))
    return [encode(np.where(beyond, toward_zero, nearest), "float16")]


MISTAKE = Mistake(
    name="float16-results-truncated",
    operators=ONE_OPERATION,
    flags=("float16", "float-tie"),
    effect=(
        "2049 + 2 = 2051 becomes 2050 instead of 2052; 65520 becomes 65504, the largest number, instead of infinity."
    ),
    fix="Round to nearest even in the conversion from float32.",
    symptom="only in one number format",
    run=run,
)
