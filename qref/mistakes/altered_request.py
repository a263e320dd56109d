"""The reference on an altered request: what an engine computes that reads one input or attribute wrongly."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qref import ops
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def check(request: Request, operators: Sequence[str]) -> None:
    """Raises Unsupported for an operator that is not in `operators`, and what the reference raises for the request."""
    if request.op not in operators:
        raise Unsupported(f"{request.op} is not one of {', '.join(operators)}")
    if ops.requantization(request) is None:
        ops.run(request)


def rerun(
    request: Request, inputs: Mapping[int, Tensor | None] | None = None, attributes: Mapping[str, Any] | None = None
) -> list[Tensor]:
    """The reference's answer with other inputs, by position, and other attributes; None takes one away.

    Raises:
        Unsupported: the altered request is none that an engine could answer, a shape that fits no more, for example.
    """
    altered = list(request.inputs)
    for position, tensor in (inputs or {}).items():
        altered += [None] * (position + 1 - len(altered))
        altered[position] = tensor
    merged = {**request.attributes, **(attributes or {})}
    kept = {name: value for name, value in merged.items() if value is not None}
    try:
        return ops.run(replace(request, inputs=tuple(altered), attributes=kept))
    except InvalidInput as error:
        raise Unsupported(f"the request as the engine reads it cannot be answered: {error}") from error


def zeros_in(request: Request, position: int | None) -> dict[int, Tensor | None]:
    """The change that makes the zero point at `position` zero; none where it is absent."""
    found = request.inputs[position] if position is not None and position < len(request.inputs) else None
    return {} if position is None or found is None else {position: replace(found, data=np.zeros_like(found.data))}


def first_in(request: Request, *positions: int | None) -> dict[int, Tensor | None]:
    """The change that puts the first element of these inputs in the place of all."""
    change: dict[int, Tensor | None] = {}
    for position in positions:
        found = request.inputs[position] if position is not None and position < len(request.inputs) else None
        if position is not None and found is not None and found.data.size:
            change[position] = replace(found, data=np.full_like(found.data, found.data.flat[0]))
    return change
