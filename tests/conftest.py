"""Settings of every test: Hypothesis profiles, and a closing account of where the seconds went.

With QREF_STRICT_TESTS=1 (as .ci/run sets it) a test that takes over ten seconds without the mark `slow`, and a test
skipped because something is not installed, fail the run.
"""

import os
import re
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

SLOW_TO_LIST = 3.0
SLOW_TO_FAIL = 10.0
NOT_INSTALLED = re.compile(r"compiler|\bcc\b|\bnode\b|could not import|not installed|No module named", re.IGNORECASE)

settings.register_profile(
    "default", max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", settings.get_profile("default"), max_examples=500)
settings.load_profile("default")


def reports(config: pytest.Config) -> list[pytest.TestReport]:
    """Every report of the run, those of pytest-xdist's workers included."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    return [report for found in reporter.stats.values() for report in found if isinstance(report, pytest.TestReport)]


def unmarked(config: pytest.Config, seconds: float) -> list[pytest.TestReport]:
    """Tests whose own call took longer than `seconds` though they are not marked slow, slowest first.

    None in a deep run: there every property takes its time.
    """
    if config.getoption("--hypothesis-profile") == "deep":
        return []
    calls = (report for report in reports(config) if report.when == "call" and "slow" not in report.keywords)
    return sorted((call for call in calls if call.duration > seconds), key=lambda call: -call.duration)


def skipped_for_tools(config: pytest.Config) -> list[tuple[str, str]]:
    """Tests skipped because something is not installed, each with its reason."""
    found = []
    for report in reports(config):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if report.skipped and NOT_INSTALLED.search(reason):
            found.append((report.nodeid, reason.removeprefix("Skipped: ")))
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    by_folder: dict[str, float] = defaultdict(float)
    for report in reports(config):
        by_folder[report.nodeid.split("::")[0].rpartition("/")[0]] += report.duration
    if by_folder:
        terminalreporter.section("seconds by folder")
        for folder, seconds in sorted(by_folder.items(), key=lambda item: -item[1]):
            terminalreporter.write_line(f"{seconds:8.1f}  {folder}")
    if listed := unmarked(config, SLOW_TO_LIST):
        terminalreporter.section(f"over {SLOW_TO_LIST:.0f} s without the mark slow")
        for report in listed:
            terminalreporter.write_line(f"{report.duration:8.1f}  {report.nodeid}")
    if os.environ.get("QREF_STRICT_TESTS") and (missing := skipped_for_tools(config)):
        terminalreporter.section("skipped for want of a tool: install it")
        for name, reason in missing:
            terminalreporter.write_line(f"{name}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if not os.environ.get("QREF_STRICT_TESTS") or hasattr(session.config, "workerinput"):
        return
    if session.exitstatus == pytest.ExitCode.OK and (
        unmarked(session.config, SLOW_TO_FAIL) or skipped_for_tools(session.config)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
