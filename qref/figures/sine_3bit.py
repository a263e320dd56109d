"""A sine in three bits."""

from qref.figures.sine import figure

FIGURE = figure(3)
