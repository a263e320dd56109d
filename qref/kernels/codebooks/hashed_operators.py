"""HashedDecode, HashedEncode, HashedGemm, HashedBackward and HashedStep by compiled loops."""

from typing import Any

import numpy as np

from qref.codebooks.hashed import SEED
from qref.kernels.codebooks.hashed import backward, decode, encode, own, run, seeds, shared
from qref.kernels.quantizers.decoded import decoded
from qref.kernels.quantizers.descent import moved
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import hashed as operators
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite


def hashed_decode(request: Request, operator: Operator) -> Tensor:
    """HashedDecode."""
    [w] = _inputs(request)
    given = keywords(request, operator)
    return Tensor("float32", decode(operators.layer(w, given.get("shape"), *_hash(given))))


def hashed_encode(request: Request, operator: Operator) -> Tensor:
    """HashedEncode."""
    [W] = _inputs(request)
    given = keywords(request, operator)
    dtype("W", W, ("float32",))
    return Tensor("float32", encode(operators.scheme(given.get("bits", 4), *_hash(given)), W.data).weights)


def hashed_gemm(request: Request, operator: Operator) -> Tensor | tuple[Tensor, ...]:
    """HashedGemm."""
    X, w = _inputs(request)
    given = keywords(request, operator)
    encoded = operators.layer_of(X, w, given.get("outputs", 1), *_hash(given))
    if encoded.hash.key != "uint32":
        return decoded(request, operator)
    return Tensor("float32", run(X.data, encoded))


def hashed_backward(request: Request, operator: Operator) -> Tensor | tuple[Tensor, ...]:
    """HashedBackward."""
    X, w, dY = _inputs(request)
    encoded = operators.layer_between(X, w, dY, *_hash(keywords(request, operator)))
    if encoded.hash.key != "uint32":
        return decoded(request, operator)
    dX, dw = np.zeros(X.shape), np.zeros(w.data.size)
    if encoded.weights.size:
        backward(own(X.data), own(encoded.weights), own(dY.data), *seeds(encoded.hash), dX, dw)
    with np.errstate(over="ignore"):
        return Tensor("float32", dX.astype(np.float32)), Tensor("float32", dw.astype(np.float32))


def hashed_step(request: Request, operator: Operator) -> Tensor | tuple[Tensor, ...]:
    """HashedStep."""
    w, g = _inputs(request)
    given = keywords(request, operator)
    dtype("g", g, ("float32",))
    encoded = operators.layer(w, g.shape, *_hash(given))
    if encoded.hash.key != "uint32":
        return decoded(request, operator)
    totals, members = np.zeros(w.data.size), np.zeros(w.data.size, np.int64)
    shared(own(finite("g", g.data)).reshape(matrix(g.shape)), *seeds(encoded.hash), totals, members)
    return moved(encoded.weights, totals, given.get("learning_rate", RATE))


def _inputs(request: Request) -> list[Tensor]:
    return [x for x in request.inputs if x is not None]


def _hash(given: dict[str, Any]) -> tuple[int, str]:
    return given.get("seed", SEED), given.get("key", "uint32")
