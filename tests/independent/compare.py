"""Compares suites with the independent answers.

In tests/: python -m independent.compare [--every N] SUITE.json …
"""

import sys
import time
from collections import defaultdict
from pathlib import Path

from independent.judgement import disagreements
from independent.operators import OPERATORS
from independent.requests import cases


def main(arguments: list[str]) -> int:
    every = int(arguments[arguments.index("--every") + 1]) if "--every" in arguments else 1
    seconds: dict[str, float] = defaultdict(float)
    counted: dict[str, int] = defaultdict(int)
    different: dict[str, int] = defaultdict(int)
    for suite in (Path(a) for a in arguments if a.endswith(".json")):
        for entry in list(cases(suite))[::every]:
            op = entry["op"]
            if op not in OPERATORS:
                counted[f"{op} (not built)"] += 1
                continue
            start = time.perf_counter()
            found = disagreements(entry)
            seconds[op] += time.perf_counter() - start
            counted[op] += 1
            different[op] += bool(found)
            for line in found[:3]:
                print(line)
            if len(found) > 3:
                print(f"    and {len(found) - 3} more")
    for op in sorted(counted):
        print(f"{op:30} {counted[op]:6} cases {different[op]:5} different {seconds[op]:8.1f} s")
    return int(any(different.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
