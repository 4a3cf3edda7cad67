"""The target `python` with `http = "httpx2"`: the client imports httpx2, and nothing httpx."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from conftest import Ran
from documents import document
from fal_codegen.emulator import Emulator
from guide.programs import run_python
from projects import BLENDER, DECLARATION, OUTPUT, Cli, edit, problem

CALL = """
import asyncio, sys
from fal_endpoints import Fal

endpoint = Fal().acme.blender
outputs = [endpoint(prompt="a").subscribe(), asyncio.run(endpoint(prompt="a").run_async())]
print(len(outputs), "httpx" in sys.modules, "httpx2" in sys.modules)
"""


@pytest.fixture
def project(pattern: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pattern, tmp_path / "project")


def with_http(project: Path, cli: Cli, http: str) -> Ran:
    package = 'package = "fal_endpoints"'
    edit(project / DECLARATION, package, f'{package}\nhttp = "{http}"')
    return cli("generate", "--project", project)


def imported(folder: Path) -> set[str]:
    names = set[str]()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module.partition(".")[0])
    return names


def test_the_client_imports_and_requires_httpx2(project: Path, cli: Cli) -> None:
    package = project / OUTPUT / "fal_endpoints"
    metadata = project / OUTPUT / "pyproject.toml"
    assert "httpx" in imported(package)
    assert with_http(project, cli, "httpx2").code == 0
    assert {"httpx", "httpx2"} & imported(package) == {"httpx2"}
    assert '"httpx2>=2.16,<3"' in metadata.read_text("utf-8")
    assert 'requires-python = ">=3.11"' in metadata.read_text("utf-8")
    assert cli("check", "--project", project).code == 0


def test_another_library_is_an_error(project: Path, cli: Cli) -> None:
    ran = with_http(project, cli, "requests")
    problem(ran, "targets.python.http must be httpx or httpx2")


@pytest.mark.integrations
def test_a_call_with_httpx2(project: Path, cli: Cli) -> None:
    pytest.importorskip("httpx2", reason="needs httpx2: pip install -e '.[integrations]'")
    with_http(project, cli, "httpx2")
    with Emulator([document(BLENDER)]) as emulator:
        client = project / OUTPUT
        printed = run_python("-c", CALL, folder=project, emulator=emulator, client=client)
        agents = {asked.headers["user-agent"].rpartition(" ")[2] for asked in emulator.journal}
    assert printed == "2 False True\n"
    assert all(agent.startswith("httpx2/") for agent in agents)
