"""The target `typescript`: what its zod schemas take and refuse when a program runs."""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from documents import document, obj, write
from golden_cases import GOLDENS
from projects import Cli

from .npm import App
from .typescript_packages import TARGET, start

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
    ("files", {"image_url": ""}, False),
    ("files", {"image_url": "frame.png"}, False),
    ("files", {"image_url": "HTTPS://example.com/a.png"}, True),
    ("files", {"image_url": "data:,a", "optional_url": f"data:,{'a' * 2077}"}, True),
    ("files", {"image_url": "data:,a", "optional_url": f"data:,{'a' * 2078}"}, False),
    ("files", {"image_url": "https://example.com/a.png", "frame_urls": []}, False),
    ("files", {"image_url": "data:,a", "clip": {"video_url": "data:,b", "start": 1}}, True),
    ("files", {"image_url": "data:,a", "clip": {"start": 1}}, False),
]


@pytest.mark.node
def test_zod_takes_and_refuses_what_the_python_models_do(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = '[targets.python]\npackage = "beside_typescript"\noutput = "python"\n'
    sources = [
        GOLDENS / case / "documents" for case in dict.fromkeys(case for case, _, _ in INPUTS)
    ]
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


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


DISTINCT: list[tuple[list[Any], bool]] = [
    ([], True),
    ([1, True, 0, False, None, "1", "true", ""], True),
    ([1, 2, 1.0], False),
    ([None, None], False),
    ([[1], [True], ["1"], [1, 1], {}], True),
    ([[1, 2], [1.0, 2]], False),
    ([{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "c": 2}, {"0": 1}, [1]], True),
    ([{"a": 1, "b": [{}]}, {"b": [{}], "a": 1}], False),
    ([{"__proto__": 1}, {"constructor": 1}, {"__proto__": 2}], True),
    ([0, False, "", None, [], {}, [[]], [{}], {"": 0}], True),
    ([0.0, -0.0], False),
    (["[1]", [1], "1", 1, '{"a":1}', {"a": 1}], True),
    ([*range(50_000), *map(str, range(50_000))], True),
    ([*range(50_000), 49_999.0], False),
    ([nested(90)], True),
    ([nested(200)], False),
]


@pytest.mark.node
def test_items_are_compared_as_json_compares_them(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 equals 1.0 and is not true, and the order of keys does not count; in Python as well."""
    listed = {"type": "array", "items": {}, "uniqueItems": True}
    inner = {"inner": {"type": "array", "items": listed}, "plain": {"type": "array", "items": {}}}
    content = document(input=obj(inner, required=[]), output=obj({"open": listed}))
    python = '[targets.python]\npackage = "distinct"\noutput = "python"\n'
    project = start(tmp_path / "project", TARGET + python, write(tmp_path / "documents", content))
    app.install(project / "package")
    monkeypatch.syspath_prepend(str(project / "python"))
    package = importlib.import_module("distinct")
    for items, is_right in DISTINCT:
        with nullcontext() if is_right else pytest.raises(package.ValidationError):
            package.Fal(key="test").acme.blender(inner=[items])
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
def test_zod_schemas_of_results_are_open(app: App, goldens: Path) -> None:
    """A server that adds a field or a value must not lose a caller what was paid for."""
    for case in ("enums", "union_output"):
        app.install(goldens / case / "typescript", case)
    answers = app.accepts([(module, "Output", value) for module, value, _ in OUTPUTS])
    assert answers == [expected for _, _, expected in OUTPUTS]


PATTERNS = {
    r"^\w+$": True, r"^[a-c]+$": True, r"(a|b)?c{2,3}": True, r"\d{4}-\d\d": True,
    r"[\w.\-]+@x": True, r"^https?://[^\s/]+/?": True, r"(?:ab)*?$": True,
    r"\x41\u0042": True, r"[a-zé😀]": True, r"(?i)abc": False, r"\Aabc\z": False,
    r"(?P<n>a)": True, r"[[:alpha:]]": False, r"a{2}{3}": False, r"^*a": False,
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
        "p11": "a",
    }
    values = [matching, *({name: "\n"} for name in matching)]
    answers = app.accepts([("fal-endpoints/zod/acme/blender", "Input", value) for value in values])
    assert answers == [True, *(False for _ in values[1:])]


READ_ALIKE = {
    r"^\d+$": ("1", "٣", "x", ""),
    r"^\w+$": ("a", "é", "日本", "_", "-", "a b"),
    r"^\s$": (" ", "\u00a0", "\u2003", "\ufeff", "x"),
    r"^\S\D$": ("ab", "a1", "a٣", " b"),
    "^.$": ("a", "\r", "\u2028", "\n", "😀"),
    "^a$": ("a", "a\n"),
    r"^[^\d\s]+$": ("ab", "a1", "a b"),
    r"^\ud83d\ude00\u{1F600}$": ("😀😀", "😀"),
    "^(?<year>[0-9]{4})/$": ("2026/", "2026"),
    "[a-c.]+@x": ("a.b@x", "@x", "dd@x"),
}


@pytest.mark.node
def test_patterns_mean_the_same_as_in_python(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    properties = {
        f"p{number}": {"type": "string", "pattern": pattern}
        for number, pattern in enumerate(READ_ALIKE)
    }
    content = document(input=obj(properties, required=[]))
    python = '[targets.python]\npackage = "read_alike"\noutput = "python"\n'
    project = start(tmp_path / "project", TARGET + python, write(tmp_path / "documents", content))
    monkeypatch.syspath_prepend(str(project / "python"))
    package = importlib.import_module("read_alike")
    app.install(project / "package")
    values = [
        {f"p{number}": text} for number, texts in enumerate(READ_ALIKE.values()) for text in texts
    ]
    answers = app.accepts([("fal-endpoints/zod/acme/blender", "Input", value) for value in values])
    assert True in answers and False in answers
    for value, answer in zip(values, answers, strict=True):
        with nullcontext() if answer else pytest.raises(package.ValidationError):
            package.Fal(key="test").acme.blender(**value)


SLOW = {"^(a+)+$": "a", r"^(\w|\d)*$": "1", r"^\s*\s*\s*$": " ", "(x+x+)+y": "x", r"\s+$": " "}


@pytest.mark.node
def test_no_pattern_makes_zod_hang(app: App, tmp_path: Path, cli: Cli) -> None:
    """What can backtrack without end is left out, and the user is told; the rest is fast."""
    properties = {
        f"p{number}": {"type": "string", "pattern": pattern} for number, pattern in enumerate(SLOW)
    }
    content = document(input=obj(properties, required=[]))
    project = start(tmp_path / "project", TARGET, write(tmp_path / "documents", content))
    told = cli("list", "--repairs", "--project", project).out
    assert "backtracking-pattern in 4 places: " in told
    assert "/properties/p0/pattern" in told and "/properties/p4/pattern" not in told
    app.install(project / "package")
    values = [{f"p{number}": sign * 100_000 + "!"} for number, sign in enumerate(SLOW.values())]
    answers = app.accepts([("fal-endpoints/zod/acme/blender", "Input", value) for value in values])
    assert answers == [True, True, True, True, False]


TAGGED: list[tuple[str, dict[str, Any], bool]] = [
    ("Output", {"items": [{"kind": kind, "url": "u"} for kind in ("audio", "image")]}, True),
    ("Output", {"items": [{"kind": "hologram", "url": "u"}]}, True),
    ("Output", {"items": [{"kind": "video"}]}, False),
    ("Output", {"items": [], "notes": [{"text": "t"}, {"level": "hint", "text": "t"}, "t"]}, True),
    ("Output", {"items": [], "flags": [{"count": True, "text": "t"}]}, True),
    ("Output", {"items": [], "cover": None}, True),
    ("Input", {"layers": [{"class": "paint", "colour": "red"}]}, True),
    ("Input", {"layers": [{"class": "text", "colour": "red"}]}, False),
    ("Input", {"layers": [], "effect": {"name": "soft", "radius": 0.5}}, True),
    ("Input", {"layers": [], "effect": {"name": "bright", "radius": 0.5}}, False),
    ("Input", {"layers": [], "effect": {"name": "soft", "colour": "red"}}, False),
]


@pytest.mark.node
def test_a_tag_decides_what_a_value_is(app: App, goldens: Path) -> None:
    app.install(goldens / "tags/typescript", "tags")
    answers = app.accepts([("tags/zod/acme/tags", name, value) for name, value, _ in TAGGED])
    assert answers == [expected for _, _, expected in TAGGED]


@pytest.mark.node
def test_names_that_every_object_has_may_be_left_out(app: App, goldens: Path) -> None:
    app.install(goldens / "odd_names/typescript", "odd_names")
    module = "odd_names/zod/acme/odd-names"
    questions: list[tuple[str, dict[str, Any], bool]] = [
        ("Input", {"": [1]}, True),
        ("Input", {"": [1], "toString": [2], "constructor": [3], "hasOwnProperty": [4]}, True),
        ("Input", {"": [1], "toString": 2}, False),
        ("Output", {"": 1, "toString": 2}, True),
        ("Output", {"": 1}, False),
        ("Output", {"": 1, "toString": 2, "constructor": "3"}, False),
    ]
    answers = app.accepts([(module, name, value) for name, value, _ in questions])
    assert answers == [expected for _, _, expected in questions]
