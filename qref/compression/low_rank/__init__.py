"""Low rank: one convolution or fully connected layer becomes several smaller ones; one method a file."""

from collections.abc import Callable
from typing import Any

from qref.compression.low_rank import channel, cp, spatial, svd, tucker2
from qref.compression.low_rank.factors import Factors

DECOMPOSE: dict[str, Callable[..., Factors]] = {
    "svd": svd.decompose,
    "channel": channel.decompose,
    "spatial": spatial.decompose,
    "tucker2": tucker2.decompose,
    "cp": cp.decompose,
}
"""W and its ranks → factors, by the name of the method."""

RECONSTRUCT: dict[str, Callable[..., Any]] = {
    "svd": svd.reconstruct,
    "channel": channel.reconstruct,
    "spatial": spatial.reconstruct,
    "tucker2": tucker2.reconstruct,
    "cp": cp.reconstruct,
}
"""Factors → the weights that they stand for."""
