"""Operator: what the table of operators says of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.requantization import Requantization

Value = int | float | str | None


@dataclass(frozen=True)
class Attribute:
    """`kind` is int, ints, float, floats, string or strings, as the operator's schema types it.

    `default` is None where the schema gives none; `later` an opset and the default from it on, where it changed;
    `since` the first opset that has the attribute, `until` the first that has it no more.
    """

    kind: str
    default: Value = None
    since: int = 1
    later: tuple[int, Value] | None = None
    until: int | None = None

    def default_at(self, opset: int) -> Value:
        """The default of an opset."""
        found = self.later[1] if self.later is not None and opset >= self.later[0] else self.default
        return self.read(found) if self.kind == "float" and found is not None else found

    def exists_at(self, opset: int) -> bool:
        """Whether an opset has the attribute."""
        return self.since <= opset and (self.until is None or opset < self.until)

    def takes(self, value: Any) -> bool:
        """Whether a value, as JSON gives it, is of this kind; a float may be written as an integer."""
        if self.kind.endswith("s"):
            return isinstance(value, list | tuple) and all(_is(self.kind[:-1], v) for v in value)
        return _is(self.kind, value)

    def read(self, value: Any) -> Any:
        """A value of this kind: floats as the float32 values that attributes hold."""
        if self.kind == "float":
            return float(np.float32(value))
        return [float(np.float32(v)) for v in value] if self.kind == "floats" else value


def _is(kind: str, value: Any) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "float":
        # beyond float32's largest number an attribute would hold an infinity
        return type(value) in (int, float) and abs(value) <= float(np.finfo(np.float32).max)
    return type(value) is int and -(2**63) <= value < 2**63


@dataclass(frozen=True)
class Operator:
    """One operator.

    `function` takes the inputs in the standard's order, absent ones as None, the attributes by name and `opset`; an
    operator that requantizes takes `rule` as well, and `requantization` (same arguments) gives what the rule is
    applied to. `alternatives` gives the answers that the text leaves open: a reason, and outputs. `bound` gives how far
    from each golden output every order of evaluation may lie, or None for inputs that are judged exactly or by
    alternatives; an operator with neither is judged exactly. `margin` gives the smallest relative distance of a
    decision (a code, a threshold, a sign) to its boundary, over all steps, where decisions hang on computed numbers.
    """

    name: str
    domain: str
    opsets: tuple[int, ...]
    inputs: tuple[int, int]
    outputs: int
    attributes: Mapping[str, Attribute]
    function: Callable[..., Tensor | tuple[Tensor, ...]]
    requantization: Callable[..., Requantization] | None = None
    alternatives: Callable[..., list[tuple[str, tuple[Tensor, ...]]]] | None = None
    bound: Callable[..., list[Bound] | None] | None = None
    margin: Callable[..., float] | None = None
