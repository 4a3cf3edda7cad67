"""A deprecated endpoint warns its callers; the golden case `deprecated` has what editors see."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from fal_codegen.emulator import Emulator

from .answers import ALL, Cli, declare

PROGRAM = """\
from fal_endpoints import Fal

client = Fal("key")
for _ in range(3):
    client.acme.old(prompt="a")  # warns
client.acme.old.bind(prompt="a")  # warns
client.endpoint("acme/old")(prompt="a")  # warns
client.acme.old.map([{"prompt": "a"}, {"prompt": "b"}])  # warns
client.acme.old.map_async([])  # warns
client.map([client.acme.paint(prompt="a")])
client.acme.old.handle("1")
"""


def test_it_warns_once_at_each_line_that_calls_it(
    project: Path, fal: Emulator, cli: Cli, tmp_path: Path
) -> None:
    assert cli("fetch", "--project", declare(project, fal, *ALL)).code == 0
    assert cli("generate", "--project", project).code == 0
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "default::DeprecationWarning", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project / "generated/python")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = enumerate(PROGRAM.splitlines(), 1)
    expected = [number for number, line in lines if line.endswith("# warns")]
    warned = re.findall(r"program\.py:(\d+): DeprecationWarning: (.+)", ran.stderr)
    message = "fal has deprecated acme/old, and may remove it"
    assert warned == [(str(number), message) for number in expected]
    assert ran.stderr.count("Warning: ") == len(expected)
