"""Measure the generated client beside bare httpx and fal-client, on an emulator in another process.

    pip install -e ".[bench,emulator]"
    python benchmarks/calls.py

Every round runs every case once, in turn, so that what else the machine does falls on all alike.
A first round that is not counted opens connections, and compiles bytecode into a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fal_client
import httpx

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "generated" / "python"
ENDPOINT = "fal-ai/pika/v2.2/image-to-video"
INPUT = {"image_url": "https://example.com/frame.png", "prompt": "smiling slowly"}

EMULATOR = """\
import json, pathlib, sys
from fal_codegen.emulator import Emulator
with Emulator([json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))]) as emulator:
    print(emulator.base_url, flush=True)
    sys.stdin.read()
"""
STOPWATCH = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"

CALLS = 20
"""Calls in a row, of which one case consists."""

JOBS = (1, 3, 10)
"""Seconds that jobs run whose end is waited for."""

STREAM, FIRST_POLL, POLL = "status stream", "polling, first job", "polling, like earlier jobs"
OFFICIAL = "fal-client"

EARLIER_JOBS = 6
"""Jobs of an endpoint after which a client that polls knows how long they take."""

BARE, SUBSCRIBE, SUBMIT = "httpx alone", "subscribe", "submit, then result"
TYPED = "httpx, with the same models"
LIBRARIES, PACKAGE = "httpx, pydantic and one model", "fal_endpoints, its client and one model"
_LIBRARIES = "import httpx, pydantic\nclass Model(pydantic.BaseModel): pass"
_ENDPOINT = "fal_ai.pika.v2_2.image_to_video"
IMPORTS = {
    "httpx, pydantic (most of it not yet)": "import httpx, pydantic",
    # pydantic loads itself when it is first used, so this is what its import takes.
    LIBRARIES: _LIBRARIES,
    # The package loads most of itself at first use too, so it is compared with the model as well.
    PACKAGE: f"{_LIBRARIES}\nfrom fal_endpoints import Fal\nFal('any')",
    "fal_endpoints, and an endpoint's request": (
        f"from fal_endpoints import Fal\nFal('any').{_ENDPOINT}(**{INPUT})"
    ),
}

# What is promised: a case takes at most so many times as long as another. The client validates its
# input and its output, so it is compared with code that does the same.
TARGETS = ((SUBSCRIBE, 1.1, TYPED), (SUBMIT, 1.1, TYPED), (PACKAGE, 1.05, LIBRARIES))


def main() -> int:
    """Measure, print the tables, and return 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(description="Measure the generated client beside others.")
    parser.add_argument("--rounds", type=int, default=25, help="how often each case is measured")
    parser.add_argument("--waits", type=int, default=3, help="how often each wait is measured")
    options = parser.parse_args()
    if min(options.rounds, options.waits) < 1:
        parser.error("--rounds and --waits must be at least 1")
    sys.path.insert(0, str(PACKAGES))
    describe(options.rounds, options.waits)
    with emulator() as base_url, tempfile.TemporaryDirectory(prefix="fal-codegen-bench-") as work:
        calls = measure(calls_of(base_url), options.rounds)
        show(f"an instant job, mean of {CALLS} in a row", calls, BARE)
        imports = measure(imports_of(Path(work)), options.rounds)
        show("import", imports, LIBRARIES)
        show_waits(base_url, options.waits)
    times = calls | imports
    missed = [target for target in TARGETS if not is_met(*target, times)]
    return 1 if missed else 0


@contextmanager
def emulator() -> Generator[str, None, None]:
    """Run an emulator in another process, and give its address."""
    command = [sys.executable, "-c", EMULATOR, str(ROOT / "specs" / f"{ENDPOINT}.json")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()  # it ends when its input does


def clients(
    base_url: str, http: httpx.Client | None = None
) -> tuple[Callable[..., Any], fal_client.SyncClient]:
    """Return our endpoint and fal-client, both pointed at the emulator."""
    from fal_endpoints import Fal

    fal_client.client.QUEUE_URL_FORMAT = f"{base_url}/queue/"
    endpoint = Fal("any", base_url=base_url, http_client=http).fal_ai.pika.v2_2.image_to_video
    return endpoint, fal_client.SyncClient(key="any")


def calls_of(base_url: str) -> dict[str, Callable[[], float]]:
    """Return what takes one job from its submission to its result, in the order of the table."""
    from fal_endpoints.fal_ai.pika.v2_2.image_to_video import Input, Output

    endpoint, official = clients(base_url)
    headers = {"X-Emulate": "queued=0, running=0"}
    http = httpx.Client(headers={"Authorization": "Key any", **headers})

    def bare(payload: object = INPUT) -> Any:
        job = http.post(f"{base_url}/queue/{ENDPOINT}", json=payload).raise_for_status().json()
        with http.stream("GET", f"{job['status_url']}/stream?logs=0") as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    json.loads(line.removeprefix("data:"))
        return http.get(job["response_url"]).raise_for_status().json()

    def typed() -> None:
        payload = Input.model_validate(INPUT).model_dump(by_alias=True, exclude_unset=True)
        Output.model_validate(bare(payload))

    return {
        BARE: timed(bare),
        TYPED: timed(typed),
        SUBSCRIBE: timed(lambda: endpoint(**INPUT).subscribe(headers=headers)),
        SUBMIT: timed(lambda: endpoint(**INPUT).submit(headers=headers).result()),
        "fal-client, subscribe": timed(
            lambda: official.subscribe(ENDPOINT, INPUT, headers=headers)
        ),
        "fal-client, submit, then get": timed(
            lambda: official.submit(ENDPOINT, INPUT, headers=headers).get()
        ),
    }


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """Return what makes a call several times, and returns the mean of the seconds they took."""

    def run() -> float:
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        return (time.perf_counter() - start) / CALLS

    return run


def imports_of(work: Path) -> dict[str, Callable[[], float]]:
    """Return what imports something in a fresh process, and returns the seconds that took."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    own = {"PYTHONPATH": str(PACKAGES), "PYTHONPYCACHEPREFIX": str(work)}

    def run(statements: str) -> float:
        command = [sys.executable, "-c", STOPWATCH.format(statements)]
        return float(subprocess.check_output(command, cwd=work, env=plain | own, text=True))

    return {name: lambda s=statements: run(s) for name, statements in IMPORTS.items()}  # type: ignore[misc]


def measure(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return what each case took in each round; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds + 1):
        for name, case in cases.items():
            took = case()
            times[name] += [took] if number else []
    return times


def show_waits(base_url: str, repetitions: int) -> None:
    """Print what it costs to wait for jobs, and how late their end is noticed.

    All wait at the same time, each in a thread of its own: they do next to nothing.
    """
    cases = [(name, job) for name in (STREAM, FIRST_POLL, POLL, OFFICIAL) for job in JOBS]
    with ThreadPoolExecutor(len(cases)) as threads:
        measure_one = partial(waits, base_url, repetitions)
        results = list(threads.map(measure_one, *zip(*cases, strict=True)))
    print(f"{'a job of so many seconds':<38}{'':>5}{'requests':>10}{'noticed after it':>20}")
    for (name, job), measured in zip(cases, results, strict=True):
        late, count = map(statistics.median, zip(*measured, strict=True))
        print(f"{name:<38}{job:>3} s{count:>10.0f}{late * 1000:>17.0f} ms")
    print()


def waits(base_url: str, repetitions: int, name: str, job: int) -> list[tuple[float, int]]:
    """Return how late the end of jobs was noticed, and in how many requests."""
    requests: list[object] = []
    measured = []
    subscribe = waiting(base_url, name, requests.append)
    for _ in range(EARLIER_JOBS if name == POLL else 0):
        subscribe(job)
    for _ in range(repetitions):
        if name == FIRST_POLL:
            subscribe = waiting(base_url, name, requests.append)
        requests.clear()
        start = time.perf_counter()
        subscribe(job)
        measured.append((time.perf_counter() - start - job, len(requests)))
    return measured


def waiting(base_url: str, name: str, count: Callable[[object], None]) -> Callable[[int], object]:
    """Return what waits for a job of so many seconds, on a client that counts its requests."""
    http = httpx.Client(event_hooks={"request": [count]})
    endpoint, official = clients(base_url, http)
    if name == OFFICIAL:
        official._client.event_hooks = {"request": [count]}
        return lambda job: official.subscribe(
            ENDPOINT, INPUT, headers={"X-Emulate": f"queued=0, running={job}"}
        )
    fault = "" if name == STREAM else ", refuse; on=events"
    return lambda job: endpoint(**INPUT).subscribe(
        headers={"X-Emulate": f"queued=0, running={job}{fault}"}
    )


def describe(rounds: int, waits: int) -> None:
    """Print what was run, and on what."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()} on {machine}")
    print(", ".join(f"{name} {version(name)}" for name in ("httpx", "pydantic", "fal-client")))
    print(f"{rounds} rounds, interleaved, after one to warm up; {waits} of waiting\n")


def show(title: str, times: Mapping[str, list[float]], reference: str) -> None:
    """Print a table."""
    medians = {name: statistics.median(took) for name, took in times.items()}
    print(f"{title:<38}{'median':>10}{'min – max':>18}{f'× {reference}':>34}")
    for name, took in times.items():
        spread = f"{min(took) * 1000:.1f} – {max(took) * 1000:.1f} ms"
        ratio = medians[name] / medians[reference]
        print(f"{name:<38}{medians[name] * 1000:>7.2f} ms{spread:>18}{ratio:>34.2f}")
    print()


def is_met(case: str, factor: float, reference: str, times: Mapping[str, list[float]]) -> bool:
    """Print whether a target is met."""
    ratio = statistics.median(times[case]) / statistics.median(times[reference])
    print(
        f"{case} ≤ {factor} × {reference}: {'met' if ratio <= factor else 'MISSED'} ({ratio:.2f})"
    )
    return ratio <= factor


if __name__ == "__main__":
    sys.exit(main())
