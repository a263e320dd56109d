"""Stochastic quantization: algorithm 1 of the paper on rationals, f not rounded."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.refusal import refuse_unless
from independent.schemes.binary_connect import FEW, matrices, products
from independent.schemes.philox import words
from independent.schemes.scheme import float32, integers, numbers
from independent.tensors import Tensor, rounded


def mean(row: list[Fraction]) -> Fraction:
    return sum(map(abs, row), Fraction(0)) / max(len(row), 1)


def error(row: list[Fraction]) -> Fraction:
    """‖W − Q‖₁ / ‖W‖₁, term by term."""
    norm, alpha = sum(map(abs, row), Fraction(0)), mean(row)
    deviations = [abs(w - (alpha if w >= 0 else -alpha)) for w in row]
    return sum(deviations, Fraction(0)) / norm if norm else Fraction(0)


def chosen(rows: list[list[Fraction]], attributes: dict[str, Any]) -> list[bool]:
    """Which rows are drawn."""
    ratio = Fraction(attributes.get("ratio", 50.0))
    refuse_unless(0 <= ratio <= 100, "a percentage is wanted")
    m = len(rows)
    wanted = m - (100 - ratio) * m // 100
    if wanted == m:
        return [True] * m
    left = {i: 1 / (error(row) + Fraction(1, 10**7)) for i, row in enumerate(rows)}
    for word in words(attributes.get("seed", 0), attributes.get("tensor", 0), int(wanted)):
        total, u = sum(left.values()), Fraction(word, 2**32)
        share = Fraction(0)
        for i in sorted(left):
            share += left[i] / total
            if u < share:
                del left[i]
                break
    return [i not in left for i in range(m)]


def hybrid(rows: list[list[Fraction]], which: list[bool]) -> list[list[Fraction]]:
    """W̃ with scales rounded once to float32."""
    made = []
    for row, binary in zip(rows, which):
        alpha = float32((), [mean(row)]).values[0]
        assert isinstance(alpha, Fraction)
        made.append([alpha if w >= 0 else -alpha for w in row] if binary else row)
    return made


def stochastic_quantization(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W = inputs[0]
    values = numbers(W)
    assert W is not None
    m, K = (W.shape[0] if W.shape else 1), prod(W.shape[1:])
    rows = [values[i * K : (i + 1) * K] for i in range(m)]
    which = chosen(rows, attributes)
    new = [
        made if which[i // K] else kept
        for i, (made, kept) in enumerate(zip([w for row in hybrid(rows, which) for w in row], W.values))
    ]
    errors = [error(row) for row in rows]
    return [integers("int8", (m,), [int(x) for x in which]), rounded("float32", W.shape, new), float32((m,), errors)]


def stochastic_quantization_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    a, W, g = matrices(inputs)
    assert inputs[0] is not None and inputs[1] is not None
    of_a, of_w = products(a, hybrid(W, chosen(W, attributes)), g, inputs[1].shape[1])
    eta = Fraction(attributes.get("learning_rate", FEW))
    old = [w for row in W for w in row]
    return [float32(inputs[0].shape, of_a), float32(inputs[1].shape, [w - eta * d for w, d in zip(old, of_w)])]
