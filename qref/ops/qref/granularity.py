"""The attributes by which a request says which weights share a scale."""

from qref.ops.operator import Attribute
from qref.quantizers.granularity import Granularity


def attributes(kind: str) -> dict[str, Attribute]:
    """The attributes `granularity` ("tensor", "channel" or "group", by default `kind`) and `group_size`."""
    return {"granularity": Attribute("string", kind), "group_size": Attribute("int", 0)}


def of(granularity: str, group_size: int) -> Granularity:
    """The granularity that they mean. Raises InvalidInput for another kind, or a size that does not fit the kind."""
    return Granularity(granularity, group_size)
