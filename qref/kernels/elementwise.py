"""What the element-wise operators of floats share: checks by the reference, broadcasting, a program for a formula.

A formula is an expression of x, or of a and b, and of the numbers zero, one, alpha and beta, all of one type: float32
as it is, float16 and bfloat16 in float64. Its loop is compiled when an operator is first asked for.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.kernels import program
from qref.kernels.float_arrays import loaded, only_floats, stored
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.broadcasting import multidirectional
from qref.ops.operator import Operator
from qref.ops.request import Request

HEAD = '''"""A program of qref.kernels; qref/kernels/elementwise.py says what it is."""

import numpy as np
from numba import {number}, int64, njit, types, void

from qref.kernels.exponential import clamped
from qref.kernels.exponential import hyperbolic_{number} as hyperbolic
from qref.kernels.exponential import logistic_{number} as logistic

zero, one = np.{number}(0), np.{number}(1)
READ = types.Array({number}, 1, "C", readonly=True, aligned=False)
'''

ONE = """

@njit(void(READ, {number}[::1], {number}, {number}), cache=True, nogil=True, error_model="numpy")
def kernel(xs, ys, alpha, beta):
    for i in range(ys.size):
        x = xs[i]
        ys[i] = {formula}
"""
"""y[i] = formula of x[i]."""

TWO = """

@njit(
    void(READ, int64[::1], int64, READ, int64[::1], int64, {number}[:, ::1]),
    cache=True, nogil=True, error_model="numpy",
)
def kernel(left, left_rows, left_step, right, right_rows, right_step, ys):
    for i in range(ys.shape[0]):
        y, a_row, b_row = ys[i], left[left_rows[i] :], right[right_rows[i] :]
        if left_step and right_step:
            for j in range(y.size):
                a, b = a_row[j], b_row[j]
                y[j] = {formula}
        elif left_step:
            b = b_row[0]
            for j in range(y.size):
                a = a_row[j]
                y[j] = {formula}
        else:
            a = a_row[0]
            for j in range(y.size):
                b = b_row[j]
                y[j] = {formula}
"""
"""Rows of y: of each operand, where its row begins, and whether it goes along the row (1) or stays where it is (0)."""


def compiled(loops: str, formula: str, dtype: Any) -> Callable[..., Any]:
    """The loops for a formula and a type."""
    return program.compiled((HEAD + loops).format(number=np.dtype(dtype).name, formula=formula))


def none_of(x: Tensor) -> Tensor:
    """A tensor of x's type without elements: what the reference says of it, it says of the type."""
    return Tensor(x.dtype, x.data.reshape(-1)[:0])


def each(request: Request, operator: Operator, formula: str, alpha: float = 0.0, beta: float = 0.0) -> Tensor:
    """A formula of each element x of the first input, in its type's arithmetic. Raises as the reference, on floats."""
    arguments = keywords(request, operator)
    [x] = request.inputs
    assert x is not None
    only_floats(x)
    operator.function(none_of(x), **arguments)
    return applied(formula, x, alpha, beta)


def applied(formula: str, x: Tensor, alpha: float, beta: float) -> Tensor:
    """A formula of each element x of a tensor of floats."""
    values = loaded(x)
    y = np.empty_like(values)
    number = values.dtype.type
    compiled(ONE, formula, number)(values.reshape(-1), y.reshape(-1), number(alpha), number(beta))
    return stored(y, x.dtype)


def pairs(request: Request, operator: Operator, formula: str) -> Tensor:
    """A formula of pairs a, b of elements of two inputs that broadcast. Raises as the reference, on floats."""
    arguments = keywords(request, operator)
    a, b = request.inputs
    assert a is not None
    assert b is not None
    operator.function(none_of(a), none_of(b), **arguments)
    only_floats(a)
    shape = multidirectional(a.shape, b.shape)
    left, right = loaded(a), loaded(b)
    y = np.empty(shape, left.dtype)
    if y.size:
        axis = first_of_row(shape, (a.shape, b.shape))
        operands = [rows(x.shape, shape, axis) for x in (left, right)]
        compiled(TWO, formula, left.dtype)(
            left.reshape(-1), operands[0].begin, operands[0].step, right.reshape(-1), operands[1].begin,
            operands[1].step, y.reshape(-1, math.prod(shape[axis:])),
        )  # fmt: skip
    return stored(y, a.dtype)


def first_of_row(shape: tuple[int, ...], operands: tuple[tuple[int, ...], ...]) -> int:
    """The axis from which on each operand either has all lengths of the shape, or is one element."""
    padded = [(1,) * (len(shape) - len(lengths)) + lengths for lengths in operands]
    axis, along = len(shape), [False] * len(padded)
    while axis:
        here = [lengths[axis - 1] > 1 for lengths in padded]
        if shape[axis - 1] > 1:
            if any(along) and here != along:
                break
            along = here
        axis -= 1
    return axis


@dataclass(frozen=True, eq=False)
class Rows:
    """Where an operand's rows begin, and the step inside a row."""

    begin: NDArray[np.int64]
    step: int


def rows(lengths: tuple[int, ...], shape: tuple[int, ...], axis: int) -> Rows:
    """The rows of an operand of these lengths in a shape, whose rows are the axes from `axis` on."""
    padded = (1,) * (len(shape) - len(lengths)) + lengths
    before, row = padded[:axis], math.prod(padded[axis:])
    begin = np.arange(math.prod(before), dtype=np.int64).reshape(before) * row
    return Rows(np.broadcast_to(begin, shape[:axis]).flatten(), int(row == math.prod(shape[axis:])))
