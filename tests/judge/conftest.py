"""Cases by hand, for verdicts and what is made of them."""

from collections.abc import Callable, Sequence

import pytest

from qref.engines.protocol import Reply
from qref.judge.run import Outcome, outcome
from qref.numerics.tensor import Tensor, tensor
from qref.ops.request import Request
from qref.vectors.case import Case, Expect, ProfileResult


@pytest.fixture
def make_case() -> Callable[..., Case]:
    """A case with these outputs; what it asks does not matter to the verdict."""

    def make(
        *outputs: Tensor,
        expect: Expect | None = None,
        profiles: dict[str, ProfileResult] | None = None,
        key: str = "0000abcd",
        op: str = "Op",
        requirements: tuple[str, ...] = (),
        x: Sequence[int] = (1,),
    ) -> Case:
        request = Request(op, "", 1, {}, (tensor(list(x), "int8"),), outputs=max(1, len(outputs)))
        kind = expect or Expect("exact")
        return Case(f"{op}/slug/{key}", "suite", request, outputs, kind, requirements, (), "", None, profiles)

    return make


@pytest.fixture
def answered() -> Callable[..., Outcome]:
    """The outcome of a case whose engine gave these outputs."""

    def make(case: Case, *outputs: Tensor, profile: str | None = None) -> Outcome:
        return outcome(case, profile, [Reply("outputs", outputs)])

    return make
