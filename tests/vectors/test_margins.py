"""Cases whose codes hang on computed numbers keep clear of the boundaries."""

import pytest

from qref.errors import QrefError
from qref.ops import OPERATORS, margin
from qref.vectors import suite_json
from qref.vectors.generators.builder import LEAST_MARGIN

SUITES = ("quantizers", "binary", "codebooks")


@pytest.mark.requirement("QREF-QZ-005")
@pytest.mark.parametrize("suite", SUITES)
def test_margins_are_wide(suite: str) -> None:
    for case in suite_json.load_all([suite])[0].cases:
        assert case.margin is None or case.margin >= LEAST_MARGIN, case.id


@pytest.mark.parametrize("suite", SUITES)
def test_a_case_has_a_margin_where_its_operator_decides_by_computed_numbers(suite: str) -> None:
    for case in suite_json.load_all([suite])[0].cases:
        if case.expect.kind == "error":
            continue
        if OPERATORS[case.request.domain, case.request.op].margin is None:
            assert case.margin is None, case.id
            continue
        try:
            found = margin(case.request)
        except QrefError as error:
            pytest.fail(f"{case.id}: {error}")
        assert found is not None
        assert case.margin == pytest.approx(found, rel=0.01) if found < float("inf") else case.margin is None, case.id
