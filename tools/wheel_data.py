"""Puts the conformance suites, their schemas and the spec into the wheel, and into wheels only.

A plain force-include would leave a copy in site-packages under `pip install -e` as well, which goes stale as soon as
the checkout changes.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = (
    "conformance/*.json",
    "conformance/*.md",
    "conformance/vectors/*.json",
    "conformance/schema/*.json",
    "spec/*.md",
)


class ConformanceData(BuildHookInterface):
    """Maps each shipped file to qref/_data, where qref.vectors.data looks first."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        for pattern in SHIPPED:
            for path in sorted(root.glob(pattern)):
                inside = path.relative_to(root).as_posix()
                build_data["force_include"][str(path)] = f"qref/_data/{inside}"
