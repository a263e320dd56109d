"""Stochastic quantization with the rows chosen another way, in float64."""

from collections.abc import Callable, Iterable

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import rerun
from qref.mistakes.binary_schemes import Array, given, values
from qref.numerics.philox import uniform, words
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.granularity import matrix
from qref.quantizers.sq_bwn import hybrid, kept


def with_rows(request: Request, choose: Callable[[Array, int, Array], Iterable[int]]) -> list[Tensor]:
    """The answer where `choose` says which rows: of their errors, how many are wanted, and the numbers u drawn.

    Raises:
        Unsupported: no row is left, or none is wanted, so that there is nothing to choose.
    """
    attributes, W = given(request), request.inputs[0]
    assert W is not None
    m, K = matrix(W.shape)
    count = m - kept(attributes["ratio"], m)
    if count in (0, m):
        raise Unsupported("no choice of rows")
    rows = np.abs(values(request, 0).reshape(m, K))
    norms = rows.sum(axis=1)
    deviations = np.abs(rows - rows.mean(axis=1, keepdims=True)).sum(axis=1)
    errors = np.divide(deviations, norms, out=np.zeros(m), where=norms > 0)
    u = uniform(words(attributes["seed"], attributes["tensor"], m))
    chosen = np.zeros(m, np.bool_)
    chosen[[int(row) for row in choose(errors, count, u)]] = True
    _, _, published = rerun(request)
    return [Tensor("int8", chosen.astype(np.int8)), Tensor("float32", hybrid(W.data, chosen).decode()), published]


def roulette(weights: Array, count: int, u: Array, replacing: bool = False) -> list[int]:
    """`count` draws of rows by their weights; each row at most once, unless it is put back."""
    wheel, drawn = weights.copy(), []
    for draw in u[:count]:
        ends = np.cumsum(wheel)
        drawn.append(int(np.argmax(draw * ends[-1] < ends)))
        if not replacing:
            wheel[drawn[-1]] = 0.0
    return drawn
