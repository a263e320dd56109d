"""A sine in two bits."""

from qref.figures.sine import figure

FIGURE = figure(2)
