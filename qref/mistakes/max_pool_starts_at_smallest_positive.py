"""Max pooling starts at the smallest positive number: FLT_MIN, or numeric_limits::min(), taken for the lowest."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import at_least, image
from qref.numerics.floats import float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    check(request, MAX)
    x = image(request)
    if not isinstance(x.format, Float):
        raise Unsupported("the lowest integer has that name")
    return at_least(request, np.array(True), float_format(x.dtype).smallest_normal)


MISTAKE = Mistake(
    name="max-pool-starts-at-smallest-positive",
    operators=MAX,
    flags=("negative-maximum",),
    effect=(
        "The maximum of -3 and -1 is 1.17549435e-38, and so is that of -3 and 0. Right for windows with a positive "
        "normal number."
    ),
    fix="Start from -FLT_MAX, numeric_limits::lowest() or minus infinity.",
    symptom="only negative values",
    run=run,
    seen_in=("uxlfoundation/oneDNN#1677",),
    real=True,
)
