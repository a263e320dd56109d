"""The suites, each made by its generator."""

from collections.abc import Callable

from qref.vectors.case import Suite
from qref.vectors.generators import requantize

SUITES: dict[str, Callable[[], Suite]] = {
    "requantize": requantize.suite,
}
