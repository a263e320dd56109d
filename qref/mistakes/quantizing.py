"""What mistakes in QuantizeLinear share: the operands of its division, and the right steps after a wrong one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import decode, divide, encode, float_format, round_to
from qref.numerics.formats import Float, Integer
from qref.numerics.tensor import Tensor
from qref.ops import run
from qref.ops.onnx.data_types import dtype_of
from qref.ops.onnx.granularity import spread
from qref.ops.request import Request


@dataclass(frozen=True, eq=False)
class Quantization:
    """x, and what belongs to each of its elements: scale and zero point, in shapes that broadcast to x's.

    Values are exact (float64); `division` is the type that the quotient is rounded to; `right` is the golden output.
    """

    x: NDArray[np.float64]
    scale: NDArray[np.float64]
    zero_point: NDArray[Any]
    division: Float
    saturate: bool
    right: Tensor

    @property
    def integers(self) -> Integer:
        """The output's format. Raises Unsupported where it is no integer format."""
        format = self.right.format
        if not isinstance(format, Integer):
            raise Unsupported(f"output {self.right.dtype}: the mistake is one with integers")
        return format

    def quotient(self, division: Float | None = None) -> NDArray[np.float64]:
        """x / scale with both converted to the type of the division and one rounding to it, as the text has it."""
        T = division or self.division
        return divide(round_to(self.x, T), round_to(self.scale, T), T)

    def rounded(self, quotient: NDArray[np.float64]) -> list[Tensor]:
        """The right steps after the division: rounding, zero point, saturation."""
        if isinstance(self.right.format, Integer):
            return self.saturated(np.rint(quotient) + self.zero_point)
        return [encode(quotient, self.right.dtype, saturate=self.saturate)]

    def saturated(self, values: NDArray[np.float64]) -> list[Tensor]:
        """Whole numbers (or infinities) saturated to the output's integer format."""
        return self.stored(np.clip(values, self.integers.lowest, self.integers.highest))

    def stored(self, values: NDArray[Any]) -> list[Tensor]:
        """Whole numbers of the output's range as the output."""
        return [Tensor(self.right.dtype, np.asarray(values).astype(self.right.data.dtype))]


def quantization(request: Request) -> Quantization:
    """The operands of a QuantizeLinear request. Raises as the operator does, and Unsupported for other operators."""
    if (request.domain, request.op) != ("", "QuantizeLinear"):
        raise Unsupported(f"{request.op} is not QuantizeLinear")
    (right,) = run(request)
    x, y_scale, y_zero_point = (*request.inputs, None)[:3]
    assert x is not None
    assert y_scale is not None
    granularity = (x.shape, request.attributes.get("axis", 1), request.attributes.get("block_size", 0))
    zero_point = np.zeros(()) if y_zero_point is None else decode(y_zero_point)
    return Quantization(
        x=decode(x),
        scale=spread(decode(y_scale), *granularity),
        zero_point=spread(zero_point, *granularity) if zero_point.ndim else zero_point,
        division=float_format(dtype_of("precision", request.attributes.get("precision", 0)) or y_scale.dtype),
        saturate=bool(request.attributes.get("saturate", 1)),
        right=right,
    )


def as_int64(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers converted as x86-64 does: what does not fit becomes the lowest int64."""
    fits = np.abs(values) < 2.0**63
    return np.where(fits, np.where(fits, values, 0.0).astype(np.int64), np.iinfo(np.int64).min)
