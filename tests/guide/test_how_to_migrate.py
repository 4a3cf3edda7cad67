"""The how-to pages on migrating have a row for all that the official clients offer."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import fal_endpoints
import pytest
from targets.npm import App, node

from .examples import ROOT

pytestmark = pytest.mark.guide

fal_client = pytest.importorskip("fal_client", reason="needs `pip install fal-client==1.0.3`")

PAGE = (ROOT / "docs/how-to/migrate-from-fal-client.md").read_text("utf-8")
PUBLIC = {
    name: value
    for name, value in vars(fal_client).items()
    if name in fal_client.__all__ or not (name.startswith("_") or isinstance(value, ModuleType))
}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isroutine(value)}
CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}


def rows(columns: int, page: str = PAGE) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables with so many columns."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            yield cells


def code(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


def members(name: str, kind: type) -> Iterator[str]:
    """Yield the public members of a class, except methods that are functions of the module too."""
    own = [base for base in kind.__mro__ if base.__module__.startswith("fal_client")]
    found = {member for base in own for member in vars(base)}
    if is_dataclass(kind):
        found |= {field.name for field in fields(kind)}
    if kind in (fal_client.SyncClient, fal_client.AsyncClient):
        found -= FUNCTIONS.keys()
    yield from (f"{name}.{member}" for member in found if not member.startswith("_"))


def variables() -> set[str]:
    """Return the environment variables that fal-client reads."""
    folder = Path(inspect.getfile(fal_client)).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.py")]
    pattern = r'(?:getenv|environ\.get)\(\s*"(\w+)"'
    return {name for text in texts for name in re.findall(pattern, text)}


def test_every_name_of_fal_client_has_a_row() -> None:
    named = [name for first, _ in rows(2) for name in code(first)]
    assert len(named) == len(set(named))
    public = {*PUBLIC, *variables()}
    for name, kind in CLASSES.items():
        public |= set(members(name, kind))
    assert sorted(named) == sorted(public)


def parameters(function: object) -> set[str]:
    assert callable(function)
    return inspect.signature(function).parameters.keys() - {"self"}


def test_every_option_of_fal_client_has_a_row() -> None:
    listed = [
        (function, option)
        for first, of, _ in rows(3)
        for option in code(first)
        for function in code(of)
    ]
    assert len(listed) == len(set(listed))
    handle = fal_client.SyncRequestHandle
    calls = {name: value for name, value in FUNCTIONS.items() if not name.endswith("_async")}
    calls |= {
        f"SyncRequestHandle.{name}": vars(handle)[name]
        for name in ("status", "iter_events", "get", "cancel")
    }
    assert sorted(listed) == sorted(
        (name, option) for name, call in calls.items() for option in parameters(call)
    )


def test_asynchronous_calls_have_the_same_options() -> None:
    for name, call in FUNCTIONS.items():
        if name.endswith("_async"):
            assert parameters(call) == parameters(FUNCTIONS[name.removesuffix("_async")])
    for name in ("status", "iter_events", "get", "cancel"):
        blocking, asynchronous = fal_client.SyncRequestHandle, fal_client.AsyncRequestHandle
        assert parameters(getattr(asynchronous, name)) == parameters(getattr(blocking, name))


OURS = {
    "client": fal_endpoints.Fal,
    "endpoint": fal_endpoints.Endpoint,
    "endpoint(…)": fal_endpoints.Request,
    "endpoint.handle(request_id)": fal_endpoints.Handle,
    "handle": fal_endpoints.Handle,
}
"""The types of what the page writes."""

OPTIONS = {
    "run": fal_endpoints.RunOptions,
    "submit": fal_endpoints.SubmitOptions,
    "subscribe": fal_endpoints.SubscribeOptions,
    "stream": fal_endpoints.JobOptions,
}


def test_what_replaces_them_exists() -> None:
    replacements = [name for *_, ours in [*rows(2), *rows(3)] for name in code(ours)]
    methods = [
        (OURS[owner], name)
        for replacement in replacements
        for owner, name in re.findall(r"^(.+)\.(\w+)\(", replacement)
        if owner in OURS
    ]
    assert len(methods) > 20
    assert [name for owner, name in methods if not hasattr(owner, name)] == []
    classes = [name for name in replacements if re.fullmatch(r"[A-Z][a-z]\w+|API\w+", name)]
    assert len(classes) > 10
    assert [name for name in classes if not hasattr(fal_endpoints, name)] == []


def test_options_with_the_same_name_exist() -> None:
    same = [
        (call, option)
        for first, of, ours in rows(3)
        for option in code(first)
        for call in code(of)
        if call in OPTIONS and ours.startswith(f"`{option}`")
    ]
    assert len(same) > 15
    assert [found for found in same if found[1] not in OPTIONS[found[0]].__annotations__] == []


OBJECTS = """
const client = require("@fal-ai/client");
const { fal, ...functions } = client;
const names = Object.entries(fal).flatMap(([name, value]) => typeof value === "function"
  ? `fal.${name}`
  : Object.keys(value).map((call) => `fal.${name}.${call}`));
console.log(JSON.stringify([...Object.keys(functions), ...names]));
"""


@pytest.mark.node
def test_every_call_of_the_javascript_client_has_a_row(tmp_path: Path) -> None:
    App.start(tmp_path)
    public = json.loads(node("-e", OBJECTS, folder=tmp_path))
    page = (ROOT / "docs/how-to/migrate-from-fal-ai-client.md").read_text("utf-8")
    assert sorted(name for first, _ in rows(2, page) for name in code(first)) == sorted(public)
