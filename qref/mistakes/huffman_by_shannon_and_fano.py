"""Lengths by Shannon's and Fano's halving from the top, which is not optimal."""

from qref.mistakes.huffman_codes import BOTH, with_lengths
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_lengths(request, lengths)


def lengths(counts: list[int]) -> list[int]:
    depth = [0] * len(counts)
    halve(sorted(range(len(counts)), key=lambda s: -counts[s]), counts, depth)
    return [min(d, 15) for d in depth]


def halve(symbols: list[int], counts: list[int], depth: list[int]) -> None:
    """Cuts the symbols, most frequent first, where both sides weigh most alike, until each is alone."""
    parts = [symbols]
    while parts:
        part = parts.pop()
        if len(part) < 2:
            continue
        for s in part:
            depth[s] += 1
        whole = sum(counts[s] for s in part)
        sides = [abs(2 * sum(counts[s] for s in part[:cut]) - whole) for cut in range(1, len(part))]
        cut = sides.index(min(sides)) + 1
        parts += [part[:cut], part[cut:]]


MISTAKE = Mistake(
    name="huffman-by-shannon-and-fano",
    operators=BOTH,
    flags=("huffman-lengths",),
    effect="15, 7, 6, 6 and 5 of five symbols take 89 bits instead of 87.",
    fix="Merge the two smallest counts, from the bottom.",
    symptom="nearly everywhere",
    run=run,
)
