"""The one table that says which fast path serves which reference function."""

import pytest

from qref.ops import OPERATORS
from qref.vectors.trace import resolve

pytest.importorskip("numba")
from qref import kernels

WITHOUT = {"Resize", "Pad", "Concat", "Flatten", "Reshape"}


def test_every_operator_has_a_fast_path_that_names_its_reference_function() -> None:
    assert set(kernels.OPERATORS) == {(domain, name) for domain, name in OPERATORS if name not in WITHOUT}
    for key, fast in kernels.OPERATORS.items():
        assert resolve(fast.serves) is OPERATORS[key].function


def test_every_algorithm_names_a_function_that_exists() -> None:
    for name in kernels.ALGORITHMS:
        assert callable(resolve(name)), name
