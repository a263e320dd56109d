"""MatMul (1, 9, 13): "behaves like numpy.matmul"."""

from typing import Any

from independent.answers import Answer, sum_of_products
from independent.broadcasting import multidirectional, source
from independent.refusal import refuse_unless
from independent.tensors import Tensor, offset, positions, rounded, wrapped


def mat_mul(opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int) -> Answer:
    """A vector on the left is a row, on the right a column; the dimension added goes away again."""
    a, b = inputs
    assert a is not None and b is not None
    refuse_unless(a.rank >= 1 and b.rank >= 1, "no scalars")
    shape_a = (1, *a.shape) if a.rank == 1 else a.shape
    shape_b = (*b.shape, 1) if b.rank == 1 else b.shape
    (*stack_a, rows, k), (*stack_b, k_of_b, columns) = shape_a, shape_b
    refuse_unless(k == k_of_b, f"{a.shape} @ {b.shape}")
    stack = multidirectional(stack_a, stack_b)
    shape = stack + (() if a.rank == 1 else (rows,)) + (() if b.rank == 1 else (columns,))
    found = []
    for *s, i, j in positions((*stack, rows, columns)):
        at_a, at_b = source(s, stack_a) * rows * k, source(s, stack_b) * k * columns
        left = [at_a + offset((i, l), (rows, k)) for l in range(k)]
        right = [at_b + offset((l, j), (k, columns)) for l in range(k)]
        found.append((left, right))
    if a.is_integer:
        exact = [sum(a.integers[l] * b.integers[r] for l, r in zip(left, right)) for left, right in found]
        return Answer([wrapped(a.dtype, shape, exact)])
    sums = [sum_of_products([(a.values[l], b.values[r]) for l, r in zip(left, right)], []) for left, right in found]
    return Answer([rounded(a.dtype, shape, [s.exact for s in sums])], sums)
