"""Request: one operator with its attributes and inputs, as a case holds it and an engine receives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qref.numerics.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Request:
    """What an engine is asked to compute.

    `domain` is "" for ONNX; `attributes` bear the operator's own names; an absent middle input is None. `outputs`
    is the number of leading outputs wanted. `profile` names the requantization rule that judges, None for the
    standard's own.
    """

    op: str
    domain: str
    opset: int
    attributes: Mapping[str, Any]
    inputs: tuple[Tensor | None, ...]
    outputs: int = 1
    profile: str | None = field(default=None)
