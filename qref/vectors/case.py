"""Case: one request with its golden answer, as the vector files hold it (contract: vectors)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Outputs = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Alternative:
    """Outputs that the standard leaves open, and why."""

    outputs: Outputs
    reason: str


@dataclass(frozen=True, eq=False)
class Wider:
    """A wider tolerance, one float64 tensor an output, inside which an answer is acceptable, and why."""

    tolerance: Outputs
    reason: str


@dataclass(frozen=True, eq=False)
class Expect:
    """What an answer is held against. `kind` is exact, any-of, bound, error or open."""

    kind: str
    alternatives: tuple[Alternative, ...] = ()
    match: str = "element"
    tolerance: Outputs = ()
    wider: tuple[Wider, ...] = ()
    unspecified: Outputs = ()
    signed_zero: bool = False


@dataclass(frozen=True, eq=False)
class ProfileResult:
    """What a requantization profile makes of the case: its stored numbers, and its outputs or why it has none.

    `outputs` is None where they are the case's own; `outside` says why the case lies outside the profile's domain.
    """

    derived: Mapping[str, Any] | None = None
    outputs: Outputs | None = None
    outside: str | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """One case. `id` is operator/slug/key, `key` eight hex digits of the SHA-256 of what is asked.

    `margin` is the smallest relative distance of a decision to its boundary, where decisions hang on computed numbers.
    """

    id: str
    suite: str
    request: Request
    outputs: Outputs
    expect: Expect
    requirements: tuple[str, ...]
    flags: tuple[str, ...]
    comment: str
    accumulator: Tensor | None = None
    profiles: Mapping[str, ProfileResult] | None = None
    margin: float | None = None

    @property
    def key(self) -> str:
        return self.id.rsplit("/", 1)[1]

    @property
    def number(self) -> int:
        """The protocol's id: the key as an integer."""
        return int(self.key, 16)


@dataclass(frozen=True, eq=False)
class Note:
    """What a flag is after: its effect, the mistakes that show there, links to reports."""

    effect: str
    mistakes: tuple[str, ...]
    links: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Suite:
    """One vector file. `sha256` is the file's own."""

    name: str
    version: str
    notes: Mapping[str, Note]
    cases: tuple[Case, ...]
    sha256: str = ""
