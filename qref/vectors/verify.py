"""Verifying the published suites: that each case says what the spec, the mistakes and the reference say.

Every check yields one line a problem. `qref vectors verify` runs them all; the tests a sample of the cases.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from qref.errors import BadTensor, BadVectors, InvalidInput, NotFixed, OutsideDomain, Unsupported
from qref.mistakes import MISTAKES
from qref.numerics.profiles import PROFILES
from qref.numerics.tensor import Tensor
from qref.ops import OPERATORS, requantization, run
from qref.vectors import errata, manifest, requirements, schema, suite_json
from qref.vectors.case import Case, Outputs, Suite
from qref.vectors.verdict import same_answer

LARGEST = 25_000_000
OPEN_SUITE = "open-behaviour"


def problems(folder: Path, names: Sequence[str] | None = None, keep_one_in: int = 1) -> Iterator[str]:
    """Everything that is wrong in `folder` (conformance/), one line each.

    names: the suites to look into; by default all, and with them what concerns all: sizes, the manifest, errata.
    keep_one_in: how many cases stand for one whose answer is computed again.
    """
    suites = []
    for path in sorted((folder / "vectors").glob("*.json")):
        if names is None or path.stem in names:
            try:
                suites.append(suite_json.read(path))
            except BadVectors as error:
                yield str(error)
                continue
            yield from of_suite(suites[-1], path, keep_one_in)
    if names is None:
        yield from of_folder(folder)
        yield from shared_keys(suites)
        yield from errata.unexplained(suites, folder)


def of_folder(folder: Path) -> Iterator[str]:
    """Problems of the manifest and of the suites' size."""
    try:
        listed = schema.load(folder / manifest.NAME, "manifest-1")["files"]
        for path in manifest.covered(folder):
            try:
                manifest.check(folder, [path])
            except BadVectors as error:
                yield str(error)
        yield from (
            f"{manifest.NAME} lists {path}, which is missing" for path in listed if not (folder / path).is_file()
        )
    except BadVectors as error:
        yield str(error)
    size = sum(path.stat().st_size for path in (folder / "vectors").glob("*.json"))
    if size >= LARGEST:
        yield f"the suites take {size:,} bytes together: they stay below {LARGEST:,}"


def shared_keys(suites: Sequence[Suite]) -> Iterator[str]:
    """Two cases of different suites with one key."""
    seen: dict[str, str] = {}
    for suite in suites:
        for case in suite.cases:
            if case.key in seen:
                yield f"{case.id} of {suite.name} and {seen[case.key]} share a key"
            seen[case.key] = f"{case.id} of {suite.name}"


def of_suite(suite: Suite, path: Path, keep_one_in: int = 1) -> Iterator[str]:
    """Problems of one suite and its cases."""
    if suite.name != path.stem:
        yield f"{path.name}: the suite is called {suite.name!r}"
    if suite_json.dump(suite) != path.read_bytes():
        yield f"{path.name}: not the bytes that qref writes: run qref vectors generate"
    yield from (f"{path.name}: {problem}" for problem in of_notes(suite))
    known = requirements.all()
    for i, case in enumerate(suite.cases):
        checks = [*of_statement(case, suite, known)]
        if i % keep_one_in == 0:
            checks += of_answer(case)
        yield from (f"{path.name}: {case.id}: {problem}" for problem in checks)


def of_notes(suite: Suite) -> Iterator[str]:
    """Flags without a note, notes without a case, and notes that name other mistakes than those after their flag."""
    used = {flag for case in suite.cases for flag in case.flags}
    yield from (f"flag {flag} has no note" for flag in sorted(used - set(suite.notes)))
    yield from (f"note {flag} belongs to no case" for flag in sorted(set(suite.notes) - used))
    for flag, note in suite.notes.items():
        after = sorted(name for name, mistake in MISTAKES.items() if flag in mistake.flags)
        if list(note.mistakes) != after:
            yield f"note {flag} names the mistakes {list(note.mistakes)}, their files say {after}"


def of_statement(case: Case, suite: Suite, known: Collection[str]) -> Iterator[str]:
    """Problems of a case that show without computing."""
    try:
        key = suite_json.case_key(case.request)
    except BadVectors as error:
        yield str(error)
        return
    if case.key != key:
        yield f"the id ends in {case.key}, what is asked gives {key}"
    if case.id.split("/")[0] != case.request.op:
        yield f"the id does not begin with {case.request.op}"
    if dict(case.request.attributes) != suite_json.attributes_without_defaults(case.request):
        yield "an attribute is written though it equals its default"
    yield from (f"requirement {id} stands in no chapter" for id in case.requirements if id not in known)
    if (case.expect.kind == "open") != (suite.name == OPEN_SUITE):
        yield f"open cases, and no others, belong to the suite {OPEN_SUITE}"
    operator = OPERATORS.get((case.request.domain, case.request.op))
    if operator is None or case.request.opset not in operator.opsets:
        yield f"there is no operator {case.request.op} of opset {case.request.opset} in domain {case.request.domain!r}"
    yield from of_expectation(case)


def of_expectation(case: Case) -> Iterator[str]:
    """Alternatives, tolerances and masks that do not fit the outputs, or say nothing new."""
    shaped = [(f"alternative {i}", way.outputs) for i, way in enumerate(case.expect.alternatives)]
    answers = [case.outputs]
    for name, outputs in shaped:
        if not _fit(outputs, case.outputs):
            yield f"{name} has other types or shapes than the outputs"
        elif any(same_answer(outputs, other, case.expect.signed_zero) for other in answers):
            yield f"{name} is no other answer"
        answers.append(outputs)
    tolerances = [case.expect.tolerance, *(way.tolerance for way in case.expect.wider)]
    for tolerance in tolerances:
        if tolerance and not _fit(tolerance, case.outputs, "float64"):
            yield "a tolerance is one float64 tensor an output, of its shape"
    if case.expect.unspecified and not _fit(case.expect.unspecified, case.outputs, "bool"):
        yield "unspecified is one bool tensor an output, of its shape"


def of_answer(case: Case) -> Iterator[str]:
    """Where the reference gives another answer, accumulator or result of a profile than the case holds."""
    if case.expect.kind == "open":
        return
    if case.expect.kind == "error":
        if (refusal := refused(case)) is not InvalidInput:
            yield "the reference answers it" if refusal is None else "the reference does not support it"
        return
    try:
        outputs = tuple(run(case.request))
    except (InvalidInput, NotFixed, Unsupported) as error:
        yield f"the reference refuses it: {error}"
        return
    if not _same(outputs, case.outputs):
        yield "the reference gives other outputs"
    yield from of_accumulator(case)
    yield from of_profiles(case)


def refused(case: Case) -> type[Exception] | None:
    """How the reference refuses the case, None where it answers."""
    try:
        run(case.request)
    except (InvalidInput, BadTensor):
        return InvalidInput
    except (NotFixed, Unsupported):
        return Unsupported
    return None


def of_accumulator(case: Case) -> Iterator[str]:
    """The accumulator of a requantizing operator, int64 only where int32 does not hold it."""
    found = requantization(case.request)
    if found is None:
        if case.accumulator is not None or case.profiles is not None:
            yield f"{case.request.op} does not requantize: it has neither accumulator nor profiles"
        return
    exact = found.accumulator
    fits = not exact.size or (exact.min() >= -(2**31) and exact.max() < 2**31)
    dtype = "int32" if fits else "int64"
    if case.accumulator is None or case.accumulator.dtype != dtype or case.accumulator.shape != exact.shape:
        yield f"the accumulator is {dtype} of shape {list(exact.shape)}"
    elif (case.accumulator.data != exact).any():
        yield "the reference accumulates other numbers"


def of_profiles(case: Case) -> Iterator[str]:
    """Every profile, each with what the reference makes of the case under it."""
    if case.profiles is None:
        if case.accumulator is not None:
            yield "the profiles are missing"
        return
    names = sorted(PROFILES)
    if sorted(case.profiles) != names:
        yield f"it holds the profiles {sorted(case.profiles)}, there are {names}"
    for name in names:
        if name in case.profiles:
            yield from _of_profile(case, name)


def _of_profile(case: Case, name: str) -> Iterator[str]:
    result = (case.profiles or {})[name]
    try:
        outputs = tuple(run(replace(case.request, profile=name)))
    except OutsideDomain as error:
        if result.outside is None:
            yield f"it is outside {name}: {error}"
        return
    if result.outside is not None:
        yield f"{name} answers it, though it is called outside"
    elif result.outputs is not None and _same(result.outputs, case.outputs):
        yield f"the outputs of {name} are the case's own: leave them out"
    elif not _same(outputs, case.outputs if result.outputs is None else result.outputs):
        yield f"the reference gives other outputs under {name}"


def _same(some: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    return len(some) == len(others) and all(one.same(other) for one, other in zip(some, others, strict=True))


def _fit(some: Outputs, outputs: Outputs, dtype: str | None = None) -> bool:
    """Whether two lists of tensors have the same shapes and types (or all the type `dtype`)."""
    return [(one.shape, one.dtype) for one in some] == [(other.shape, dtype or other.dtype) for other in outputs]
