"""What mistakes in ternary weights share: codes and scales from a rule for each part."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.altered_request import check
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

OPERATORS = ("TernaryWeight",)
BOTH = ("TernaryWeight", "TernaryWeightExact")

Part = NDArray[np.float64]
Rule = Callable[[Part], tuple[NDArray[np.int8], float]]  # weights of a part → codes and scale


def by_parts(request: Request, rule: Rule, operators: tuple[str, ...] = OPERATORS) -> list[Tensor]:
    """What an engine answers that has this rule for a part."""
    check(request, operators)
    W = request.inputs[0]
    assert W is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    codes = np.zeros(W.shape, np.int8)
    scales = []
    for w, code in zip(parts.parts(W.data.astype(np.float64)), parts.parts(codes), strict=True):
        code[:], alpha = rule(w) if w.size else (code, 0.0)
        scales.append(alpha)
    return [Tensor("int8", codes), encode(np.array(scales), "float32")]


def cut(w: Part, delta: float) -> tuple[NDArray[np.int8], float]:
    """Codes and scale by a threshold."""
    T = (np.sign(w) * (np.abs(w) > delta)).astype(np.int8)
    return T, scale(w, T)


def scale(w: Part, T: NDArray[np.int8]) -> float:
    """The mean magnitude where T is not 0."""
    return float(np.abs(w[T != 0]).mean()) if T.any() else 0.0
