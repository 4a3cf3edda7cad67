"""Measure fal-codegen as it is run, whole processes, beside the generators it may be compared with.

    pip install -e ".[bench]"
    python benchmarks/generation.py

Every round runs every case once, in turn, so that what else the machine does falls on all alike.
A first round that is not counted compiles all bytecode. Everything happens in a temporary folder,
the bytecode included.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from processes import cache, clear, run

ROOT = Path(__file__).resolve().parent.parent
ENDPOINT = "fal-ai/pika/v2.2/image-to-video"
DECLARATION = f"""\
[targets.python]
package = "fal_endpoints"
output = "generated/python"

[endpoints."{ENDPOINT}"]
"""

MODEL_OPTIONS = "--input-file-type openapi --output-model-type pydantic_v2.BaseModel".split()
BARE = "python -c pass"
COLD = "fal-codegen generate, first time"
SEEN = "fal-codegen generate, schemas seen"
UNCHANGED = "fal-codegen generate, nothing changed"
PEER = "openapi-python-client"


@dataclass(frozen=True)
class Case:
    """A command to measure, what has to be installed for it, and what brings about its start."""

    name: str
    distribution: str
    command: Sequence[str | Path]
    prepare: Callable[[], None]


# What is promised: a case takes at most so many times as long as another.
TARGETS = ((COLD, 0.75, PEER), (SEEN, 0.4, PEER), (UNCHANGED, 4.0, BARE))


def main() -> int:
    """Measure, print the table, and return 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(description="Measure fal-codegen beside other generators.")
    parser.add_argument("--rounds", type=int, default=15, help="how often each case is measured")
    rounds: int = parser.parse_args().rounds
    if rounds < 1:
        parser.error("--rounds must be at least 1")
    with tempfile.TemporaryDirectory(prefix="fal-codegen-bench-") as name:
        work = Path(name)
        every = cases(work)
        missing = [case for case in every if installed(case.distribution) is None]
        times = measure([case for case in every if case not in missing], rounds, work)
    describe(every, rounds)
    show(times)
    for case in missing:
        print(f"{case.name}: NOT MEASURED, {case.distribution} is not installed")
    missed = [target for target in TARGETS if not is_met(*target, times)]
    return 1 if missed else 0


def cases(work: Path) -> list[Case]:
    """Return what is measured, in the order of the table."""
    document = ROOT / "specs" / f"{ENDPOINT}.json"
    cold, seen, warm, clone = (work / name for name in ("cold", "seen", "warm", "clone"))
    models, client = work / "models.py", work / "client"

    def forget() -> None:
        clear(cache(work), work)

    def remembered() -> None:
        clear(warm, work)
        generated(warm)

    def fresh() -> None:
        clear(cold, work)
        new_project(cold, document)
        forget()

    def another() -> None:
        forget()  # of the project that had this path in the last round
        clear(warm, work)
        generated(warm)
        clear(seen, work)
        new_project(seen, document)

    def generated(project: Path) -> None:
        if not project.exists():
            new_project(project, document)
            run(["fal-codegen", "generate", "--project", project], work)

    def cloned() -> None:
        generated(clone)
        forget()

    def ours(name: str, command: str, project: Path, prepare: Callable[[], None]) -> Case:
        return Case(name, "fal-codegen", ["fal-codegen", command, "--project", project], prepare)

    peer: list[str | Path] = ["generate", "--path", document, "--output-path", client]
    models_only: list[str | Path] = ["--input", document, "--output", models]
    return [
        Case(BARE, "fal-codegen", [sys.executable, "-c", "pass"], lambda: None),
        ours(UNCHANGED, "generate", warm, remembered),
        ours("fal-codegen check, again", "check", warm, remembered),
        ours("fal-codegen check, in a fresh clone", "check", clone, cloned),
        ours(COLD, "generate", cold, fresh),
        ours(SEEN, "generate", seen, another),
        Case(
            "datamodel-codegen (models only)",
            "datamodel-code-generator",
            ["datamodel-codegen", *models_only, *MODEL_OPTIONS],
            lambda: clear(models, work),
        ),
        Case(PEER, PEER, [PEER, *peer], lambda: clear(client, work)),
    ]


def new_project(project: Path, document: Path) -> None:
    """Make a project as it is when it is cloned, nothing generated, with the one endpoint."""
    vendored = project / "specs" / f"{ENDPOINT}.json"
    vendored.parent.mkdir(parents=True)
    shutil.copy(document, vendored)
    (project / "specs" / "endpoints.toml").write_text(DECLARATION, encoding="utf-8")
    shutil.copytree(ROOT / "templates", project / "templates")


def measure(every: Sequence[Case], rounds: int, work: Path) -> dict[str, list[float]]:
    """Return the seconds that each run of each case took; the first round is not counted."""
    times: dict[str, list[float]] = {case.name: [] for case in every}
    for number in range(rounds + 1):
        for case in every:
            case.prepare()
            took = run(case.command, work).seconds
            times[case.name] += [took] if number else []
    return times


def installed(distribution: str) -> str | None:
    """Return the version of an installed distribution."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def describe(every: Sequence[Case], rounds: int) -> None:
    """Print what was run, and on what."""
    found = {case.distribution: installed(case.distribution) or "missing" for case in every}
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()} on {machine}")
    print(", ".join(f"{name} {number}" for name, number in found.items()))
    print(f"document of {ENDPOINT}; {rounds} rounds, interleaved, after one to warm up\n")


def show(times: dict[str, list[float]]) -> None:
    """Print the table."""
    medians = {name: statistics.median(took) for name, took in times.items()}
    print(f"{'':<38}{'median':>10}{'min – max':>18}{'× python':>10}{f'× {PEER}':>25}")
    for name, took in times.items():
        spread = f"{min(took) * 1000:.0f} – {max(took) * 1000:.0f} ms"
        beside_peer = f"{medians[name] / medians[PEER]:.2f}" if PEER in medians else "–"
        print(
            f"{name:<38}{medians[name] * 1000:>7.1f} ms{spread:>18}"
            f"{medians[name] / medians[BARE]:>10.1f}{beside_peer:>25}"
        )
    print()


def is_met(case: str, factor: float, reference: str, times: dict[str, list[float]]) -> bool:
    """Print whether a target is met."""
    said = f"{case} ≤ {factor} × {reference}"
    if case not in times or reference not in times:
        print(f"{said}: not measured")
        return False
    ratio = statistics.median(times[case]) / statistics.median(times[reference])
    print(f"{said}: {'met' if ratio <= factor else 'MISSED'} ({ratio:.2f})")
    return ratio <= factor


if __name__ == "__main__":
    sys.exit(main())
