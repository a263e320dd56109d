"""Huffman's code: lengths of codewords against counts, beside the entropy of each symbol."""

from typing import Any

import numpy as np

from qref.compression.huffman import code_lengths
from qref.figures import chart
from qref.figures.figure import Figure
from qref.figures.paper import colour
from qref.numerics.philox import words

COUNT, KEPT, BITS = 1 << 16, 0.2, 5


def gap_counts() -> Any:
    """How often each gap of 5 bits occurs between weights of which a fifth is left at random, fillers included."""
    kept = np.flatnonzero(words(11, 0, COUNT) < KEPT * 2.0**32)
    zeros = np.diff(kept, prepend=-1) - 1
    most = 1 << BITS
    gaps = np.bincount(zeros % most, minlength=most)
    gaps[-1] += int((zeros // most).sum())
    return gaps


def draw() -> Any:
    """A bar a symbol, and its information as a line."""
    figure, axes = chart.axes()
    counts = gap_counts()
    lengths = code_lengths(counts)
    with np.errstate(divide="ignore"):
        information = -np.log2(counts / counts.sum())
    mean = float(counts @ lengths / counts.sum())
    entropy = float((counts * np.where(counts > 0, information, 0)).sum() / counts.sum())
    gaps = np.arange(counts.size)
    axes.bar(gaps, lengths, 0.7, color=colour("blue"), label=f"bits of the codeword, {mean:.2f} on average")
    axes.plot(gaps, information, color=colour("orange"), label=f"−log₂ of its share, {entropy:.2f} on average")
    axes.axhline(BITS, color=colour("muted"), linewidth=1, linestyle="--", label=f"fixed length, {BITS}")
    axes.set_xlabel("gap: zeros between two weights that are left")
    axes.set_ylabel("bits")
    chart.legend(axes, 3)
    return figure


FIGURE = Figure("huffman", "Lengths of Huffman's codewords for the gaps of a tensor pruned to a fifth", draw)
