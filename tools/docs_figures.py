"""Draws the figures of the site into docs/figures, which git ignores: python -m tools.docs_figures

Only what changed is written, so that a page that is being looked at does not blink.
"""

import sys
import tempfile
from pathlib import Path

from qref.figures import FIGURES
from qref.figures.bench_by_layer import FIGURE
from tools import bench_page
from tools.algorithm_pages import BENCH, measured

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "figures"


def write() -> list[Path]:
    """Draws every figure, that of runtime once more from the recorded measurement, and the recorded reports of the
    bench; gives what changed.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        drawn = Path(name)
        for figure in FIGURES.values():
            figure.write(drawn / f"{figure.name}.svg")
        if measured():
            FIGURES["runtime-by-layer"].write(drawn / "runtime-by-layer-measured.svg", measured=BENCH)
        for dtype, report in bench_page.recorded().items():
            FIGURE.write(drawn / f"bench-{dtype}.svg", report=report)
        made = {path.name: path.read_bytes() for path in drawn.iterdir()}
    for old in FOLDER.glob("*.svg"):
        if old.name not in made:
            old.unlink()
    there = {path.name: path.read_bytes() for path in FOLDER.glob("*.svg")}
    changed = [FOLDER / name for name, content in sorted(made.items()) if there.get(name) != content]
    for path in changed:
        path.write_bytes(made[path.name])
    return changed


def main() -> int:
    """Draws, and says what changed."""
    for path in write():
        print(f"drew  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
