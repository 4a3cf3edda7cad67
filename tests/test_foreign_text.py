"""Text from outside stays text, on its line, wherever the tool prints it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from documents import document, obj, write
from fal_codegen.project import lock
from fal_codegen.text.invisible import as_json, as_python, is_visible, visible, without_hidden
from projects import DECLARATION, LOCK, Cli, edit
from servers import Answer, CatalogueServer, serving

EVIL = (
    "boom\n::set-output name=code::0\r\n::add-mask::a\n  ::stop-commands::x9\u2028"
    "::error file=README.md,line=1::pwn\x85error: forged\n##[group]x ##vso[task.setvariable]y"
    "##teamcity[x]\x1b[2J\u202e\u200b\U000e0041\ufe0f\xad\ufffa\ud800\x00"
)
COMMAND = re.compile(r"\s*::|.*##(\[|vso\[|teamcity\[)")
HIDDEN = "\x00\x1b\x7f\x85\xad\u034f\u061c\u115f\u17b4\u180e\u200b\u200f\u2028\u202e\u2060\u2066"
HIDDEN += "\u3164\ufe0f\ufeff\uffa0\ufff0\ufffa\ufffe\U0001d173\U000e0001\U000e0041\U000e01ef"
HIDDEN += "\xa0\u2003\u2800\u3000"


def test_every_character_that_cannot_be_seen_is_in_the_table() -> None:
    drawn = {"ARABIC NUMBER", "ARABIC SIGN", "ARABIC FOOTNOTE", "SYRIAC ABBREVIATION"}
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        kind, name = unicodedata.category(char), unicodedata.name(char, "")
        is_drawn = kind == "Cf" and ("NUMBER" in name or any(name.startswith(x) for x in drawn))
        is_drawn |= name in ("ARABIC END OF AYAH", "ARABIC DISPUTED END OF AYAH") or (
            name.startswith(("ARABIC POUND", "ARABIC PIASTRE"))
        )
        is_hidden = kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and not is_drawn
        is_hidden |= kind == "Zs" and char != " "
        is_hidden |= "VARIATION SELECTOR" in name or ("HANGUL" in name and "FILLER" in name)
        if is_hidden:
            assert not is_visible(char), f"U+{code:04X} {name}"
        elif kind[0] in "LNPS" and name != "BRAILLE PATTERN BLANK":
            assert is_visible(char), f"U+{code:04X} {name}"


@pytest.mark.parametrize("char", HIDDEN)
def test_an_escape_says_which_character_it_was(char: str) -> None:
    assert json.loads(f'"{visible(char, as_json)}"') == char
    assert eval(f'"{visible(char, as_python)}"') == char  # its own output, one escape
    assert is_visible(visible(char, as_python))
    assert not set(without_hidden(f"a{char}b")) & set(HIDDEN[:-4])


@pytest.fixture
def catalogue() -> Iterator[CatalogueServer]:
    with serving(CatalogueServer) as server:
        yield server


@pytest.mark.parametrize(
    "command",
    [["search"], ["search", "--json"], ["fetch"], ["add", "--all"], ["drift"], ["update"]],
)
def test_what_a_server_says_forges_no_line(
    project: Path, catalogue: CatalogueServer, cli: Cli, command: list[str]
) -> None:
    ids = [f"acme/e{number}" for number in range(60)]
    failure = {"error": {"code": EVIL, "message": EVIL}}
    models = [
        {"endpoint_id": one, "openapi": failure, "metadata": {"display_name": EVIL}} for one in ids
    ]
    models += [{"endpoint_id": f"a/{EVIL}", "metadata": {"category": EVIL}}, {"endpoint_id": EVIL}]
    catalogue.answers = [Answer.of({"models": models, "has_more": False})] * 200
    settings = f'catalogue = "{catalogue.url}"\nurl = "{catalogue.url}"\nattempts = 1\n'
    declared = "".join(f'[endpoints."{one}"]\n' for one in ids)
    edit(project / DECLARATION, new=f"\n[fetch]\n{settings}{declared}")
    ran = cli(*command, "--project", project)
    lines = (ran.out + ran.err).splitlines()
    assert any("boom" in line for line in lines)
    assert not [line for line in lines if COMMAND.match(line) or line.startswith("error: forged")]
    assert is_visible((ran.out + ran.err).replace("\n", ""))


@pytest.mark.parametrize("name", ["x\n::error::pwn.json", "##[error]pwn.json", "\u202egnp.json"])
def test_the_name_of_a_file_forges_no_line(
    project: Path, cli: Cli, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / name).write_text("{}")
    ran = cli("add", "--from", folder, "--project", project)
    assert ran.code == 2
    lines = (ran.out + ran.err).splitlines()
    assert not [line for line in lines if COMMAND.match(line)]
    assert is_visible((ran.out + ran.err).replace("\n", ""))


def as_a_reader_of_sarif(message: str) -> tuple[list[str], str]:
    """Return the links and placeholders that a reader of SARIF finds, and what it shows."""
    found = re.findall(r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\([^)]*\)|(?<!\{)(?:\{\{)*\{\d+\}", message)
    found += re.findall(r"\]\(", message)  # to readers that know no escapes
    shown = re.sub(r"\\([\\\[\]()])", r"\1", message).replace("{{", "{").replace("}}", "}")
    return found, shown


@pytest.mark.parametrize(
    "text",
    [
        "[Approve the fix](https://evil.example/login) {0} {1}",
        "[a\\](https://evil.example)",
        "[[a]](https://evil.example)[b](1)",
        "{{0}} {{{0}}} {",
        "\\[a](b)",
        "a\nb\u202e\x1b[31m",
    ],
)
def test_a_message_of_sarif_has_no_link_and_no_placeholder(
    cli: Cli, tmp_path: Path, text: str
) -> None:
    for folder, options in (("old", ["a", text]), ("new", ["a"])):
        properties = {"mode": {"enum": options}, **({text: {}} if folder == "old" else {})}
        write(tmp_path / folder, document(input=obj(properties)))
    ran = cli("diff", tmp_path / "old", tmp_path / "new", "--format", "sarif")
    messages = [one["message"]["text"] for one in json.loads(ran.out)["runs"][0]["results"]]
    plain = cli("diff", tmp_path / "old", tmp_path / "new", "--format", "json").out
    texts = [change["text"] for change in json.loads(plain)["changes"]]
    assert len(messages) == len(texts) == 2
    for message, wanted in zip(messages, texts, strict=True):
        assert as_a_reader_of_sarif(message) == ([], wanted)


POINTING = re.compile(r"::error file=[!-~]+/(old|new)/[a-z0-9/]+\.json,")


@pytest.mark.parametrize("form", ["text", "markdown", "github", "junit", "html"])
def test_no_report_has_a_character_that_cannot_be_seen(cli: Cli, tmp_path: Path, form: str) -> None:
    hostile = f"{HIDDEN}{EVIL}".replace("\ud800", "")
    for folder, options in (("old", ["a", hostile]), ("new", ["a"])):
        content = document(input=obj({"mode": {"enum": options}, hostile: {}}))
        if folder == "new":
            del content["components"]["schemas"]["BlenderInput"]["properties"][hostile]
        write(tmp_path / folder, content)
    ran = cli("diff", tmp_path / "old", tmp_path / "new", "--format", form)
    told = ran.out.replace("\n", "")
    if form == "markdown":  # which parts addresses with it (see `markdown.unlinked`)
        told = told.replace("\N{ZERO WIDTH SPACE}", "")
    assert is_visible(told)
    commands = [line for line in ran.out.splitlines() if COMMAND.match(line)]
    assert all(form == "github" and POINTING.match(line) for line in commands)
    if form == "junit":
        assert "\\x7f" in "".join(ElementTree.fromstring(ran.out).itertext())


def vendored_before(content: object) -> str:
    """Return the text of a document in which only marks of direction are escaped."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_a_vendored_document_shows_every_character(project: Path, cli: Cli, tmp_path: Path) -> None:
    content = document(about=f"é 😀 {HIDDEN}", input=obj({f"x{HIDDEN}": {"enum": [HIDDEN, "a"]}}))
    source = write(tmp_path / "documents", content)
    assert cli("add", "--from", source, "--project", project).code == 0
    path = project / "specs/acme/blender.json"
    assert is_visible(path.read_text("utf-8").replace("\n", ""))
    assert "é 😀" in path.read_text("utf-8")
    assert json.loads(path.read_bytes()) == content


def test_a_document_vendored_with_fewer_escapes_is_the_same_document(
    project: Path, cli: Cli, tmp_path: Path
) -> None:
    content = document(about="zero\u200bwidth\U000e0041")
    source = write(tmp_path / "documents", content)
    assert cli("add", "--from", source, "--project", project).code == 0
    path = project / "specs/acme/blender.json"
    before = vendored_before(content)
    path.write_text(before, "utf-8")
    entry = lock.load(project)["acme/blender"]
    edit(project / LOCK, entry.sha256, lock_hash(path))
    locked = (project / LOCK).read_bytes()

    assert "acme/blender: unchanged\n" in cli("add", "--from", source, "--project", project).out
    assert path.read_text("utf-8") == before
    assert (project / LOCK).read_bytes() == locked
    assert cli("check", "--project", project).code == 0


def lock_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
