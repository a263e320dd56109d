"""Operator: what the table of operators says of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qref.numerics.tensor import Tensor
from qref.ops.requantization import Requantization


@dataclass(frozen=True)
class Attribute:
    """`kind` is int, ints or string, as the operator's schema types it; `since` the first opset that has it.

    `default` is None where the schema gives none.
    """

    kind: str
    default: int | str | None = None
    since: int = 1


@dataclass(frozen=True)
class Operator:
    """One operator.

    `function` takes the inputs in the standard's order, absent ones as None, the attributes by name and `opset`; an
    operator that requantizes takes `rule` as well, and `requantization` (same arguments) gives what the rule is
    applied to. `alternatives` gives the answers that the text leaves open: a reason, and outputs.
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
