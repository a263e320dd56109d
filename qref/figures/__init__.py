"""Figures of the algorithms and of the seed's tables: one a file, drawn from the algorithms' own indices and costs."""

from qref.figures import memory_by_layer
from qref.figures.figure import Figure

FIGURES: dict[str, Figure] = {one.name: one for one in (memory_by_layer.FIGURE,)}
"""Every figure by its name."""

__all__ = ["FIGURES", "Figure"]
