"""Measure the emulator under load: many clients of the generated package, in another process.

    pip install -e ".[bench,emulator]"
    python benchmarks/emulator.py

Each client runs one job after another. A job waits in the queue, runs, and writes logs. What the
clients themselves take is part of each figure, because they share the machine with the emulator.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import ssl
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "generated" / "python"
ENDPOINT = "fal-ai/pika/v2.2/image-to-video"
INPUT = {"image_url": "https://example.com/frame.png", "prompt": "smiling slowly"}

QUEUED, RUNNING = 0.5, 3.5
"""Seconds of each job."""

EMULATOR = """\
import json, pathlib, resource, sys
from fal_codegen.emulator import Emulator
with Emulator([json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))]) as emulator:
    print(emulator.base_url, flush=True)
    sys.stdin.read()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"kilobytes": used.ru_maxrss, "seconds": used.ru_utime + used.ru_stime}))
"""

MOST_SECONDS, MOST_MEGABYTES = 0.5, 256
"""What is promised: of 100 requests 99 are answered in that time, within that memory. An emulator
keeps at most 192 MB of requests and results; Python and its modules take the rest."""


@dataclass
class Load:
    """What clients met."""

    requests: list[float] = field(default_factory=list)
    """Seconds from each request to the headers of its response."""
    late: list[float] = field(default_factory=list)
    """Seconds from the end of each job until its client had the result."""
    errors: Counter[str] = field(default_factory=Counter[str])


def main() -> int:
    """Measure, print the table, and return 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(description="Measure the emulator under load.")
    parser.add_argument("--clients", type=int, default=500, help="clients at the same time")
    parser.add_argument("--seconds", type=float, default=60, help="how long they start jobs")
    options = parser.parse_args()
    if options.clients < 1 or options.seconds <= 0:
        parser.error("--clients and --seconds must be positive")
    sys.path.insert(0, str(PACKAGES))
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()} on {machine}")
    print(f"{options.clients} clients for {options.seconds:g} s; jobs of {QUEUED + RUNNING:g} s\n")
    with emulator() as (base_url, report):
        start = time.perf_counter()
        load = asyncio.run(run(base_url, options.clients, options.seconds))
        took = time.perf_counter() - start
    return show(load, took, report)


@contextmanager
def emulator() -> Generator[tuple[str, dict[str, float]], None, None]:
    """Run an emulator in another process; give its address, and later what the process took."""
    command = [sys.executable, "-c", EMULATOR, str(ROOT / "specs" / f"{ENDPOINT}.json")]
    pipe = subprocess.PIPE
    report: dict[str, float] = {}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), report
        report |= json.loads(process.communicate()[0])  # it ends when its input does


async def run(base_url: str, clients: int, seconds: float) -> Load:
    """Let clients run jobs, each with connections of its own."""
    load, end, tls = Load(), time.monotonic() + seconds, ssl.create_default_context()
    await asyncio.gather(
        *(one_client(base_url, load, end, number / clients, tls) for number in range(clients))
    )
    return load


async def one_client(
    base_url: str, load: Load, end: float, share: float, tls: ssl.SSLContext
) -> None:
    """Run one job after another, until `end`. The clients start one by one, during the first job.

    They share what they need for encrypted connections, because reading the certificates for each
    would take longer than their jobs.
    """
    from fal_endpoints import Fal, FalError

    async def sent(request: httpx.Request) -> None:
        request.extensions["started"] = time.perf_counter()

    async def answered(response: httpx.Response) -> None:
        load.requests.append(time.perf_counter() - response.request.extensions["started"])

    hooks: dict[str, list[Any]] = {"request": [sent], "response": [answered]}
    await asyncio.sleep(share * (QUEUED + RUNNING))
    async with httpx.AsyncClient(event_hooks=hooks, verify=tls) as http:
        client = Fal("any", base_url=base_url, async_http_client=http)
        request = client.fal_ai.pika.v2_2.image_to_video.bind(**INPUT)
        headers = {"X-Emulate": f"queued={QUEUED}, running={RUNNING}"}
        while time.monotonic() < end:
            start = time.perf_counter()
            try:
                await request.subscribe_async(headers=headers, with_logs=True)
            except FalError as error:
                load.errors[type(error).__name__] += 1
            else:
                load.late.append(time.perf_counter() - start - QUEUED - RUNNING)


def show(load: Load, took: float, report: dict[str, float]) -> int:
    """Print what clients met, and whether the targets are met."""
    print(f"{'':<42}{'count':>8}{'median':>10}{'99 of 100':>12}{'longest':>10}")
    row("a request, to the headers of its response", load.requests)
    row("a result, after the end of its job", load.late)
    megabytes = report["kilobytes"] / 1024
    print(f"\n{len(load.requests) / took:.0f} requests a second in {took:.0f} s")
    print(f"the emulator: {report['seconds'] / took:.0%} of a core, {megabytes:.0f} MB\n")
    failed = sum(load.errors.values())
    names = ", ".join(f"{count} {name}" for name, count in load.errors.most_common())
    targets = {
        f"errors: {names or 0}": failed == 0,
        f"99 of 100 requests ≤ {MOST_SECONDS} s": percentile(load.requests) <= MOST_SECONDS,
        f"memory ≤ {MOST_MEGABYTES} MB": megabytes <= MOST_MEGABYTES,
    }
    for target, is_met in targets.items():
        print(f"{target}: {'met' if is_met else 'MISSED'}")
    return 0 if all(targets.values()) else 1


def row(title: str, seconds: Sequence[float]) -> None:
    """Print a line of the table."""
    figures = (statistics.median(seconds), percentile(seconds), max(seconds))
    shown = [f"{figure * 1000:.0f} ms" for figure in figures]
    print(f"{title:<42}{len(seconds):>8}{shown[0]:>10}{shown[1]:>12}{shown[2]:>10}")


def percentile(seconds: Sequence[float]) -> float:
    """Return what 99 of 100 do not exceed."""
    return sorted(seconds)[int(len(seconds) * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
