"""Load an emulator with many clients at once: latency, errors and memory.

    pip install -e ".[emulator]"
    python benchmarks/load.py

The emulator runs in another process, with its default limits. Each client has one connection, and
runs one job after another: it submits, polls the status once a second, and takes the result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
ENDPOINT = "fal-ai/pika/v2.2/image-to-video"
BODY = b'{"image_url": "https://example.com/frame.png", "prompt": "smiling slowly"}'
RUNNING, POLL = 2.0, 1.0
"""Seconds that a job runs, and between two requests for its status."""

P99 = 0.5
"""Seconds within which 99 of 100 requests are to be answered."""

EMULATOR = """\
import json, pathlib, resource, sys
from fal_codegen.emulator import Emulator, Limits
def megabytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)
with Emulator([json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))]) as emulator:
    budget = (Limits.journal + Limits.results) / 1e6
    print(json.dumps([emulator.base_url, megabytes() + budget]), flush=True)
    sys.stdin.read()
    print(json.dumps(megabytes()), flush=True)
"""


@dataclass
class Load:
    """What the clients found.

    Attributes:
        times: The seconds that each request took, by its kind.
        errors: What was wrong with other requests.
        jobs: The jobs that were completed.
    """

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    jobs: int = 0


class Memory(NamedTuple):
    """The most memory of the emulator, in megabytes, and its budget."""

    peak: float
    budget: float


def main() -> int:
    """Measure, print the table, and return 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(description="Load an emulator with many clients at once.")
    parser.add_argument("--clients", type=int, default=500, help="clients at the same time")
    parser.add_argument("--seconds", type=float, default=60, help="how long they run")
    options = parser.parse_args()
    if options.clients < 1 or options.seconds <= 0:
        parser.error("--clients and --seconds must be positive")
    load = Load()
    with emulator() as (base_url, memory):
        start = time.perf_counter()
        asyncio.run(run_clients(base_url, options.clients, options.seconds, load))
        seconds = time.perf_counter() - start
    print(f"{options.clients} clients, Python {platform.python_version()}, {platform.platform()}\n")
    return 0 if show(load, seconds, memory[0]) else 1


@contextmanager
def emulator() -> Generator[tuple[str, list[Memory]], None, None]:
    """Run an emulator in another process; give its address, and at the end its memory."""
    command = [sys.executable, "-c", EMULATOR, str(ROOT / "specs" / f"{ENDPOINT}.json")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        base_url, budget = json.loads(process.stdout.readline())
        memory: list[Memory] = []
        yield base_url, memory
        peak = json.loads(process.communicate()[0])  # it ends when its input does
        memory.append(Memory(peak, budget))


async def run_clients(base_url: str, clients: int, seconds: float, load: Load) -> None:
    """Let clients run jobs for a time."""
    end = time.perf_counter() + seconds
    await asyncio.gather(*(run_client(base_url, end, load) for _ in range(clients)))


async def run_client(base_url: str, end: float, load: Load) -> None:
    """Run one job after another, on one connection."""
    await asyncio.sleep(random.uniform(0, RUNNING))  # clients do not start in step
    try:
        connection = await Connection.open(base_url, load)
        while time.perf_counter() < end:
            job = await connection.ask("submit", "POST", f"/queue/{ENDPOINT}", BODY)
            path = urlsplit(job["status_url"]).path
            while True:
                await asyncio.sleep(POLL)
                status = await connection.ask("status", "GET", path)
                if status["status"] == "COMPLETED":
                    break
            result = await connection.ask("result", "GET", path.removesuffix("/status"))
            if "video" not in result:
                raise ValueError(f"a result without a video: {result}")
            load.jobs += 1
        connection.close()
    except (OSError, ValueError, KeyError, EOFError) as error:
        load.errors.append(f"{type(error).__name__}: {error}")


class Connection:
    """A connection that sends one request at a time, with little more work than the bytes need."""

    def __init__(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, load: Load
    ) -> None:
        self._host, self._reader, self._writer, self._load = host, reader, writer, load

    @classmethod
    async def open(cls, base_url: str, load: Load) -> Connection:
        """Connect to the emulator."""
        host = urlsplit(base_url)
        streams = await asyncio.open_connection(host.hostname, host.port)
        return cls(host.netloc, *streams, load)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def ask(self, kind: str, method: str, path: str, body: bytes = b"") -> Any:
        """Return the answer of a request. Raises ValueError if it is not a success."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Key any\r\n"
            f"X-Emulate: running={RUNNING}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        start = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
        content = await self._reader.readexactly(size)
        self._load.times[kind].append(time.perf_counter() - start)
        if answer.split(" ", 2)[1][0] != "2":
            raise ValueError(f"{method} {path}: {answer.splitlines()[0]}: {content[:200]!r}")
        return json.loads(content)


def show(load: Load, seconds: float, memory: Memory) -> bool:
    """Print what was measured; return whether every target is met."""
    everything = [time for times in load.times.values() for time in times]
    print(f"{'':<10}{'requests':>10}{'median':>12}{'p99':>12}{'longest':>12}")
    for kind, times in [*load.times.items(), ("all", everything)]:
        print(
            f"{kind:<10}{len(times):>10}{1e3 * statistics.median(times):>9.1f} ms"
            f"{1e3 * p99_of(times):>9.1f} ms{1e3 * max(times):>9.1f} ms"
        )
    rate = len(everything) / seconds
    print(f"\n{load.jobs} jobs in {seconds:.0f} s, {rate:.0f} requests a second")
    for error in load.errors[:5]:
        print(f"error: {error}")
    targets = {
        f"errors: {len(load.errors)}, target 0": not load.errors,
        f"p99: {1e3 * p99_of(everything):.0f} ms, target below {1e3 * P99:.0f} ms": (
            p99_of(everything) < P99
        ),
        f"memory: {memory.peak:.0f} MB, target at most {memory.budget:.0f} MB": (
            memory.peak <= memory.budget
        ),
    }
    for target, is_met in targets.items():
        print(f"{'met' if is_met else 'MISSED':<8}{target}")
    return all(targets.values())


def p99_of(times: list[float]) -> float:
    """Return the time that 99 of 100 requests do not exceed."""
    return sorted(times)[(99 * len(times) - 1) // 100]


if __name__ == "__main__":
    sys.exit(main())
