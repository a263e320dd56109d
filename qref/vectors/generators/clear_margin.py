"""Numbers drawn until every decision lies clear of its boundary."""

from collections.abc import Iterable

from qref.ops import margin
from qref.ops.request import Request
from qref.vectors.generators.builder import LEAST_MARGIN


def clear(requests: Iterable[Request]) -> Request:
    """The first of endlessly many requests whose margin is wide enough to be published."""
    for request in requests:
        distance = margin(request)
        if distance is None or distance >= LEAST_MARGIN:
            return request
    raise AssertionError("requests are endless")
