"""Conformance for quantized inference engines: spec, readable reference, vectors, judge."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qref.judge.conform import conform

__all__ = ["conform"]


def __getattr__(name: str) -> Any:
    """Loads what is asked for, so that `import qref` and the command line start at once."""
    if name == "conform":
        from qref.judge.conform import conform

        return conform
    raise AttributeError(f"module 'qref' has no attribute {name!r}")
