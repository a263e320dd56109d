"""Pruning by taking the smallest away one at a time; the schedule and the masked step on rationals."""

from fractions import Fraction
from math import prod
from typing import Any

from independent.attribute_casts import as_type
from independent.extended import real
from independent.refusal import refuse_unless
from independent.schemes.scheme import float32, numbers, places, whole
from independent.schemes.ternary_weight import learning_rate
from independent.tensors import Tensor


def given(attributes: dict[str, Any], name: str, usual: Fraction) -> Fraction:
    """A float attribute as the float32 that holds it."""
    return real(as_type(Fraction(attributes.get(name, usual)), "float32"))


def gone(count: int, ratio: Fraction) -> int:
    """The nearest integer to ratio · count, of two the even one."""
    refuse_unless(0 <= ratio <= 1, "no such ratio")
    exact = ratio * count
    return min(range(count + 1), key=lambda n: (abs(n - exact), n % 2))


def left(w: list[Fraction], removed: int) -> set[int]:
    """What stays after the smallest, of equal ones the last, was taken away `removed` times."""
    there = list(range(len(w)))
    for _ in range(removed):
        there.remove(min(there, key=lambda i: (abs(w[i]), -i)))
    return set(there)


def pruned(W: Tensor, stays: set[int]) -> list[Tensor]:
    """The bits of what stays, zeros elsewhere, and the mask."""
    codes = [code if i in stays else 0 for i, code in enumerate(W.codes)]
    return [Tensor("float32", W.shape, codes), Tensor("bool", W.shape, [int(i in stays) for i in range(len(codes))])]


def prune_magnitude(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    w, ratio = numbers(inputs[0]), given(attributes, "ratio", Fraction(1, 2))
    assert inputs[0] is not None
    gone(0, ratio)
    stays: set[int] = set()
    for part in places(inputs[0].shape, attributes, "tensor"):
        stays |= {part[i] for i in left([w[i] for i in part], gone(len(part), ratio))}
    return pruned(inputs[0], stays)


def prune_global(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    w = [x for W in inputs for x in numbers(W)]
    stays = left(w, gone(len(w), given(attributes, "ratio", Fraction(1, 2))))
    return [Tensor("bool", (len(w),), [int(i in stays) for i in range(len(w))])]


def prune_structured(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    w, n, m = numbers(inputs[0]), attributes.get("n", 2), attributes.get("m", 4)
    refuse_unless(0 < n <= m, "no such blocks")
    assert inputs[0] is not None
    shape = inputs[0].shape
    if len(shape) < 2:
        return pruned(inputs[0], set(range(len(w))))
    C, taps = shape[1], prod(shape[2:])
    stays: set[int] = set()
    for out in range(shape[0]):
        for tap in range(taps):
            for begin in range(0, C, min(m, max(C, 1))):
                block = [(out * C + c) * taps + tap for c in range(begin, min(begin + m, C))]
                stays |= {block[i] for i in left([w[i] for i in block], max(len(block) - n, 0))}
    return pruned(inputs[0], stays)


def gradual_sparsity(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    """Equation 1 at the last change; before the first and after the last the ends."""
    t = whole(inputs[0], "int64")
    assert inputs[0] is not None
    s_i, s_f = given(attributes, "initial", Fraction(0)), given(attributes, "final", Fraction(1, 2))
    t0, n, every = attributes.get("begin", 0), attributes.get("changes", 1), attributes.get("every", 1)
    refuse_unless(0 <= s_i <= 1 and 0 <= s_f <= 1 and n > 0 and every > 0, "no such schedule")
    found = []
    for step in t:
        if step < t0:
            found.append(s_i)
        elif step >= t0 + n * every:
            found.append(s_f)
        else:
            change = step - (step - t0) % every
            found.append(s_f + (s_i - s_f) * (1 - Fraction(change - t0, n * every)) ** 3)
    return [float32(inputs[0].shape, found)]


def masked_step(attributes: dict[str, Any], inputs: list[Tensor | None]) -> list[Tensor]:
    W, g, mask = inputs
    w, slope = numbers(W), numbers(g)
    refuse_unless(mask is not None and mask.dtype == "bool", "a mask is wanted")
    assert W is not None and g is not None and mask is not None
    refuse_unless(W.shape == g.shape == mask.shape, "one shape is wanted")
    eta = learning_rate(attributes)
    moved = [(x - eta * d) * (1 if on else 0) for x, d, on in zip(w, slope, mask.codes, strict=True)]
    return [float32(W.shape, moved)]
