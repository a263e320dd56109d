"""A model made smaller: layers of low rank, pruned weights, codes of a scheme, Huffman's code, in this order.

Han, Mao, Dally, "Deep Compression", 2016, figure 1: prune, share weights by a codebook, code what is left by Huffman's.
Low rank comes before: the layers it makes are pruned and coded as any others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.low_rank import DECOMPOSE, RECONSTRUCT
from qref.compression.low_rank.factors import Factors
from qref.compression.magnitude_pruning import keep_largest, keep_largest_of_all
from qref.compression.relative_index import CONVOLUTION_BITS, DENSE_BITS, sparse
from qref.compression.structured_pruning import keep_n_of_m
from qref.errors import QrefError, UsageError
from qref.quantizers.encoded import Encoded, SymbolCoded, squared_error
from qref.quantizers.granularity import CHANNEL
from qref.saveload.decoding import Decoding, fresh, names
from qref.saveload.low_rank_graph import Energy, Rank, Speed, Target, low_rank, rewrite, takes, work
from qref.saveload.onnx_file import opset
from qref.saveload.quantize import Encode
from qref.saveload.weights import Weight, weights

GAP_BITS = {"Gemm": DENSE_BITS, "MatMul": DENSE_BITS}
"""Bits of a gap between weights that stay, where the layer is no convolution."""
SCOPES = ("layer", "channel", "all")

Mask = NDArray[np.bool_]
Kept = Callable[[str, Callable[[], Any]], Any]
"""A name, and what makes the thing where it is not there yet → the thing."""


@dataclass(frozen=True)
class Pruning:
    """What is removed: a ratio of the weights of a layer, a channel or all layers; or all but n of each m."""

    ratio: float = 0.0
    scope: str = "layer"
    n: int = 0
    m: int = 0

    @classmethod
    def read(cls, text: str, scope: str | None) -> "Pruning":
        """From "0.8" or "2:4". Raises UsageError for anything else, or a scope beside n:m."""
        kept, colon, block = text.partition(":")
        try:
            found = cls(n=int(kept), m=int(block)) if colon else cls(float(text), scope or "layer")
        except ValueError:
            raise UsageError(f"--prune {text}: give the part that goes, such as 0.8, or N:M, such as 2:4") from None
        if colon and scope is not None:
            raise UsageError(f"--prune {text} keeps {kept} of each {block} weights: --prune-by is for ratios")
        if colon and not 1 <= found.n <= found.m:
            raise UsageError(f"--prune {text}: at least 1 of each block stays, and no more than the block has")
        if not 0 <= found.ratio <= 1:
            raise UsageError(f"--prune {text}: the part that goes lies from 0 to 1")
        if found.scope not in SCOPES:
            raise UsageError(f"--prune-by {found.scope}: give {', '.join(SCOPES)}")
        return found

    def masks(self, found: Sequence[Weight]) -> Callable[[Weight, NDArray[np.float32]], Mask]:
        """What gives the mask of a weight, channels first; `found`: all weights, of which "all" takes the largest."""
        if self.m:
            return lambda weight, W: keep_n_of_m(W, self.n, self.m)
        if self.scope == "all":
            every = keep_largest_of_all([weight.channels_first() for weight in found], self.ratio)
            by_name: Mapping[int, Mask] = {id(weight.value): mask for weight, mask in zip(found, every)}
            return lambda weight, W: by_name[id(weight.value)]
        if self.scope == "channel":
            return lambda weight, W: keep_largest(W, self.ratio, CHANNEL)
        return lambda weight, W: keep_largest(W, self.ratio)


@dataclass(frozen=True)
class Split:
    """A layer that became several. macs: multiplications for one position of the output, before and after.

    weights: of all new layers. error: ‖W − W'‖², W' what the new layers stand for. energy: ‖W‖².
    """

    name: str
    op: str
    shape: tuple[int, ...]
    method: str
    ranks: tuple[int, ...]
    weights: int
    macs: tuple[int, int]
    error: float
    energy: float


def target(text: str) -> tuple[str, Target]:
    """Method and target from "svd:0.9" (share of the energy), "tucker2:2x" (speed), "cp:rank=8", "tucker2:rank=8,16".

    Raises:
        UsageError: another method, no such target, a number beyond its range, or ranks that the method does not have.
    """
    method, _, wanted = text.partition(":")
    if method not in DECOMPOSE:
        raise UsageError(f"--low-rank {text}: there is no method {method}: {', '.join(DECOMPOSE)}")
    try:
        if wanted.startswith("rank="):
            return method, _ranks(text, method, [int(one) for one in wanted.removeprefix("rank=").split(",")])
        number = float(wanted.removesuffix("x"))
    except ValueError:
        raise UsageError(f"--low-rank {text}: give 0.9 of the energy, 2x of the speed, or rank=8") from None
    if wanted.endswith("x"):
        if not 0 < number < inf:
            raise UsageError(f"--low-rank {text}: a speed is above 0")
        return method, Speed(number)
    if not 0 < number <= 1:
        raise UsageError(f"--low-rank {text}: a share of the energy lies above 0, at most 1")
    if method == "cp":
        raise UsageError(f"--low-rank {text}: CP has no singular values: give it a speed, 2x, or rank=8")
    return method, Energy(number)


def _ranks(text: str, method: str, ranks: list[int]) -> Rank:
    if min(ranks) < 1:
        raise UsageError(f"--low-rank {text}: a rank is 1 at least")
    if len(ranks) != (2 if method == "tucker2" else 1):
        raise UsageError(f"--low-rank {text}: tucker2 has two ranks, rank=8,16, all others one")
    return Rank(tuple(ranks))


def split(model: Any, wanted: Sequence[tuple[str, Target]], kept: Kept) -> Iterator[tuple[str, Split | None]]:
    """Rewrites each layer by the first method that takes it and saves work; its name, and what became of it.

    kept: gives what a run that was stopped had found already.

    Raises:
        InvalidInput, Unsupported: a target that a method does not have; the message begins with the layer's name.
    """
    version, taken = opset(model), names(model)
    for weight in weights(model):
        try:
            factors = next(filter(None, (_factors(weight, one, kept) for one in wanted)), None)
            if factors is None:
                yield weight.name, None
                continue
            W = weight.channels_first()
            error, energy = squared_error(W, RECONSTRUCT[factors.method](*factors.tensors).reshape(W.shape))
            macs = work(weight, factors)
            found = Split(
                weight.name,
                weight.node.op_type,
                weight.shape,
                factors.method,
                factors.ranks,
                factors.count,
                macs,
                error,
                energy,
            )
            rewrite(weight, factors, Decoding(fresh(weight.name, taken), version))
        except QrefError as error:
            error.args = (f"{weight.name}: {error}",)
            raise
        yield found.name, found


def _factors(weight: Weight, wanted: tuple[str, Target], kept: Kept) -> Factors | None:
    if not takes(weight, wanted[0]):
        return None
    found: Factors | None = kept(f"low rank {weight.name} {wanted}", partial(low_rank, weight, *wanted))
    return found


def compressing(model: Any, pruning: Pruning | None, scheme: Encode | None, huffman: bool) -> Encode:
    """What encodes each weight of the model: what is left of it, by the scheme, behind Huffman's code.

    With pruning and without a scheme the weights that stay are float32; one of both there must be.

    Raises (what is returned):
        UsageError: pruned weights by a scheme that gives them no codebook, or Huffman's code for what has no codes.
    """
    mask_of = None if pruning is None else pruning.masks(weights(model))

    def encode(weight: Weight, W: NDArray[np.float32], number: int) -> Encoded:
        if mask_of is not None:
            values = None if scheme is None else (lambda kept: scheme(weight, kept, number))
            gap_bits = GAP_BITS.get(weight.node.op_type, CONVOLUTION_BITS)
            found: Encoded = sparse(W, mask_of(weight, W), values, gap_bits)
        else:
            assert scheme is not None
            found = scheme(weight, W, number)
        return _shorter(found) if huffman else found

    return encode


def _shorter(found: Encoded) -> HuffmanCoded:
    if not isinstance(found, SymbolCoded):
        raise UsageError(f"{type(found).__name__} has no codes that Huffman's would make shorter: leave out --huffman")
    return HuffmanCoded(found)
