"""The scripts that run qref on other machines say plainly what they lack. What they run is docs/verification.md's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("bash") or "bash", ROOT / "tools" / script / "run", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("script", ["arm64", "s390x"])
def test_missing_tools_are_named_with_the_command_that_brings_them(script: str, tmp_path: Path) -> None:
    for tool in ("dirname", "sed"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = run(script, "--root", str(tmp_path / "root"), PATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"tools/{script}/run: debootstrap qemu-user-static not installed: "
        "apt-get install debootstrap qemu-user-static\n"
    )
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize("script", ["arm64", "s390x"])
@pytest.mark.parametrize("word", ["--rot", "kernel"])
def test_words_that_it_does_not_know_are_refused(script: str, word: str) -> None:
    done = run(script, word)
    assert done.returncode == 2
    assert done.stderr.startswith(f"tools/{script}/run: no ") and word in done.stderr


@pytest.mark.parametrize("script", ["arm64", "s390x"])
def test_help_lists_the_checks_that_there_are(script: str) -> None:
    text = run(script, "--help").stdout
    checks = next(line for line in (ROOT / "tools" / script / "run").read_text().splitlines() if line[:8] == "checks=(")
    assert f"[{checks[8:-1]}]" in text
