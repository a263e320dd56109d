"""Lengths above 15 cut to it, and other leaves pushed down until the code fits, as zlib does."""

from qref.compression.huffman import LONGEST, tree_depths
from qref.mistakes.huffman_codes import BOTH, with_lengths
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_lengths(request, lengths)


def lengths(counts: list[int]) -> list[int]:
    depths = tree_depths(counts)
    of_length = [0] * (LONGEST + 1)
    for depth in depths:
        of_length[min(depth, LONGEST)] += 1
    while sum(n << LONGEST - length for length, n in enumerate(of_length) if length) > 1 << LONGEST:
        length = max(i for i in range(1, LONGEST) if of_length[i])
        of_length[length] -= 1
        of_length[length + 1] += 2
        of_length[LONGEST] -= 1
    if max(depths) <= LONGEST:
        return depths
    found = [0] * len(counts)
    free = [length for length in range(LONGEST, 0, -1) for _ in range(of_length[length])]
    for s, length in zip(sorted(range(len(counts)), key=lambda s: counts[s]), free):
        found[s] = length
    return found


MISTAKE = Mistake(
    name="huffman-lengths-cut",
    operators=BOTH,
    flags=("huffman-limit",),
    effect="The stream fits, but is longer than it must be: counts that grow as Fibonacci's 40 take more bits.",
    fix="Take package-merge, the least total within 15 bits.",
    symptom="only at the ends of the range",
    run=run,
)
