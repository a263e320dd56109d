"""Binary networks: the seed's accuracies, memory and computation, beside what their shapes alone give.

An accuracy is a network trained on ImageNet, so it stands as printed. Sizes and operations follow from shapes: those of
AlexNet without groups, as the authors of XNOR-Net train it (allenai/XNOR-Net, models/alexnet.lua and alexnetxnor.lua),
and of ResNet-18 (He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2016, table 1). The first and the
last layer stay float32, as in that code; "all layers" counts them. (The authors of SQ-BWN binarize those too.)
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from qref.conv import ALGORITHMS, Shapes
from qref.conv.ten_layers import Layer, layer
from qref.quantizers.binary_connect import SIGNS
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.granularity import CHANNEL, TENSOR
from qref.quantizers.sq_bwn import Hybrid, kept
from qref.tables.table import Cell, Table

WORD = 64
"""Signs that one exclusive or takes, as XNOR-Net section 4.1 counts them."""


class Accuracy(NamedTuple):
    """Per cent of ImageNet's validation images, the right class first, or among the first five."""

    top1: float
    top5: float


class Saving(NamedTuple):
    """How many times less memory and computation than float32, and the accuracy, as printed."""

    memory: float
    computation: float
    top1: float


ACCURACY_SOURCE = 'seed, lines 744-762, "Binary Weight Network via Hashing"'
ACCURACY: dict[str, dict[str, Accuracy]] = {
    "AlexNet": {
        "BinaryConnect": Accuracy(35.4, 61.0),
        "BWN": Accuracy(56.8, 79.4),
        "SQ-BWN": Accuracy(51.2, 75.1),
        "HWGQ-BWN": Accuracy(52.4, 75.9),
        "BWNH": Accuracy(58.5, 80.9),
    },
    "ResNet-18": {
        "float32": Accuracy(69.3, 89.2),
        "BWN": Accuracy(60.8, 83.0),
        "SQ-BWN": Accuracy(58.3, 81.6),
        "HWGQ-BWN": Accuracy(61.3, 83.9),
        "BWNH": Accuracy(64.3, 85.9),
    },
}
SAVING_SOURCE = 'seed, lines 792-795, "XNOR-Net"'
SAVING = {
    "float32": Saving(1, 1, 56.7),
    "binary weights": Saving(32, 2, 56.8),
    "XNOR-Net": Saving(32, 58, 44.2),
}

ALEXNET = "AlexNet, ungrouped"
NETWORKS: dict[str, tuple[Layer, ...]] = {
    "AlexNet": (
        #              C    H    K   R  stride pad
        layer("conv1", 3, 224, 96, 11, 4, 2, ALEXNET),
        layer("conv2", 96, 27, 256, 5, 1, 2, ALEXNET),
        layer("conv3", 256, 13, 384, 3, 1, 1, ALEXNET),
        layer("conv4", 384, 13, 384, 3, 1, 1, ALEXNET),
        layer("conv5", 384, 13, 256, 3, 1, 1, ALEXNET),
        layer("fc6", 256, 6, 4096, 6, 1, 0, ALEXNET),
        layer("fc7", 4096, 1, 4096, 1, 1, 0, ALEXNET),
        layer("fc8", 4096, 1, 1000, 1, 1, 0, ALEXNET),
    ),
    "ResNet-18": (
        layer("conv1", 3, 224, 64, 7, 2, 3, "ResNet-18"),
        *(layer(f"conv2.{i}", 64, 56, 64, 3, 1, 1, "ResNet-18") for i in range(1, 5)),
        *(
            each
            for stage, C, H in ((3, 64, 56), (4, 128, 28), (5, 256, 14))
            for each in (
                layer(f"conv{stage}.1", C, H, 2 * C, 3, 2, 1, "ResNet-18"),
                *(layer(f"conv{stage}.{i}", 2 * C, H // 2, 2 * C, 3, 1, 1, "ResNet-18") for i in (2, 3, 4)),
                layer(f"conv{stage}.shortcut", C, H, 2 * C, 1, 2, 0, "ResNet-18"),
            )
        ),
        layer("fc", 512, 1, 1000, 1, 1, 0, "ResNet-18"),
    ),
}
COLUMNS = ("table", "network", "method", "quantity", "seed", "ours")
SOURCE = (
    f"{ACCURACY_SOURCE}; {SAVING_SOURCE}; ours: packed sizes and qref.conv.ALGORITHMS[…].cost on the shapes of "
    "qref.tables.binary_methods.NETWORKS"
)


def binary_methods() -> Table:
    """seed: as printed ("~" left out). ours: computed from shapes; an accuracy has none."""
    rows = (*accuracies(), *savings(), *sizes(), *operations())
    return Table("binary-methods", COLUMNS, tuple(rows), SOURCE, {"seed": 1, "ours": 2})


def accuracies() -> Iterator[tuple[Cell, ...]]:
    """The two tables of accuracies."""
    for network, methods in ACCURACY.items():
        for method, found in methods.items():
            yield ("accuracy", network, method, "top-1 %", found.top1, None)
            yield ("accuracy", network, method, "top-5 %", found.top5, None)


def savings() -> Iterator[tuple[Cell, ...]]:
    """The table of XNOR-Net, beside AlexNet's binary layers by their sizes and operations."""
    inner = NETWORKS["AlexNet"][1:-1]
    before = [one.shapes for one in inner]
    memory = {"float32": 1.0, "binary weights": 32 / bits_a_weight(inner, signs_and_scales)}
    computation = {
        "float32": 1.0,
        "binary weights": ratio(before, additions_alone),
        "XNOR-Net": ratio(before, binary_operations),
    }
    memory["XNOR-Net"] = memory["binary weights"]
    for method, printed in SAVING.items():
        yield ("xnor-net", "AlexNet", method, "memory saving", printed.memory, memory[method])
        yield ("xnor-net", "AlexNet", method, "computation saving", printed.computation, computation[method])
        yield ("xnor-net", "AlexNet", method, "top-1 %", printed.top1, None)
    yield ("xnor-net", "c = 256, 3×3", "XNOR-Net", "64 c N_W / (c N_W + 64)", None, formula(256, 9))


def sizes() -> Iterator[tuple[Cell, ...]]:
    """Bits a weight, scales and all: of the binary layers, and of all."""
    schemes = {
        "BinaryConnect": signs_alone,
        "BWN, HWGQ-BWN, BWNH": signs_and_scales,
        "SQ-BWN at 50 %": half_of_the_rows,
    }
    for network, layers in NETWORKS.items():
        for method, encoded in schemes.items():
            inner = bits_a_weight(layers[1:-1], encoded)
            weights = [math.prod(one.w) for one in layers]
            whole = (inner * sum(weights[1:-1]) + 32 * (weights[0] + weights[-1])) / sum(weights)
            yield ("size", network, method, "bits a weight, binary layers", None, inner)
            yield ("size", network, method, "bits a weight, all layers", None, whole)


def operations() -> Iterator[tuple[Cell, ...]]:
    """Of each binary layer of AlexNet, in millions."""
    for one in NETWORKS["AlexNet"][1:-1]:
        shapes = one.shapes
        counted = {
            "float32": float_operations(shapes),
            "binary weights": additions_alone(shapes),
            "XNOR-Net": binary_operations(shapes),
        }
        for method, count in counted.items():
            yield ("operations", f"AlexNet {one.name}", method, "millions", None, count / 1e6)


def signs_alone(w: tuple[int, ...]) -> Encoded:
    """Weights of this shape as BinaryConnect stores them."""
    return Coded(np.broadcast_to(np.uint8(1), w), SIGNS, TENSOR, width=1, stored=False)


def signs_and_scales(w: tuple[int, ...]) -> Encoded:
    """Weights of this shape as Binary-Weight Networks store them: a scale a filter."""
    return Scaled(np.broadcast_to(np.int8(1), w), np.ones(w[0], np.float32), CHANNEL, width=1)


def half_of_the_rows(w: tuple[int, ...]) -> Encoded:
    """Weights of this shape as SQ-BWN stores them at the first step of its schedule."""
    rows, K = w[0], math.prod(w[1:])
    chosen = np.arange(rows) >= kept(50.0, rows)
    binary = int(np.count_nonzero(chosen))
    rest = np.broadcast_to(np.float32(0), (rows - binary, K))
    return Hybrid(w, chosen, np.broadcast_to(np.int8(1), (binary, K)), np.ones(binary, np.float32), rest)


def bits_a_weight(layers: Sequence[Layer], encoded: Callable[[tuple[int, ...]], Encoded]) -> float:
    """Stored bits over weights."""
    return sum(encoded(one.w).bits for one in layers) / sum(math.prod(one.w) for one in layers)


def ratio(before: Sequence[Shapes], after: Callable[[Shapes], int]) -> float:
    """How many times fewer operations: float32's over another count."""
    return sum(map(float_operations, before)) / sum(map(after, before))


def float_operations(shapes: Shapes) -> int:
    """Multiplications and additions of direct convolution."""
    cost = ALGORITHMS["direct"].cost(shapes)
    return cost.multiplications + cost.additions


def additions_alone(shapes: Shapes) -> int:
    """With binary weights: additions, and α once an output."""
    return ALGORITHMS["direct"].cost(shapes).additions + math.prod(shapes.output)


def binary_operations(shapes: Shapes) -> int:
    """With binary activations too: exclusive or and sum of counts, a word at a time, and the floats that are left.

    qref.conv counts bytes of a padded number of channels; a word takes eight of them. Floats: Σ|I| over channels, the
    sum of each window, and K·α once an output.
    """
    N, C, *image = shapes.x
    pixels, windows = N * math.prod(image), N * shapes.windows
    binary = ALGORITHMS["xnor"].cost(shapes)
    stored = math.ceil(C / 8)
    words = math.ceil(stored / (WORD // 8)) / stored  # of each byte
    bits = round((binary.multiplications + binary.additions) * words)
    return bits + C * pixels + windows * math.prod(shapes.w[2:]) + 2 * math.prod(shapes.output)


def formula(c: int, n_w: int) -> float:
    """XNOR-Net's speed-up in theory: c·N_W·N_I float operations over c·N_W·N_I / 64 binary ones and N_I products."""
    return WORD * c * n_w / (c * n_w + WORD)
