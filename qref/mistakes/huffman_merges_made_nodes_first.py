"""Of equal counts a made node is merged before a symbol."""

from heapq import heapify, heappop, heappush

from qref.compression.huffman import LONGEST, package_merge
from qref.mistakes.huffman_codes import BOTH, with_lengths
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_lengths(request, lengths)


def lengths(counts: list[int]) -> list[int]:
    heap = [(count, 0, s, [s]) for s, count in enumerate(counts)]
    heapify(heap)
    depth = [0] * len(counts)
    for made in range(len(counts) - 1):
        first, second = heappop(heap), heappop(heap)
        held = first[3] + second[3]
        for s in held:
            depth[s] += 1
        heappush(heap, (first[0] + second[0], -1 - made, 0, held))
    return depth if max(depth) <= LONGEST else package_merge(counts, LONGEST)


MISTAKE = Mistake(
    name="huffman-merges-made-nodes-first",
    operators=BOTH,
    flags=("huffman-tie",),
    effect="Counts 1, 1, 2, 2 get lengths 3, 3, 2, 1 instead of 2, 2, 2, 2: as short together, but other codewords.",
    fix="Order nodes by count, then symbols before made nodes: the longest codeword is then as short as can be.",
    symptom="only at ties",
    run=run,
)
