"""Mistakes in hashed and factorized weights: where they show, and where not."""

from typing import Any

import numpy as np
import pytest

from qref.errors import Unsupported
from qref.mistakes import MISTAKES
from qref.numerics.floats import decode
from qref.numerics.tensor import tensor
from qref.ops import run
from qref.ops.request import Request


def hashing(W: Any, X: Any) -> Request:
    return Request("InnerProductHashing", "qref", 1, {}, (tensor(W, "float32"), tensor(X, "float32")), 2)


def decomposition(W: Any, **attributes: int) -> Request:
    return Request("SemidiscreteDecomposition", "qref", 1, attributes, (tensor(W, "float32"),), 3)


def factors(X: Any, D: Any, Y: Any) -> tuple[Any, ...]:
    return tensor(X, "int8"), tensor(D, "float32"), tensor(Y, "int8")


def decoding(X: Any, D: Any, Y: Any) -> Request:
    return Request("FactorizedDecode", "qref", 1, {}, factors(X, D, Y), 1)


def layer(x: Any, X: Any, D: Any, Y: Any) -> Request:
    return Request("FactorizedConv", "qref", 1, {}, (tensor(x, "float32"), *factors(X, D, Y)), 1)


def values(outputs: list[Any]) -> Any:
    found = [decode(output).tolist() for output in outputs]
    return found[0] if len(found) == 1 else found


OUTVOTED = hashing([[3, -1, -1, -1]], [[1, 1, 1, 1]])
NO_OUTPUT = hashing([[3, -1.5, -1.5]], [[1, 1, 1]])
UNUSED = hashing([[1, -2]], [[1, 0]])
BLOCK = [[4, 4, 0, 0]]
ROW = [[1], [1], [1], [1]]
UNIT = [[1], [0], [0], [0]]


@pytest.mark.parametrize(
    ("mistake", "request_", "right", "wrong"),
    [
        ("hashing-ignores-inputs", OUTVOTED, [[[1, 1, -1, -1]], [1.5]], [[[1, -1, -1, -1]], [1.5]]),
        ("hashing-scale-is-mean-magnitude", NO_OUTPUT, [[[1, -1, -1]], [0]], [[[1, -1, -1]], [2]]),
        ("hashing-signs-all-at-once", OUTVOTED, [[[1, 1, -1, -1]], [1.5]], [[[1, 1, 1, 1]], [0]]),
        ("hashing-tie-becomes-plus-one", UNUSED, [[[1, -1]], [1]], [[[1, 1]], [1]]),
        (
            "hashing-takes-scale-for-positive",
            hashing([[0, -4, -3, 5]], [[3, 2, 0, 2]]),
            [[[1, -1, -1, -1]], [-2]],
            [[[1, 1, -1, 1]], [float(np.float32(2 / 7))]],
        ),
        (
            "decomposition-without-zeros",
            decomposition([[8], [1], [1]]),
            [[[1], [0], [0]], [8], [[1]]],
            [[[1], [1], [1]], [float(np.float32(10 / 3))], [[1]]],
        ),
        (
            "decomposition-tie-takes-most-nonzeros",
            decomposition([[3], [1], [1], [1]]),
            [UNIT, [3], [[1]]],
            [ROW, [1.5], [[1]]],
        ),
        (
            "decomposition-scale-of-whole-matrix",
            decomposition(BLOCK),
            [[[1]], [4], [[1, 1, 0, 0]]],
            [[[1]], [2], [[1, 1, 0, 0]]],
        ),
        (
            "decomposition-residual-not-updated",
            decomposition(BLOCK, terms=2),
            [[[1, 0]], [4, 0], [[1, 1, 0, 0], [0, 0, 0, 0]]],
            [[[1, 1]], [4, 4], [[1, 1, 0, 0], [1, 1, 0, 0]]],
        ),
        (
            "factors-swap-axes",
            decoding([[1, 0, 1], [0, 1, -1]], [1, 1, 1], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
            [[1, 0, 1], [0, 1, -1]],
            [[1, 1, 1], [0, 0, -1]],
        ),
        (
            "factor-scale-before-filters",
            layer([[[1], [10]]], [[1, 1]], [2, 3], [[[1], [1]], [[0], [1]]]),
            [[[2 * 11 + 3 * 10]]],
            [[[(2 + 30) + 30]]],
        ),
    ],
)
def test_it_shows(mistake: str, request_: Request, right: Any, wrong: Any) -> None:
    assert values(run(request_)) == right
    assert values(MISTAKES[mistake].run(request_)) == wrong


@pytest.mark.parametrize(
    ("mistake", "request_"),
    [
        ("hashing-ignores-inputs", hashing([[3, -1]], np.eye(2))),
        ("hashing-scale-is-mean-magnitude", hashing([[3, -1]], np.eye(2))),
        ("hashing-signs-all-at-once", hashing([[3, -1]], np.eye(2))),
        ("hashing-tie-becomes-plus-one", hashing([[3, -1]], np.eye(2))),
        ("hashing-takes-scale-for-positive", hashing([[3, -1]], np.eye(2))),
        ("decomposition-without-zeros", decomposition([[2, -2], [-2, 2]], terms=1)),
        ("decomposition-tie-takes-most-nonzeros", decomposition([[8], [1], [1]])),
        ("decomposition-scale-of-whole-matrix", decomposition([[2, -2], [-2, 2]], terms=1)),
        ("decomposition-residual-not-updated", decomposition([[8, 1], [1, 1]], terms=1)),
        ("decomposition-starts-from-columns", decomposition([[2, -2], [-2, 2]], terms=1)),
        ("decomposition-epochs-ignored", decomposition([[8, 1], [1, 1]])),
        ("factors-swap-axes", decoding([[1], [-1]], [2], [[1, 0]])),
        ("factor-scale-before-filters", layer([[[1]]], [[1]], [2], [[[1]]])),
    ],
)
def test_it_does_not_show(mistake: str, request_: Request) -> None:
    assert values(MISTAKES[mistake].run(request_)) == values(run(request_))


def test_another_start_and_epochs_left_out_give_other_factors() -> None:
    W = np.random.default_rng(1).standard_normal((4, 6))
    for mistake, request in (
        ("decomposition-starts-from-columns", decomposition(W, terms=3)),
        ("decomposition-epochs-ignored", decomposition(W, terms=3, epochs=3)),
    ):
        assert values(MISTAKES[mistake].run(request)) != values(run(request))


def test_other_operators_are_not_touched() -> None:
    for mistake in ("hashing-ignores-inputs", "decomposition-without-zeros", "factors-swap-axes"):
        with pytest.raises(Unsupported):
            MISTAKES[mistake].run(Request("BinaryWeight", "qref", 1, {}, (tensor([[1.0]], "float32"),), 2))
