"""The machine of a report."""

from qref.judge.machine import Machine, this_machine


def test_this_machine() -> None:
    machine = this_machine()
    assert machine.cpu and machine.threads >= 1 and machine.short.startswith(machine.architecture)


def test_short_names_the_widest_features() -> None:
    assert Machine("x", ("AVX2", "AVX-512", "VNNI"), 1, "x86-64").short == "x86-64 AVX-512 VNNI"
    assert Machine("x", ("AVX2", "FMA"), 1, "x86-64").short == "x86-64 AVX2"
    assert Machine("x", (), 1, "riscv64").short == "riscv64"
