"""GridFit, GridQuantize, GridDequantize, GridBackward: the signed, the unsigned and the mid-rise grid.

qref's own operators (domain "qref", opset 1).
"""

import numpy as np

from qref.errors import Unsupported
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype, scalar
from qref.ops.operator import Attribute, Operator
from qref.quantizers.empirical_step import empirical_step, minima
from qref.quantizers.grid import Grid

MOST = 1 << 25  # numbers times levels that a step is fitted to: some ten seconds


def grid_quantize(x: Tensor, step: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1) -> Tensor:
    """The codes of the nearest levels: int32 of x's shape.

    Args:
        x: finite float32. step: Δ ≥ 0, float32, a scalar. grid: signed, unsigned or mid-rise. bits: to 16.

    Raises:
        InvalidInput: another type, NaN or infinity, a negative step, or a grid that there is not.
    """
    dtype("x", x, ("float32",))
    return Tensor("int32", _grid(grid, bits, step).quantize(x.data))


def grid_dequantize(codes: Tensor, step: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1) -> Tensor:
    """The levels of codes, rounded once: float32 of the codes' shape.

    Args:
        codes: int32. step, grid, bits: as in `grid_quantize`.

    Raises:
        InvalidInput: another type, a code that the grid does not have, or what `grid_quantize` refuses.
    """
    dtype("codes", codes, ("int32",))
    return Tensor("float32", _grid(grid, bits, step).dequantize(codes.data))


def grid_backward(
    x: Tensor, gradient: Tensor, step: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1
) -> Tensor:
    """The gradient where x lies inside the grid's range, 0 elsewhere: float32 of x's shape.

    Args:
        x, gradient: finite float32 of one shape. step, grid, bits: as in `grid_quantize`.

    Raises:
        InvalidInput: other types or shapes, NaN or infinity, or what `grid_quantize` refuses.
    """
    dtype("x", x, ("float32",))
    dtype("gradient", gradient, ("float32",))
    return Tensor("float32", _grid(grid, bits, step).backward(x.data, gradient.data))


def grid_fit(x: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1) -> Tensor:
    """The step of least squared error over x, rounded once: float32, a scalar.

    Args:
        x: finite float32. grid, bits: as in `grid_quantize`.

    Raises:
        InvalidInput: another type, NaN or infinity, or a grid that there is not.
        Unsupported: more than 2^25 numbers times levels.
    """
    dtype("x", x, ("float32",))
    kind = Grid(grid, bits, 0.0)
    if x.data.size * kind.codes.size > MOST:
        raise Unsupported(f"{x.data.size} numbers on {kind.codes.size} levels: give samples, or fewer bits")
    return Tensor("float32", np.asarray(kind.fit(x.data).step, np.float32))


def grid_fit_bound(x: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1) -> list[Bound]:
    """That of the sum Σ c|x| and the division by Σ c²."""
    step = grid_fit(x, grid=grid, bits=bits)
    return [bound.of_dot(step, x.data.size + 2, decode(step))]


def grid_fit_margin(x: Tensor, *, grid: str = "signed", bits: int = 8, opset: int = 1) -> float:
    """How much less another minimum of the error takes off Σ x², relative to the best one.

    One that is exactly as good does not count where the numbers are small integers, of which no float32 sum rounds.
    """
    grid_fit(x, grid=grid, bits=bits)
    found = dict(minima(x.data, grid, bits))
    best = empirical_step(x.data, grid, bits)
    ties = _in_small_integers(x, Grid(grid, bits, 0.0).top)
    others = [gain for step, gain in found.items() if step != best and not (ties and gain == found[best])]
    return float(1 - max(others) / found[best]) if others else float("inf")


def _in_small_integers(x: Tensor, top: int) -> bool:
    """Whether the x are integers of which (Σ c|x|)² stays below 2^24."""
    whole: bool = (x.data == np.rint(x.data)).all()
    return whole and float(np.abs(x.data).sum(dtype=np.float64) * (top + 1)) < 2**12


def _grid(kind: str, bits: int, step: Tensor) -> Grid:
    dtype("step", step, ("float32",))
    scalar("step", step)
    return Grid(kind, bits, float(step.data))


ATTRIBUTES = {"grid": Attribute("string", "signed"), "bits": Attribute("int", 8)}
OPERATORS = (
    Operator(
        "GridFit",
        "qref",
        (1,),
        inputs=(1, 1),
        outputs=1,
        attributes=ATTRIBUTES,
        function=grid_fit,
        bound=grid_fit_bound,
        margin=grid_fit_margin,
    ),
    *(
        Operator(name, "qref", (1,), inputs=(inputs, inputs), outputs=1, attributes=ATTRIBUTES, function=function)
        for name, inputs, function in (
            ("GridQuantize", 2, grid_quantize),
            ("GridDequantize", 2, grid_dequantize),
            ("GridBackward", 3, grid_backward),
        )
    ),
)
