"""The runner against engines that misbehave: each misbehaviour is one request's result and nothing else is lost."""

import os
import sys
import threading
import time
from collections.abc import Callable

import pytest

from qref.engines.protocol import LONGEST_LINE, Reply
from qref.engines.session import Command, Session
from qref.errors import EngineError
from qref.numerics.tensor import tensor
from qref.ops.request import Request

GOOD, BAD, LAST = 1, 2, 3
Make = Callable[..., Command]

# at the request BAD: what the engine does, the result, a word of its detail
MISBEHAVIOURS = {
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "crash", "SIGSEGV"),
    "exits": ("sys.stderr.write('no such kernel\\n'); sys.exit(3)", "crash", "status 3: no such kernel"),
    "exits quietly": ("sys.exit(0)", "crash", "status 0"),
    "hangs": ("time.sleep(60)", "timeout", "no answer in 0.7 s"),
    "ignores the request": ("pass", "timeout", "no answer"),
    "half a line": ('say(\'{"id": 2, "outp\'); time.sleep(60)', "timeout", "half a line"),
    "half a line and dies": ('say(\'{"id": 2, "outp\'); sys.exit(1)', "crash", "half a line"),
    "closes its output": ("os.close(1); time.sleep(60)", "fault", "closed its standard output"),
    "wrong id": ("answer(77)", "fault", "answered id 77, asked was 2"),
    "no id": ("say('{\"outputs\": []}\\n')", "fault", "no id"),
    "id as text": ('say(\'{"id": "2", "outputs": []}\\n\')', "fault", "not an integer"),
    "id true": ('say(\'{"id": true, "outputs": []}\\n\')', "fault", "not an integer"),
    "garbage": ("say('loading model...\\n'); answer(number)", "fault", "no JSON"),
    "garbage alone": ("say('Traceback (most recent call last):\\n')", "fault", "no JSON"),
    "not UTF-8": ("sys.stdout.buffer.write(b'\\xff\\xfe{}\\n'); sys.stdout.flush()", "fault", "not UTF-8"),
    "a list": ("say('[]\\n')", "fault", "no JSON object"),
    "NaN as JSON": ('say(\'{"id": 2, "outputs": [NaN]}\\n\')', "fault", "NaN is not JSON"),
    "Infinity as an id": ("say('{\"id\": Infinity}\\n')", "fault", "Infinity is not JSON"),
    "a number beyond floats": ('say(\'{"id": 1e999, "outputs": []}\\n\')', "fault", "not an integer"),
    "a huge number": ("say('{\"id\": ' + '9' * 100000 + '}\\n')", "fault", "no JSON"),
    "deep nesting": ("say('[' * 1000000 + '\\n')", "fault", "nested"),
    "nothing in it": ("say('{\"id\": 2}\\n')", "fault", "none of them"),
    "two things in it": ('say(\'{"id": 2, "outputs": [], "error": "x"}\\n\')', "fault", "outputs and error"),
    "outputs no list": ('say(\'{"id": 2, "outputs": 5}\\n\')', "fault", "not a list"),
    "unknown dtype": ('answer(2, {"dtype": "int7", "shape": [], "data": ""})', "fault", "int7"),
    "negative shape": ('answer(2, {"dtype": "int8", "shape": [-1], "data": ""})', "fault", "shape"),
    "enormous shape": ('answer(2, {"dtype": "int8", "shape": [2**40, 2**40], "data": ""})', "fault", "bytes"),
    "too many dimensions": ('answer(2, {"dtype": "int8", "shape": [1] * 100, "data": "BQ=="})', "fault", "output 0"),
    "a shape that never ends": ('answer(2, {"dtype": "int8", "shape": ["x" * 10**6], "data": ""})', "fault", "shape"),
    "a dtype that never ends": ('answer(2, {"dtype": "x" * 10**6, "shape": [], "data": ""})', "fault", "output 0"),
    "a huge shape of nothing": ('answer(2, {"dtype": "int8", "shape": [0, 10**30], "data": ""})', "fault", "output 0"),
    "too few bytes": ('answer(2, {"dtype": "int8", "shape": [4], "data": "BQ=="})', "fault", "4 bytes"),
    "broken base64": ('answer(2, {"dtype": "int8", "shape": [1], "data": "B"})', "fault", "base64"),
    "int4 beyond int4": ('answer(2, {"dtype": "int4", "shape": [1], "data": "fw=="})', "fault", "int4"),
    "100 MB on one line": ("say('x' * 100_000_000 + '\\n')", "fault", "MB"),
    "an endless line": ("\n        while True: say('x' * 65536)", "fault", "MB"),
    "endless lines": ("\n        while True: say('{}\\n')", "fault", ""),
    "answers twice": ("answer(2); answer(2)", "fault", "more than its one answer"),
    "answers twice, later": ("answer(2); time.sleep(0.2); answer(2)", "fault", "more than its one answer"),
}


def ask(command: Command, request: Request, seconds: float = 10) -> dict[int, Reply]:
    """The replies to GOOD, BAD and LAST of an engine that has `seconds` for each."""
    session = Session(command, seconds)
    session.start()
    replies = {number: session.ask(request, number) for number in (GOOD, BAD, LAST)}
    session.finish()
    return replies | dict(session.corrections)


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_misbehaviour_is_one_result(name: str, engine: Make, request_: Request) -> None:
    bad, kind, words = MISBEHAVIOURS[name]
    started = time.monotonic()
    replies = ask(engine(bad), request_, seconds=0.7 if kind == "timeout" else 10)
    assert replies[BAD].kind == kind, replies[BAD]
    assert words in replies[BAD].words
    assert "\n" not in replies[BAD].words and len(replies[BAD].words) < 2000
    for number in (GOOD, LAST):
        assert replies[number].kind == "outputs", replies[number]
    assert time.monotonic() - started < 9


def test_engine_that_answers_well(engine: Make, request_: Request) -> None:
    replies = ask(engine(), request_)
    assert all(reply.kind == "outputs" and reply.outputs[0].data.tolist() == [5] for reply in replies.values())


def test_unknown_keys_and_blank_lines_are_no_fault(engine: Make, request_: Request) -> None:
    bad = 'say(\'\\n {"id": 2, "unsupported": "no int8", "time": 5}\\r\\n\')'
    reply = ask(engine(bad), request_)[BAD]
    assert (reply.kind, reply.words) == ("unsupported", "no int8")


def test_second_answer_to_the_last_request(engine: Make, request_: Request) -> None:
    session = Session(engine("answer(2); time.sleep(0.1); answer(2)"), 5)
    session.start()
    assert session.ask(request_, BAD).kind in ("outputs", "fault")
    session.finish()
    assert dict(session.corrections).get(BAD, Reply("fault")).kind == "fault"


def test_garbage_between_hello_and_the_first_request(engine: Make, request_: Request) -> None:
    replies = ask(engine(hello="hello(); say('ready\\n')"), request_)
    assert {reply.kind for reply in replies.values()} == {"fault"}


def test_engine_that_never_reads_its_input(tmp_path: object, request_: Request) -> None:
    script = (
        "import sys, time\n"
        "sys.stdin.readline()\n"
        'print(\'{"id": 0, "protocol": 1, "name": "deaf", "version": "1"}\', flush=True)\n'
        "time.sleep(60)"
    )
    long = Request("QuantizeLinear", "", 10, {}, (tensor([0.0] * 500_000, "float32"),))
    session = Session(Command("cmd:deaf", [sys.executable, "-c", script]), 0.5)
    session.start()
    reply = session.ask(long, GOOD)
    assert reply.kind == "timeout"
    assert "does not read its input" in reply.words
    session.finish()


@pytest.mark.parametrize("code", ["os.close(0); answer(2)", "os.close(0); time.sleep(60)"])
def test_engine_that_closes_its_input(code: str, engine: Make, request_: Request) -> None:
    session = Session(engine(code), 1.0)
    session.start()
    session.ask(request_, BAD)
    kinds = [session.ask(request_, number).kind for number in (GOOD, LAST)]
    session.finish()
    assert kinds[-1] == "outputs"


def test_flooded_stderr_is_drained_and_its_end_kept(engine: Make, request_: Request) -> None:
    flood = (
        "sys.stderr.write('warning ' * 2_000_000 + '\\n' + 'spam\\n' * 1_000_000 + 'the end\\n'); sys.stderr.flush(); "
    )
    started = time.monotonic()
    assert ask(engine(flood + "answer(2)"), request_, seconds=5)[BAD].kind == "outputs"
    reply = ask(engine(flood + "sys.exit(4)"), request_, seconds=5)[BAD]
    assert (reply.kind, reply.words) == ("crash", "exited with status 4: the end")
    assert time.monotonic() - started < 8


def test_memory_stays_bounded(engine: Make, request_: Request) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ask(engine("say('x' * 200_000_000 + '\\n')"), request_)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    unit = 1 if sys.platform == "darwin" else 1024
    assert grown * unit < 8 * LONGEST_LINE


def test_grandchildren_die_with_the_engine(engine: Make, request_: Request, tmp_path: object) -> None:
    bad = "p = subprocess.Popen(['sleep', '60']); sys.stderr.write(f'pid {p.pid}\\n'); sys.stderr.flush(); sys.exit(1)"
    started = time.monotonic()
    reply = ask(engine(bad), request_, seconds=20)[BAD]
    assert reply.kind == "crash"  # although the grandchild holds the pipes open
    assert time.monotonic() - started < 10
    pid = int(reply.words.rsplit("pid ", 1)[1])
    for _ in range(50):
        if not _alive(pid):
            return
        time.sleep(0.05)
    pytest.fail("the grandchild lives on")


def test_stop_from_another_thread(engine: Make, request_: Request) -> None:
    session = Session(engine("time.sleep(60)"), 30)
    session.start()
    threading.Timer(0.3, session.stop).start()
    started = time.monotonic()
    assert session.ask(request_, BAD).kind == "crash"
    assert time.monotonic() - started < 5
    with pytest.raises(EngineError):
        session.start()


def test_engine_that_does_not_start_again(engine: Make, request_: Request, tmp_path: object) -> None:
    marker = f"{tmp_path}/started"
    before = f"sys.exit(9) if os.path.exists({marker!r}) else open({marker!r}, 'w').close()"
    session = Session(engine("sys.exit(1)", before=before), 5)
    session.start()
    assert session.ask(request_, BAD).kind == "crash"
    with pytest.raises(EngineError, match="status 9"):
        session.ask(request_, LAST)


def test_engine_that_needs_a_moment_to_start_again(engine: Make, request_: Request, tmp_path: object) -> None:
    count = f"{tmp_path}/count"
    before = f"open({count!r}, 'a').write('x')\nif open({count!r}).read() in ('xx', 'xxx'): sys.exit(9)"
    session = Session(engine("sys.exit(1)", before=before), 5)
    session.start()
    assert [session.ask(request_, number).kind for number in (BAD, LAST)] == ["crash", "outputs"]
    session.finish()


@pytest.mark.parametrize(
    ("hello", "words"),
    [
        ("sys.stderr.write('libfoo.so is missing\\n'); sys.exit(1)", "libfoo.so is missing"),
        ("time.sleep(60)", "no answer in 0.6 s"),
        ("say('Hello!\\n')", "no JSON"),
        ("say('{\"id\": 0}\\n')", "speaks protocol None: this qref speaks 1"),
        ('say(\'{"id": 0, "protocol": 2, "name": "x", "version": "1"}\\n\')', "speaks protocol 2"),
        ('say(\'{"id": 0, "protocol": true, "name": "x", "version": "1"}\\n\')', "speaks protocol True"),
        ('say(\'{"id": 0, "protocol": 1, "version": "1"}\\n\')', "does not say its name"),
        ('say(\'{"id": 0, "protocol": 1, "name": "x", "version": 1}\\n\')', "version as 1"),
        ('say(\'{"id": 0, "protocol": 1, "name": "x", "version": "1", "profile": 3}\\n\')', "profile as 3"),
        ('say(\'{"id": 5, "protocol": 1, "name": "x", "version": "1"}\\n\')', "with id 5"),
        ('say(\'{"id": 0, "error": "no licence"}\\n\')', "no licence"),
        ("say('x' * 100_000_000)", "MB"),
    ],
)
def test_no_hello(hello: str, words: str, engine: Make) -> None:
    # a busy machine may need seconds to start a process and to read a hundred megabytes
    session = Session(engine(hello=hello), 5, hello_seconds=0.6 if "no answer" in words else 60)
    with pytest.raises(EngineError) as error:
        session.start()
    assert words in str(error.value)
    assert str(error.value).startswith("cmd:")


def test_no_hello_shows_the_last_lines_of_stderr_and_the_request(engine: Make) -> None:
    hello = "sys.stderr.write(''.join(f'line {k}\\n' for k in range(50))); sys.stderr.flush(); sys.exit(1)"
    with pytest.raises(EngineError) as error:
        Session(engine(hello=hello), 5).start()
    lines = str(error.value).splitlines()
    assert '"op":"Hello"' in lines[0]
    assert [line.strip() for line in lines[-20:]] == [f"line {k}" for k in range(30, 50)]


def test_a_name_that_never_ends_is_cut(engine: Make) -> None:
    hello = "say(json.dumps({'id': 0, 'protocol': 1, 'name': 'x' * 10**6, 'version': '1'}) + '\\n')"
    session = Session(engine(hello=hello), 5)
    assert len(session.start().name) < 100
    session.finish()


def test_program_that_is_a_folder(tmp_path: object) -> None:
    with pytest.raises(EngineError, match="a folder"):
        Session(Command(f"cmd:{tmp_path}", [str(tmp_path)]), 5).start()


def test_program_that_is_missing() -> None:
    with pytest.raises(EngineError, match="no such program"):
        Session(Command("cmd:./nothing", ["./nothing"]), 5).start()


def test_program_without_permission(tmp_path: object) -> None:
    path = f"{tmp_path}/engine"
    with open(path, "w") as file:
        file.write("#!/bin/sh\n")
    with pytest.raises(EngineError, match="chmod"):
        Session(Command("cmd:" + path, [path]), 5).start()


def test_program_that_is_no_program(tmp_path: object) -> None:
    path = f"{tmp_path}/engine"
    with open(path, "w") as file:
        file.write("hello\n")
    os.chmod(path, 0o755)
    with pytest.raises(EngineError, match="#!"):
        Session(Command("cmd:" + path, [path]), 5).start()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return True
