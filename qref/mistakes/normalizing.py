"""BatchNormalization by another formula than its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref import ops
from qref.mistakes.altered_request import check
from qref.mistakes.products import left_of
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization, normalization
from qref.ops.request import Request

NORMALIZATION = ("BatchNormalization",)


def by_formula(request: Request, formula: Callable[[Normalization], NDArray[Any]]) -> list[Tensor]:
    """The answer of `formula`, which works in float64 on the inputs spread to X's shape."""
    check(request, NORMALIZATION)
    given = normalization(*request.inputs, **ops.keywords(request, ops.find(request)))  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        return [encode(np.asarray(formula(given)), left_of(request).dtype)]
