"""Discrimination: which cases separate each two profiles, and which catch each mistake.

Vectors that do not separate right from nearly right are worth nothing, so this is measured. conformance/kills.json
keeps the result: the counts, and for each mistake the two cases that the tests run.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qref.errors import QrefError
from qref.mistakes import MISTAKES
from qref.numerics.profiles import PROFILES
from qref.vectors import suite_json
from qref.vectors.case import Case, Outputs, Suite
from qref.vectors.verdict import fails

STANDARD = "onnx"
WANTED = 2

# Pairs of profiles that are one rule on every published domain, each with the test that proves it.
PROOFS: Mapping[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Kills:
    """Ids of the cases that catch each mistake, smallest first, and the number that separate each pair of profiles."""

    mistakes: Mapping[str, tuple[str, ...]]
    pairs: Mapping[tuple[str, str], int]

    @property
    def survivors(self) -> list[str]:
        """Mistakes that fewer than two cases catch."""
        return [name for name, caught in self.mistakes.items() if len(caught) < WANTED]

    @property
    def inseparable(self) -> list[tuple[str, str]]:
        """Pairs of profiles that no case separates."""
        return [pair for pair, count in self.pairs.items() if not count]


def discriminate(suites: Sequence[Suite], workers: int | None = None) -> Kills:
    """The whole matrix, mistakes spread over `workers` processes (by default one a processor)."""
    cases = sorted((case for suite in suites for case in suite.cases if case.expect.kind != "open"), key=size)
    names = sorted(MISTAKES)
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        caught = [catching(name, cases) for name in names]
    else:
        with ProcessPoolExecutor(workers, initializer=_receive, initargs=([suite.name for suite in suites],)) as pool:
            caught = list(pool.map(_catching, names))
    return Kills(dict(zip(names, caught, strict=True)), separations(cases))


_cases: list[Case] = []


def _receive(names: list[str]) -> None:
    """Reads the suites once in each worker: cheaper than sending every case to it."""
    suites = suite_json.load_all(names)
    _cases[:] = sorted((c for suite in suites for c in suite.cases if c.expect.kind != "open"), key=size)


def _catching(name: str) -> tuple[str, ...]:
    return catching(name, _cases)


def catching(name: str, cases: Sequence[Case]) -> tuple[str, ...]:
    """Ids of the cases that catch the mistake called `name`, in the order of `cases`."""
    operators = MISTAKES[name].operators
    return tuple(case.id for case in cases if case.request.op in operators and catches(name, case))


def catches(name: str, case: Case) -> bool:
    """Whether the mistake's answer fails the case: a refusal is no wrong answer, an answer to invalid input is."""
    try:
        with np.errstate(all="ignore"):
            answer = MISTAKES[name].run(case.request)
    except QrefError:
        return False
    return fails(case, answer)


def size(case: Case) -> tuple[int, int, str]:
    """Order of cases for a reader: fewest output elements, then fewest input elements, then by id."""
    inputs = sum(tensor.data.size for tensor in case.request.inputs if tensor is not None)
    return sum(tensor.data.size for tensor in case.outputs), inputs, case.id


def separations(cases: Iterable[Case]) -> dict[tuple[str, str], int]:
    """For each two profiles the number of cases, inside the domain of both, whose outputs differ."""
    counts = dict.fromkeys(combinations(sorted(PROFILES), 2), 0)
    for case in cases:
        answers = dict(by_profile(case))
        for pair in combinations(sorted(answers), 2):
            first, second = (answers[name] for name in pair)
            counts[pair] += not all(a.same(b) for a, b in zip(first, second, strict=True))
    return counts


def by_profile(case: Case) -> Iterator[tuple[str, Outputs]]:
    """The outputs of each profile whose domain holds the case; nothing for operators that do not requantize."""
    if case.profiles is None:
        return
    yield STANDARD, case.outputs
    for name, result in case.profiles.items():
        if result.outside is None and name != STANDARD:
            yield name, case.outputs if result.outputs is None else result.outputs


def dump(kills: Kills) -> bytes:
    """The bytes of kills.json."""
    mistakes = {
        name: {"caught": len(caught), "cases": list(caught[:WANTED])} for name, caught in sorted(kills.mistakes.items())
    }
    profiles = {" ".join(pair): count for pair, count in sorted(kills.pairs.items())}
    return (json.dumps({"profiles": profiles, "mistakes": mistakes}, indent=1) + "\n").encode("ascii")
