"""Every format reports everything in its own syntax, whatever text a document contains."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from fal_codegen.drift import Change, Direction, Level, Report, Witness
from fal_codegen.drift.formats import FORMATS, render
from fal_codegen.drift.ignore import Exemption, Ignored
from fal_codegen.drift.report import DriftReport
from fal_codegen.errors import FetchError
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from property_tests import examples

BLENDER = "acme/blender"


def change(level: Level, text: str, **values: object) -> Change:
    plain = Change(
        id="request-property-removed",
        level=level,
        endpoint=BLENDER,
        operation=f"POST /{BLENDER}",
        direction=Direction.INPUT,
        pointer=f"/{text}",
        old=1,
        new=None,
        text=text,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


GONE = change(
    Level.BREAKING, "the speed is gone", survives=False, witness=Witness({"speed": "fast"})
)
OTHER = change(Level.BEHAVIOURAL, "the default went from 5 to 6")
NEW = [change(Level.ADDITIVE, f"the value {n} is new", pointer="/v", new=n) for n in range(9)]
SAID = change(Level.COSMETIC, "the description changed")
LEFT = change(Level.BREAKING, "the taste is gone")
UNTIL = Exemption(LEFT.fingerprint, "nobody tastes it", date(2999, 1, 31))
IDLE = Exemption("0123456789abcdef", "not needed any more", date(2999, 1, 31))
REPORT = DriftReport(
    compared=7,
    reports=(Report(BLENDER, (GONE, OTHER, *NEW, SAID)),),
    failures=(FetchError("no answer", endpoint="acme/mixer", hint="try again"),),
    ignored=(Ignored(LEFT, UNTIL),),
    unused=(IDLE,),
    reverted={OTHER.fingerprint: "2026-06-05"},
)
NOTHING = DriftReport(compared=7)


def tell(form: str, report: DriftReport = REPORT) -> str:
    return render(report, form)


@pytest.mark.parametrize("form", FORMATS)
def test_the_gravest_and_what_could_not_be_compared_are_reported(form: str) -> None:
    told = tell(form)
    for part in ("the speed is gone", "the default went from 5 to 6", "acme/mixer", "no answer"):
        assert part in told


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("json", "sarif")])
def test_nothing_is_reported_as_nothing(form: str) -> None:
    assert "nothing changed in 7 endpoints" in tell(form, NOTHING)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "junit"])
def test_fingerprints_are_reported_wherever_changes_are(form: str) -> None:
    told = tell(form)
    for one in (GONE, OTHER, NEW[0]):
        assert one.fingerprint in told


@pytest.mark.parametrize("form", FORMATS)
def test_that_there_are_no_witnesses_is_reported_in_one_line(form: str) -> None:
    words = "no examples of inputs that are no longer valid"
    told = html.unescape(tell(form, replace(REPORT, lacks_witnesses=True)))
    assert sum(words in line for line in told.splitlines()) == 1
    assert re.search(r"extra \W*drift", told)
    assert words not in tell(form)


class TestText:
    def test_text_has_the_level_the_example_and_the_fingerprint(self) -> None:
        lines = tell("text").splitlines()
        assert lines[0] == BLENDER
        assert lines[1].split()[0] == "breaking"
        assert lines[1].endswith(f"[{GONE.fingerprint}]")
        assert lines[2].strip() == 'no longer valid: {"speed": "fast"}'
        assert lines[3].strip() == "the generated client breaks"
        told = "\n".join(lines)
        assert "reverts the change of 2026-06-05" in told
        assert "and 6 more like it" in told
        assert "1 change of titles, descriptions and the like" in told
        assert "ignored until 2999-01-31: acme/blender the taste is gone" in told
        assert "ignores nothing and can be removed: 0123456789abcdef" in told
        assert lines[-1] == (
            "1 of 7 endpoints changed: 1 breaking, 1 behavioural, 9 additive, 1 cosmetic; "
            "1 ignored; 1 endpoint could not be compared"
        )

    def test_what_is_said_of_one_property_stands_together(self) -> None:
        facts = ("it became required", "null is no longer possible")
        changes = tuple(
            change(
                level,
                f"input `a: b`: {fact}",
                subject="input `a: b`",
                pointer="/a",
                id=fact,
                new=place,
            )
            for level in (Level.BREAKING, Level.ADDITIVE)
            for place, fact in enumerate(facts)
        )
        lines = tell(
            "text", DriftReport(compared=1, reports=(Report(BLENDER, changes),))
        ).splitlines()
        told = [line.split("  [")[0] for line in lines if line.endswith("]")]
        assert told == [
            "  breaking     input `a: b`: it became required",
            "                 and null is no longer possible",
            "  additive     input `a: b`: it became required",
            "                 and null is no longer possible",
        ]
        assert all(f"[{one.fingerprint}]" in "\n".join(lines) for one in changes)

    def test_colours_only_where_they_are_wanted(self) -> None:
        coloured = render(REPORT, "text", colour=True)
        assert "\033[31;1m" in coloured
        assert re.sub("\033\\[[0-9;]*m", "", coloured) == tell("text")


class TestJson:
    def test_it_is_as_its_schema_says(self) -> None:
        schema = json.loads(
            files("fal_codegen.drift.formats").joinpath("survey.schema.json").read_text("utf-8")
        )
        jsonschema_rs.meta.validate(schema)
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for report in (REPORT, NOTHING):
            validator.validate(json.loads(tell("json", report)))
        validator.validate(json.loads(tell("json", replace(REPORT, lacks_witnesses=True))))
        with pytest.raises(jsonschema_rs.ValidationError):
            validator.validate({**json.loads(tell("json")), "level": "grave"})

    def test_every_change_is_in_it(self) -> None:
        told = json.loads(tell("json"))
        assert (told["level"], told["compared"], len(told["changes"])) == ("breaking", 7, 12)
        assert told["changes"][0]["witness"] == {"speed": "fast"}
        assert told["changes"][1]["repeats"] == "2026-06-05"
        assert told["ignored"][0]["reason"] == "nobody tastes it"
        assert told["failures"][0]["hint"] == "try again"


def test_github_gets_an_escaped_annotation_for_each_change() -> None:
    hostile = change(Level.BREAKING, "50%,\n::error::x", endpoint="a:b,c")
    told = tell("github", DriftReport(1, (Report("a:b,c", (hostile,)),)))
    first = told.splitlines()[0]
    assert first.startswith("::error file=specs/a%3Ab%2Cc.json,title=breaking%3A a%3Ab%2Cc::50%25,")
    assert "%0A::error::x" in first
    commands = [line.split(" ")[0] for line in tell("github").splitlines()]
    assert commands[:3] == ["::error", "::warning", "::notice"]


IN_A_MONOREPO = replace(REPORT, folder="packages/fal/", lines={GONE.fingerprint: 12})


def test_annotations_point_at_lines_below_the_root_of_the_repository() -> None:
    lines = tell("github", IN_A_MONOREPO).splitlines()
    assert f"file=packages/fal/specs/{BLENDER}.json," in lines[0]
    assert ",line=12::" in lines[0]
    failed = next(line for line in lines if "no answer" in line)
    assert "file=packages/fal/specs/acme/mixer.json," in failed


def test_results_of_sarif_point_at_lines_below_the_root_of_the_repository() -> None:
    [run] = json.loads(tell("sarif", IN_A_MONOREPO))["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    uri = f"packages/fal/specs/{BLENDER}.json"
    assert {place["artifactLocation"]["uri"] for place in places} == {uri}
    assert [place["region"]["startLine"] for place in places] == [12, *[1] * 11]


def test_junit_has_a_failure_for_each_breaking_change() -> None:
    suite = ElementTree.fromstring(tell("junit"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("8", "1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "breaking"


def test_sarif_has_a_level_a_rule_and_a_place_for_each_change() -> None:
    [run] = json.loads(tell("sarif"))["runs"]
    levels = [result["level"] for result in run["results"]]
    assert levels == ["error", "warning", *["note"] * 10]
    first = run["results"][0]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == GONE.id
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"specs/{BLENDER}.json"
    assert run["invocations"][0]["executionSuccessful"] is False


class Page(HTMLParser):
    """Collects the resources that a page loads, and its tags and classes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, str]] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("class") or ""))
        self.loads += [name for name, _ in attrs if name in ("src", "href", "srcset", "action")]


def test_a_page_of_html_loads_nothing() -> None:
    page = Page(tell("html"))
    assert page.loads == []
    assert page.tags.count(("li", "breaking")) == 1
    assert not any(tag == "script" for tag, _ in page.tags)


def test_markdown_stays_within_what_github_takes() -> None:
    many = [change(Level.ADDITIVE, f"{n} " + "x" * 200, pointer=f"/{n}") for n in range(2000)]
    said = [change(Level.COSMETIC, f"{n} " + "x" * 200, pointer=f"/{n}") for n in range(2000)]
    told = tell("markdown", DriftReport(1, (Report(BLENDER, (*many, *said)),)))
    assert len(told) < 65_536
    assert re.search(r"\nand \d+ more\n", told)


def shape_of_markdown(told: str) -> list[str]:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(told)
    inline = [child.type for token in tokens for child in token.children or ()]
    assert not any(kind in ("image", "link_open") for kind in inline)
    # GitHub looks for mentions everywhere but in code.
    bare = re.sub(r"<code>.*?</code>|`[^`]*`", "", told)
    assert "@somebody" not in html.unescape(bare)
    return [token.type for token in tokens]


def shape_of_lines(told: str) -> list[str]:
    return [line.split("::")[1].split(" ")[0] for line in told.splitlines() if "::" in line[:3]]


SHAPES: dict[str, Callable[[str], object]] = {
    "text": lambda told: len(told.splitlines()),
    "markdown": shape_of_markdown,
    "json": lambda told: len(json.loads(told)["changes"]),
    "github": shape_of_lines,
    "junit": lambda told: [node.tag for node in ElementTree.fromstring(told).iter()],
    "sarif": lambda told: len(json.loads(told)["runs"][0]["results"]),
    "html": lambda told: Page(told).tags,
}
PIECES = ["|", "`", "\n", "\r\n", "<b>", "</script>", "]]>", "\033[31m", "\ud800", "&", "'", '"']
PIECES += ["@somebody", "[a](http://b)", "![a](b)", "::error::", "%0A", "{{ x }}", "\0", "#", "- "]


@given(text=st.lists(st.sampled_from([*PIECES, "word"]), min_size=1, max_size=5).map("".join))
@settings(max_examples=examples(25), deadline=None)
def test_text_of_a_document_never_leaves_its_place(text: str) -> None:
    def report(said: str) -> DriftReport:
        changes = (
            change(Level.BREAKING, said, pointer="/a", witness=Witness({said: said})),
            change(Level.COSMETIC, said, pointer="/b", old=said),
        )
        failed = FetchError(said, endpoint=BLENDER)
        return DriftReport(3, (Report(BLENDER, changes),), failures=(failed,))

    for form, shape in SHAPES.items():
        told = tell(form, report(text))
        assert "\033" not in told
        assert shape(told) == shape(tell(form, report("word"))), form


def test_markdown_fits_a_pull_request_however_much_failed_and_is_ignored() -> None:
    many = DriftReport(
        compared=7,
        reports=(Report(BLENDER, (GONE, *[SAID] * 3_000)),),
        failures=REPORT.failures * 3_000,
        ignored=REPORT.ignored * 3_000,
    )
    told = tell("markdown", many)
    assert len(told) < 65_536
    assert len(re.findall(r"^and \d+ more$", told, re.MULTILINE)) == 3
