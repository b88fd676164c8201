from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from numerics.worker_start import ONE_THREAD
from verify import ClaimResult, Verdict, exit_status, run, select
from verify.context import Context
from verify.outcome import kill_rate
from verify.runner import Quiet

Toy = Callable[..., Path]


class Recorder(Quiet):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.why: dict[str, str] = {}
        self.messages: list[tuple[str, str]] = []
        self.order: list[str] = []

    def started(self, claim: str, why: str) -> None:
        self.why[claim] = why

    def message(self, claim: str, text: str) -> None:
        self.messages.append((claim, text))

    def finished(self, result: ClaimResult) -> None:
        self.order.append(result.id)


GOOD = """
@paper.claim("good", method="simulation")
def good(context):
    context.progress("half way")
    return Evidence(Verdict.SUPPORTED, "simulation", "fine", {"pid": __import__("os").getpid()})
"""


def results_of(path: Path, **options: object) -> dict[str, ClaimResult]:
    results = run(select([str(path)]), **options)  # type: ignore[arg-type]
    return {one.id.removeprefix("toys."): one for one in results}


def test_a_claim_is_examined_in_another_process(toy: Toy) -> None:
    recorder = Recorder()
    result = results_of(toy(GOOD), observer=recorder)["good"]
    assert result.verdict is Verdict.SUPPORTED
    assert result.as_expected
    assert result.evidence[0].data["pid"] != os.getpid()
    assert recorder.why == {"toys.good": "first run"}
    assert ("toys.good", "half way") in recorder.messages


def test_every_way_to_fail_costs_its_own_claim_alone(toy: Toy) -> None:
    path = toy(
        GOOD
        + """
def add(id, function, method="simulation"):
    paper.checked(id, Check(method, function))

def raises(context): raise RuntimeError("no luck")
def leaves(context): raise SystemExit(0)
def crashes(context): __import__("os")._exit(7)
def killed(context): __import__("os").kill(__import__("os").getpid(), 9)
def nan(context): return Evidence(Verdict.SUPPORTED, "simulation", "x", {"error": float("nan")})
def boasts(context): return Evidence(Verdict.PROVED, "simulation", "x")
def other(context): return Evidence(Verdict.PROVED, "symbolic", "x")

add("raises", raises)
add("leaves", leaves)
add("crashes", crashes)
add("killed", killed)
add("nan", nan)
add("boasts", boasts)
add("other", other)
add("true", lambda context: True)
add("none", lambda context: None)
add("last", good)
"""
    )
    results = results_of(path, jobs=2)
    errors = {
        "raises": "RuntimeError: no luck (toys.py, line",
        "leaves": "SystemExit",
        "crashes": "left with status 7",
        "killed": "ended by SIGKILL",
        "boasts": "cannot say PROVED",
        "other": "evidence of the method 'symbolic'",
        "true": "returned bool, not Evidence",
        "none": "returned NoneType, not Evidence",
    }
    for id, said in errors.items():
        assert results[id].verdict is Verdict.ERROR, id
        assert said in results[id].detail, id
    assert results["nan"].verdict is Verdict.UNDECIDED
    assert "data.error" in results["nan"].detail
    assert results["good"].verdict is results["last"].verdict is Verdict.SUPPORTED
    ids = "good raises leaves crashes killed nan boasts other true none last"
    assert list(results) == ids.split()
    assert exit_status(list(results.values())) == 3


def test_a_check_that_hangs_runs_out_of_time_and_its_processes_end(toy: Toy, tmp_path: Path) -> None:
    path = toy(
        GOOD
        + f"""
def hangs(context):
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open({str(tmp_path / "pids")!r}, "w").write(f"{{__import__('os').getpid()}} {{child.pid}}")
    time.sleep(600)

paper.checked("hangs", Check("simulation", hangs))
"""
    )
    results = results_of(path, jobs=2, limits={"quick": 10.0})
    assert results["hangs"].verdict is Verdict.UNDECIDED
    assert "ran out of time" in results["hangs"].detail
    assert results["good"].verdict is Verdict.SUPPORTED
    for pid in (tmp_path / "pids").read_text().split():
        assert gone(int(pid))
    # A time-out is not kept: the next run tries again.
    assert results_of(path, limits={"quick": 0.2})["hangs"].why == "first run"


def gone(pid: int) -> bool:
    """Whether a process has ended (or waits only for someone to read its status), now or in a moment."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


MUTANTS = """
def answer(verdict, method="scaling", **data):
    return lambda context: Evidence(verdict, method, "said", data)

def breaks(context): raise ValueError("broken")
def crashes(context): __import__("os")._exit(1)
def no_witness(): raise KeyError("lost")

R, U, S = Verdict.REFUTED, Verdict.UNDECIDED, Verdict.SUPPORTED
MUTANTS = [
    Mutant("refuted", "", "", answer(R), lambda: "false at 1"),
    Mutant("unconfirmed", "", "", answer(U, not_confirmed=True), lambda: "false at 1"),
    Mutant("undecided", "", "", answer(U), lambda: "false at 1"),
    Mutant("survivor", "", "", answer(S), lambda: "false at 1"),
    Mutant("unwitnessed", "", "", answer(S), lambda: None),
    Mutant("lost", "", "", answer(R), no_witness),
    Mutant("empty", "", "", answer(S), lambda: " "),
    Mutant("true", "", "", answer(S), lambda: True),
    Mutant("broken", "", "", breaks, lambda: "false at 1"),
    Mutant("foreign", "", "", answer(R, "symbolic"), lambda: "false at 1"),
]
paper.checked("law", Check("scaling", answer(S)), mutants=MUTANTS)
paper.checked("weak", Check("scaling", answer(U, not_confirmed=True)), mutants=MUTANTS[:3])
paper.checked("search", Check("search", answer(S, "search")), mutants=[
    Mutant("unconfirmed", "", "", answer(U, "search", not_confirmed=True), lambda: "false at 1")])
paper.checked("crash", Check("scaling", answer(S)), mutants=[
    MUTANTS[0], Mutant("crash", "", "", crashes, lambda: "false at 1"), MUTANTS[3]])
paper.checked("unmade", Check("scaling", answer(S)), mutants=lambda: 1 / 0)
paper.checked("twice", Check("scaling", answer(S)), mutants=[MUTANTS[0], MUTANTS[0]])
"""


def test_what_kills_a_mutant_and_what_does_not(toy: Toy) -> None:
    results = results_of(toy(MUTANTS))
    law = {one.mutant: one for one in results["law"].mutants}
    assert {name for name, one in law.items() if one.killed} == {"refuted", "unconfirmed", "lost"}
    witnessed = {name for name, one in law.items() if one.witness is not None}
    assert witnessed == {"refuted", "unconfirmed", "undecided", "survivor", "broken", "foreign"}
    assert {name for name, one in law.items() if one.survived} == {
        "undecided",
        "survivor",
        "broken",
        "foreign",
    }
    assert "no witness: KeyError" in law["lost"].detail
    assert law["broken"].verdict is law["foreign"].verdict is Verdict.ERROR
    rate = kill_rate(results["law"].mutants)
    assert (rate.killed, rate.with_witness, rate.total) == (2, 6, 10)


def test_not_confirming_kills_only_where_the_original_is_confirmed(toy: Toy) -> None:
    results = results_of(toy(MUTANTS))
    assert {one.mutant: one.killed for one in results["weak"].mutants} == {
        "refuted": True,
        "unconfirmed": False,
        "undecided": False,
    }
    # A search that finds nothing has confirmed nothing either way.
    assert [one.killed for one in results["search"].mutants] == [False]


def test_a_crash_among_the_mutants_leaves_the_claim_alone(toy: Toy) -> None:
    results = results_of(toy(MUTANTS))
    crash = results["crash"]
    assert crash.verdict is Verdict.SUPPORTED
    assert [one.verdict for one in crash.mutants] == [Verdict.REFUTED, Verdict.ERROR, Verdict.UNDECIDED]
    assert [one.killed for one in crash.mutants] == [True, False, False]
    assert crash.mutants[2].detail == "not tried"
    for id, said in (("unmade", "ZeroDivisionError"), ("twice", "same name")):
        (row,) = results[id].mutants
        assert (row.mutant, row.verdict, row.killed) == ("(all)", Verdict.ERROR, False)
        assert said in row.detail


def test_without_mutants_none_is_tried(toy: Toy) -> None:
    assert all(not one.mutants for one in results_of(toy(MUTANTS), mutants=False).values())


USES = """
def add(id, verdict, *uses):
    method = "simulation" if verdict is Verdict.SUPPORTED else "symbolic"
    paper.checked(id, Check(method, lambda context: Evidence(verdict, method, "said")), uses=uses)

P, S = Verdict.PROVED, Verdict.SUPPORTED
add("a", P)
add("b", P, "a")
add("c", S, "a")
add("d", P, "b", "c")
add("e", P, "d")
add("f", P, "g")
add("g", P)
"""


def test_settled_takes_everything_below(toy: Toy) -> None:
    path = toy(USES)
    settled = {id for id, one in results_of(path).items() if one.settled}
    assert settled == {"a", "b", "f", "g"}
    assert results_of(path)["d"].uses == ("toys.b", "toys.c")


def test_settled_looks_into_the_cache_for_what_was_not_asked_for(toy: Toy) -> None:
    path = toy(USES)
    assert not run(select([str(path), "b"]))[0].settled
    run(select([str(path), "a"]))
    assert run(select([str(path), "b"]))[0].settled


@pytest.mark.parametrize(
    ("verdict", "expected", "status"),
    [
        ("PROVED", "PROVED", 0),
        ("PROVED", "REFUTED", 1),
        ("REFUTED", "PROVED", 1),
        ("REFUTED", "REFUTED", 0),
        ("UNDECIDED", "PROVED", 3),
        ("UNDECIDED", "UNDECIDED", 0),
        ("PROVED", "UNDECIDED", 1),
        ("ERROR", "UNDECIDED", 3),
    ],
)
def test_exit_status(toy: Toy, verdict: str, expected: str, status: int) -> None:
    path = toy(
        f"""
paper.checked("a", Check("symbolic", lambda context: Evidence(Verdict.{verdict}, "symbolic", "said")),
              expected=Verdict.{expected}, expected_reason="for the test")
"""
    )
    assert exit_status(list(results_of(path).values())) == status


def test_a_contradiction_goes_before_an_open_question(toy: Toy) -> None:
    path = toy(
        """
for i, verdict in enumerate((Verdict.UNDECIDED, Verdict.REFUTED)):
    paper.checked(f"a{i}", Check("symbolic", lambda context, v=verdict: Evidence(v, "symbolic", "said")))
"""
    )
    assert exit_status(list(results_of(path).values())) == 1


def test_the_controls_of_a_failed_check_contradict_nothing(toy: Toy) -> None:
    path = toy(
        """
def fails(context):
    raise ValueError("no such root")

paper.checked("root", Check("symbolic", fails), mutants=[Mutant("m1", "sign", "", fails, lambda: "false at 0")])
"""
    )
    assert exit_status(list(results_of(path).values())) == 3


def test_workers_compute_with_one_thread_and_fixed_hashes(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ONE_THREAD, "PYTHONHASHSEED"):
        monkeypatch.setenv(name, "3")
    path = toy(
        """
@paper.claim("env", method="simulation")
def env(context):
    from os import environ
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED")
    return Evidence(Verdict.SUPPORTED, "simulation", "found", {"env": [environ[name] for name in names]})
"""
    )
    before = dict(os.environ)
    assert results_of(path)["env"].evidence[0].data["env"] == ["1", "1", "1", "0"]
    assert dict(os.environ) == before


def test_what_a_check_prints_stays_off_stdout(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    path = toy(
        GOOD.replace(
            "return", "print('from Python'); __import__('os').system('echo from a child')\n    return"
        )
    )
    results_of(path)
    assert capfd.readouterr().out == ""


def test_effort_and_seed_reach_the_check(toy: Toy) -> None:
    path = toy(
        """
@paper.claim("a", method="simulation")
def a(context):
    return Evidence(Verdict.SUPPORTED, "simulation", f"{context.effort} {context.seed}")
"""
    )
    first = Context.of_run("standard", 7, print).seed
    assert results_of(path, effort="standard", seed=7)["a"].detail == f"standard {first}"


def test_evidence_that_was_changed_after_it_was_made_is_held_to_the_rules(toy: Toy) -> None:
    path = toy("""
class Lenient(Evidence):
    def __post_init__(self):
        pass

def altered(**changes):
    made = Evidence(Verdict.SUPPORTED, "search", "fine", {"x": 1.0})
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made

paper.checked("subclass", Check("search", lambda c: Lenient(Verdict.PROVED, "search", "forged")))
paper.checked("verdict", Check("search", lambda c: altered(verdict=Verdict.PROVED)))
paper.checked("number", Check("search", lambda c: altered(data={"x": float("nan")})))
""")
    verdicts = {name: one.verdict for name, one in results_of(path, jobs=1).items()}
    assert verdicts == {"subclass": Verdict.ERROR, "verdict": Verdict.ERROR, "number": Verdict.UNDECIDED}
