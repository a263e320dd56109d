"""A case of the suite `convolution`, and the operands that most of its cases have."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qref.numerics.tensor import Tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged
from qref.vectors.generators.float_values import floats

SUITE = "convolution"

CONVOLUTION = ("QREF-CV-001", "QREF-FP-001")
PADDED = ("QREF-CV-001", "QREF-FP-002", "QREF-FP-003")
GROUPED = ("QREF-CV-002", "QREF-FP-006")
TAILS = ("QREF-CV-003", "QREF-FP-001")
LOWERED = ("QREF-CV-004", "QREF-FP-002", "QREF-FP-003")
LENGTHS = ("QREF-CV-005", "QREF-FP-001")
SUMS = ("QREF-CV-006", "QREF-FP-008")
TRANSFORMED = ("QREF-CV-007", "QREF-FP-008")
CIRCULAR = ("QREF-CV-008", "QREF-FP-002")
SPARSE = ("QREF-CV-009", "QREF-FP-001")
SIGNS = ("QREF-CV-011", "QREF-FP-001")
TRANSPOSED = ("QREF-CV-013", "QREF-FP-010", "QREF-FP-011")


def conv(
    slug: str,
    inputs: Sequence[Tensor],
    attributes: dict[str, Any],
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
    op: str = "Conv",
) -> Case:
    """A case of Conv or ConvTranspose; the flag of its type is added."""
    dtype = inputs[0].dtype
    own = (dtype,) if dtype != "float32" else ()
    request = ask(op, 22 if dtype == "bfloat16" else 11, inputs, attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys((*flags, *own))), comment)


def numbers(values: ArrayLike, dtype: str = "float32") -> Tensor:
    """Numbers that a float type holds."""
    return floats(values, dtype)


def counted(shape: tuple[int, ...]) -> Tensor:
    """1, 2, 3, …: no two elements alike."""
    return numbers(np.arange(1, math.prod(shape) + 1).reshape(shape))


def said(attributes: dict[str, Any]) -> str:
    """Attributes in words."""
    return ", ".join(f"{name} {value}" for name, value in sorted(attributes.items())) or "no attribute"
