"""gemmlowp's own header as the primary source of the two fixed-point functions: compiled, run and compared."""

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from qref.numerics.fixed_point import rounding_divide_by_pot, saturating_rounding_doubling_high_mul

HEADER = Path("/usr/include/gemmlowp/fixedpoint/fixedpoint.h")
HARNESS = """
#include <cstdint>
#include <cstdio>
#include <gemmlowp/fixedpoint/fixedpoint.h>
int main() {
    std::int32_t in[3];
    while (std::fread(in, 4, 3, stdin) == 3) {
        std::int32_t out[2] = {
            gemmlowp::SaturatingRoundingDoublingHighMul(in[0], in[1]),
            gemmlowp::RoundingDivideByPOT(in[0], in[2])};
        std::fwrite(out, 4, 2, stdout);
    }
}
"""
EDGES = [-(2**31), -(2**31) + 1, -(2**30), -1, 0, 1, 2**30, 2**31 - 2, 2**31 - 1]


def questions() -> list[tuple[int, int, int]]:
    """Pairs at the ends, ties of both functions, and 100,000 pairs of every magnitude."""
    asked = [(a, b, e) for a in EDGES for b in EDGES for e in range(32)]
    draw = random.Random(1)
    for _ in range(100_000):
        a = draw.randint(-(2**31), 2**31 - 1) >> draw.randrange(31)
        b = draw.randint(-(2**31), 2**31 - 1) >> draw.randrange(31)
        asked.append((a, b, draw.randrange(32)))
    for _ in range(10_000):
        e = draw.randrange(1, 31)
        tie = (2 * draw.randrange(-(2 ** (30 - e)), 2 ** (30 - e)) + 1) << (e - 1)
        asked.append((tie, 1 << draw.randrange(31), e))
    return asked


@pytest.mark.requirement("QREF-RD-002", "QREF-RQ-010", "QREF-RQ-011")
@pytest.mark.slow
def test_every_answer_is_gemmlowps(tmp_path: Path) -> None:
    if not HEADER.exists():
        pytest.skip("gemmlowp's header is not installed: apt-get install libgemmlowp-dev")
    if shutil.which("g++") is None:
        pytest.skip("no C++ compiler")
    source, program = tmp_path / "harness.cc", tmp_path / "harness"
    source.write_text(HARNESS)
    subprocess.run(["g++", "-O1", "-o", program, source], check=True)
    asked = questions()
    packed = b"".join(struct.pack("<3i", *question) for question in asked)
    answer = subprocess.run([program], input=packed, capture_output=True, check=True).stdout
    expected = list(struct.iter_unpack("<2i", answer))
    assert len(expected) == len(asked)
    for (a, b, e), (high, divided) in zip(asked, expected, strict=True):
        assert saturating_rounding_doubling_high_mul(a, b) == high, (a, b)
        assert rounding_divide_by_pot(a, e) == divided, (a, e)
