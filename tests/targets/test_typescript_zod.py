"""The target `typescript`: what its zod schemas take and refuse when a program runs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj, write

from .npm import App
from .typescript_packages import GOLDENS, TARGET, start

LEAF = {"name": "a"}
INPUTS: list[tuple[str, dict[str, Any], bool]] = [
    ("bounds", {"steps": 1}, True),
    ("bounds", {"steps": 50, "scale": 0.5, "seed": None, "ratios": [0.1]}, True),
    ("bounds", {}, False),
    ("bounds", {"steps": 0}, False),
    ("bounds", {"steps": 51}, False),
    ("bounds", {"steps": 1.5}, False),
    ("bounds", {"steps": "1"}, False),
    ("bounds", {"steps": True}, False),
    ("bounds", {"steps": None}, False),
    ("bounds", {"steps": 1, "unknown": 1}, False),
    ("bounds", {"steps": 1, "scale": 0}, False),
    ("bounds", {"steps": 1, "scale": 20}, True),
    ("bounds", {"steps": 1, "scale": None}, False),
    ("bounds", {"steps": 1, "seed": -1}, False),
    ("bounds", {"steps": 1, "half": 1.5}, True),
    ("bounds", {"steps": 1, "half": 1.2}, False),
    ("bounds", {"steps": 1, "above": 0}, False),
    ("bounds", {"steps": 1, "above": 1}, False),
    ("bounds", {"steps": 1, "ratios": []}, False),
    ("bounds", {"steps": 1, "ratios": [2.0]}, False),
    ("bounds", {"steps": 1, "ratios": [0, 0, 0, 0]}, False),
    ("bounds", {"steps": 1, "tags": ["a", "b"]}, True),
    ("bounds", {"steps": 1, "tags": ["a", "b", "a"]}, False),
    ("bounds", {"steps": 1, "by_name": {"a": 1}}, True),
    ("bounds", {"steps": 1, "by_name": {"a": -1}}, False),
    ("bounds", {"steps": 1, "name": "😀😀😀😀😀"}, True),
    ("bounds", {"steps": 1, "name": "toolong"}, False),
    ("bounds", {"steps": 1, "name": ""}, False),
    ("bounds", {"steps": 1, "code": "abc"}, True),
    ("bounds", {"steps": 1, "code": "xyz"}, False),
    ("composition", {"style": "oil", "size": "square"}, True),
    ("composition", {"style": "oil", "size": {"width": 1, "height": 2}}, True),
    ("composition", {"style": "oil", "size": {"width": 5000, "height": 2}}, False),
    ("composition", {"style": "oil", "size": {"width": 1}}, False),
    ("composition", {"style": "oil", "size": "tall"}, False),
    ("composition", {"style": "chalk"}, False),
    ("composition", {"style": "ink", "pair": [1, 2], "extras": {"a": [None]}}, True),
    ("composition", {"style": "ink", "pair": [1]}, False),
    ("composition", {"style": "ink", "merged": {"width": 1, "height": 2, "depth": 3}}, True),
    ("composition", {"style": "ink", "merged": {"width": 1, "height": 2}}, False),
    ("composition", {"style": "ink", "mixed": 1}, True),
    ("composition", {"style": "ink", "mixed": 1.5}, False),
    ("enums", {"seconds": 5, "mode": "", "level": "auto", "only": "always", "flag": True}, True),
    ("enums", {"seconds": 7}, False),
    ("enums", {"seconds": "5"}, False),
    ("enums", {"seconds": 5, "level": 3}, False),
    ("enums", {"seconds": 5, "flag": False}, False),
    ("enums", {"seconds": 5, "many": ["a", "b"]}, True),
    ("enums", {"seconds": 5, "many": ["a", "c"]}, False),
    ("nullable", {"never": 1, "by_any_of": None, "by_flag": None, "by_enum": None}, True),
    ("nullable", {"never": 1, "by_ref": {"size": 1}, "items": ["a", None]}, True),
    ("nullable", {"never": 1, "by_enum": "none"}, False),
    ("nullable", {"never": 1, "left_out": None}, False),
    ("nullable", {"never": None}, False),
    ("objects", {"tree": LEAF}, True),
    ("objects", {"tree": {"name": "a", "children": [LEAF], "parent": {"leaf": LEAF}}}, True),
    ("objects", {"tree": {"name": "a", "children": [{"nam": "b"}]}}, False),
    ("objects", {"tree": {"name": "a", "parent": {"leaf": {"name": 1}}}}, False),
    ("objects", {"tree": LEAF, "anything": None, "any_list": [1, "a"], "free": {"a": 1}}, True),
    ("objects", {"tree": LEAF, "texts": {"a": 1}}, False),
    ("objects", {"tree": LEAF, "loose": {"known": "a", "other": 1}}, True),
    ("objects", {"tree": LEAF, "loose": {"known": 1}}, False),
    ("objects", {"tree": LEAF, "point": {"x": 1, "y": 2, "z": 3}}, False),
    ("files", {"image_url": "https://example.com/a.png", "optional_url": None}, True),
    ("files", {"image_url": 1}, False),
    ("files", {"image_url": "https://example.com/a.png", "frame_urls": []}, False),
    ("files", {"image_url": "a", "clip": {"video_url": "b", "start": 1}}, True),
    ("files", {"image_url": "a", "clip": {"start": 1}}, False),
]


@pytest.mark.node
def test_zod_takes_and_refuses_what_the_python_models_do(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = '[targets.python]\npackage = "beside_typescript"\noutput = "python"\n'
    sources = [GOLDENS / case for case in dict.fromkeys(case for case, _, _ in INPUTS)]
    project = start(tmp_path / "project", TARGET + python, *sources)
    monkeypatch.syspath_prepend(str(project / "python"))
    package = importlib.import_module("beside_typescript")
    app.install(project / "package")
    answers = app.accepts(
        [(f"fal-endpoints/zod/acme/{case}", "Input", value) for case, value, _ in INPUTS]
    )
    acme = package.Fal(key="test").acme
    for (case, value, is_right), answer in zip(INPUTS, answers, strict=True):
        try:
            getattr(acme, case).bind(**value)
            taken = True
        except package.ValidationError:
            taken = False
        assert (taken, answer) == (is_right, is_right), (case, value)


DISTINCT = [
    ([], True),
    ([1, True, 0, False, None, "1", "true", ""], True),
    ([1, 2, 1.0], False),
    ([None, None], False),
    ([[1], [True], ["1"], [1, 1], {}], True),
    ([[1, 2], [1.0, 2]], False),
    ([{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "c": 2}, {"0": 1}, [1]], True),
    ([{"a": 1, "b": [{}]}, {"b": [{}], "a": 1}], False),
    ([{"__proto__": 1}, {"constructor": 1}, {"__proto__": 2}], True),
]


@pytest.mark.node
def test_items_are_compared_as_json_compares_them(app: App, tmp_path: Path) -> None:
    """1 equals 1.0 and is not true, and the order of keys does not count."""
    listed = {"type": "array", "items": {}, "uniqueItems": True}
    inner = {"inner": {"type": "array", "items": listed}, "plain": {"type": "array", "items": {}}}
    content = document(input=obj(inner, required=[]), output=obj({"open": listed}))
    app.install(
        start(tmp_path / "project", TARGET, write(tmp_path / "documents", content)) / "package"
    )
    module = "fal-endpoints/zod/acme/blender"
    taken = [(module, "Input", {"inner": [items, [1]], "plain": items}) for items, _ in DISTINCT]
    got = [(module, "Output", {"open": items}) for items, _ in DISTINCT]
    assert app.accepts(taken + got) == [is_right for _, is_right in DISTINCT] + [True] * len(got)


OUTPUTS: list[tuple[str, object, bool]] = [
    ("enums/zod/acme/enums", {"state": "melted", "code": 7, "new": 1}, True),
    ("enums/zod/acme/enums", {"state": 1, "code": 7}, False),
    ("enums/zod/acme/enums", {"code": 7}, False),
    ("union_output/zod/acme/union", {"url": "a", "new": 1}, True),
    ("union_output/zod/acme/union", {"reason": 1}, False),
]


@pytest.mark.node
def test_zod_schemas_of_results_are_open(app: App, packages: Path) -> None:
    """A server that adds a field or a value must not lose a caller what was paid for."""
    for case in ("enums", "union_output"):
        app.install(packages / case, case)
    answers = app.accepts([(module, "Output", value) for module, value, _ in OUTPUTS])
    assert answers == [expected for _, _, expected in OUTPUTS]


PATTERNS = {
    r"^\w+$": True, r"^[a-c]+$": True, r"(a|b)?c{2,3}": True, r"\d{4}-\d\d": True,
    r"[\w.\-]+@x": True, r"^https?://[^\s/]+/?": True, r"(?:ab)*?$": True,
    r"\x41\u0042": True, r"[a-zé😀]": True, r"(?i)abc": False, r"\Aabc\z": False,
    r"(?P<n>a)": False, r"[[:alpha:]]": False, r"a{2}{3}": False, r"^*a": False,
    r"\p{Greek}": False, r"a**": False, r"[]a]": False, r"\-a": False,
}  # fmt: skip


@pytest.mark.node
def test_patterns_that_javascript_does_not_read_are_left_out(app: App, tmp_path: Path) -> None:
    properties = {
        f"p{number}": {"type": "string", "pattern": pattern}
        for number, pattern in enumerate(PATTERNS)
    }
    content = document(input=obj(properties, required=[]))
    project = start(tmp_path / "project", TARGET, write(tmp_path / "documents", content))
    package = app.install(project / "package")
    text = (package / "endpoints/acme/blender/zod.js").read_text("utf-8")
    kept = [
        f"p{number}: z.string().regex(runtime.pattern(" in text for number in range(len(PATTERNS))
    ]
    assert kept == list(PATTERNS.values())
    matching = {
        "p0": "a_1",
        "p2": "bcc",
        "p3": "2026-01",
        "p4": "a.b-c@x",
        "p5": "http://x",
        "p7": "AB",
    }
    values = [matching, *({name: "\n"} for name in ("p0", "p2", "p3", "p4", "p5", "p7"))]
    answers = app.accepts([("fal-endpoints/zod/acme/blender", "Input", value) for value in values])
    assert answers == [True, *(False for _ in values[1:])]
