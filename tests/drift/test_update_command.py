"""`update` vendors and generates what changed, and records it in the history."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from projects import BLENDER, FAST, MODULE, Cli, problem, published
from servers import Answer, DocumentServer

from .projects_compared import DAYS, NO_DRIFT, NOT_CHECKED, blender, changes

ENTRY = dict.fromkeys(
    ("endpoint", "id", "direction", "pointer", "old", "new", "text", "fingerprint"), ""
) | {"date": "2026-06-05", "level": "additive"}


def test_it_vendors_generates_and_notes(
    run: Cli, cli: Cli, filled: Path, server: DocumentServer
) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    ran = run("update")
    assert ran.code == 0
    assert "days: int" in (filled / MODULE).read_text("utf-8")
    [line] = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
    noted = json.loads(line)
    assert (noted["endpoint"], noted["level"]) == (FAST, "additive")
    changelog = (filled / "generated/python/CHANGELOG.md").read_text("utf-8")
    assert "days" in changelog
    assert "minor" in changelog
    assert cli("check", "--project", filled).code == 0
    assert run("drift").code == NO_DRIFT


def test_unchanged_documents_leave_no_trace(run: Cli, filled: Path) -> None:
    run("update")
    before = published(filled)
    assert run("update").code == 0
    assert published(filled) == before


def test_what_fails_stays_and_the_rest_goes_on(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    vendored = (filled / f"specs/{BLENDER}.json").read_bytes()
    server.answers[BLENDER] = [Answer(b"{}")]
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    ran = run("update")
    assert (ran.code, BLENDER in ran.out) == (NOT_CHECKED, True)
    assert (filled / f"specs/{BLENDER}.json").read_bytes() == vendored
    assert "days: int" in (filled / MODULE).read_text("utf-8")


def test_what_is_gone_is_kept_and_told_how_to_remove(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    server.answers[FAST] = [Answer(status=404)]
    for _ in range(2):
        ran = run("update")
        assert (ran.code, f"fal-codegen remove {FAST}" in ran.out) == (0, True)
    assert (filled / f"specs/{FAST}.json").is_file()
    history = (filled / "specs/history.jsonl").read_text("utf-8")
    assert history.count("endpoint-gone") == 1


def test_a_wrong_address_is_a_failure_and_removes_nothing(
    run: Cli, cli: Cli, filled: Path, server: DocumentServer
) -> None:
    before = published(filled)
    wrong = server.url.replace("/api/", "/")
    for command in ("drift", "update"):
        for ids in ([], [FAST]):
            ran = cli(command, *ids, "--url", wrong, "--project", filled)
            assert ran.code == NOT_CHECKED
            assert f"{wrong} answered 404 for every endpoint" in ran.out
            assert "the endpoint was removed" not in ran.out
    assert published(filled) == before


def test_the_return_of_an_endpoint_is_recorded(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    present = server.answers[FAST]
    for _ in range(2):
        server.answers[FAST] = [Answer(status=404)]
        run("update")
        server.answers[FAST] = present
        for _ in range(2):
            assert run("update").code == 0
    lines = (filled / "specs/history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["endpoint-gone", "endpoint-new"] * 2
    changelog = (filled / "generated/python/CHANGELOG.md").read_text("utf-8")
    assert "the endpoint was added" in changelog


def test_a_change_that_is_taken_back_is_recognised(run: Cli, server: DocumentServer) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    run("update")
    server.answers[FAST] = [Answer.of(blender(FAST))]
    [change] = json.loads(run("drift", "--format", "json").out)["changes"]
    assert change["repeats"] == date.today().isoformat()


def test_the_report_alone_is_on_standard_output(run: Cli, server: DocumentServer) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    ran = run("update", "--format", "json")
    assert changes(ran) == [("additive", "new-optional-request-property")]
    assert "1 changed" in ran.err or f"{FAST}: updated" in ran.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("null", "it is not a JSON object"),
        ("[]", "it is not a JSON object"),
        ("5", "it is not a JSON object"),
        ("{}", "date is missing"),
        ('{"date": 1}', "date must be a string"),
        (json.dumps(ENTRY | {"pointer": None}), "pointer must be a string"),
        (json.dumps(ENTRY | {"more": ""}), "more is not known"),
        (json.dumps(ENTRY | {"level": "bad"}), "'bad' is not a level"),
        (json.dumps(ENTRY | {"date": "soon"}), "'soon' is not a date"),
    ],
)
def test_a_damaged_history_is_named(run: Cli, filled: Path, line: str, said: str) -> None:
    text = f"{json.dumps(ENTRY)}\n{line}\n"
    (filled / "specs/history.jsonl").write_text(text, "utf-8")
    ran = run("update")
    problem(ran, f"specs/history.jsonl, line 2 is damaged: {said}", "or remove the line")
    assert "Entry" not in ran.err
