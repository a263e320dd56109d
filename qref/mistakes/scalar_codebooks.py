"""What mistakes in scalar codebooks share: codes and values from a rule for each part, in float64."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks import scalar
from qref.mistakes.altered_request import check
from qref.numerics.floats import encode
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

EXACT, LLOYD = ("ScalarCodebook",), ("ScalarCodebookLloyd",)
GRADIENT = ("SharedWeightGradient",)

Part = NDArray[np.float64]
Found = tuple[NDArray[Any], Part]  # codes, and the values in use
Rule = Callable[[Part, int], Found]  # weights of a part, V → codes and values
Start = Callable[[Part, int, NDArray[np.uint32]], Part]
Step = Callable[[Part, NDArray[np.int64], Part], Part]  # weights, codes, centroids → new centroids
Nearest = Callable[[Part, Part], NDArray[np.int64]]


def by_parts(request: Request, rule: Rule, operators: tuple[str, ...], fill: float | None = None) -> list[Tensor]:
    """What an engine answers that has this rule for a part. fill: what stands in places without a value."""
    check(request, operators)
    W, given = request.inputs[0], request.attributes
    assert W is not None
    V = 1 << given.get("bits", 4)
    parts = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0))
    codes, books = np.zeros(W.shape, np.uint8), np.zeros((parts.count(W.shape), V))
    for w, b, book in zip(parts.parts(W.data.astype(np.float64)), parts.parts(codes), books, strict=True):
        if w.size:
            b[:], values = rule(w, V)
            book[:] = values[-1] if fill is None else fill
            book[: values.size] = values
    return [Tensor("uint8", codes), encode(books, "float32")]


def lowest(w: Part, C: Part) -> NDArray[np.int64]:
    """The nearest centroid, the lowest of several."""
    found: NDArray[np.int64] = np.abs(w[:, np.newaxis] - C).argmin(axis=1)
    return found


def averaged(w: Part, b: NDArray[np.int64], C: Part) -> Part:
    """The mean of each cluster; of an empty one the centroid as it was."""
    return np.array([w[b == k].mean() if (b == k).any() else C[k] for k in range(C.size)])


def started(request: Request) -> Start:
    """The right start that a request asks for."""
    kind = request.attributes.get("start", "linear")

    def start(w: Part, V: int, words: NDArray[np.uint32]) -> Part:
        return np.array([float(c) for c in scalar.start(w.astype(np.float32), V, kind, words)])

    return start


def lloyd(
    request: Request,
    start: Start | None = None,
    nearest: Nearest = lowest,
    step: Step = averaged,
    operators: tuple[str, ...] = LLOYD,
    fill: float | None = None,
) -> list[Tensor]:
    """Lloyd's algorithm with one of its parts another."""
    check(request, operators)
    W, given = request.inputs[0], request.attributes
    assert W is not None
    V, most = 1 << given.get("bits", 4), given.get("iterations", scalar.ITERATIONS)
    count = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0)).count(W.shape)
    words = iter(Stream(given.get("seed", 0), given.get("tensor", 0)).words(count * V).reshape(count, V))
    begin = start or started(request)

    def rule(w: Part, V: int) -> Found:
        C, codes = np.unique(begin(w, V, next(words))), np.full(w.size, -1)
        for _ in range(most):
            before, codes = codes, nearest(w, C)
            if np.array_equal(codes, before):
                break
            C = step(w, codes, C)
        return codes, C

    return by_parts(request, rule, operators, fill)


def runs(x: Part, weight: Part, K: int, last: bool = False, error: Callable[[Part, Part], float] | None = None) -> Any:
    """Where each of K clusters of the rising numbers x begins; of equally good places the first, or the last."""
    cost = error or around_mean
    D = np.array([np.inf, *(cost(x[:j], weight[:j]) for j in range(1, x.size + 1))])
    begins = []
    for _ in range(K - 1):
        sums = [[D[i] + cost(x[i:j], weight[i:j]) for i in range(j)] or [np.inf] for j in range(x.size + 1)]
        begins.append([len(s) - 1 - int(np.argmin(s[::-1])) if last else int(np.argmin(s)) for s in sums])
        D = np.array([min(s) for s in sums])
    places, j = [], x.size
    for first in reversed(begins):
        j = first[j]
        places.append(j)
    return [0, *reversed(places)]


def around_mean(x: Part, weight: Part) -> float:
    """Σ weight · (x − mean)²."""
    mean = (weight * x).sum() / weight.sum()
    return float((weight * (x - mean) ** 2).sum())
