"""Changes that a project ignores, until a date."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from documents import obj
from projects import FAST, Cli, problem
from servers import Answer, DocumentServer

from .projects_compared import BREAKING, DAYS, NO_DRIFT, blender


def ignore(filled: Path, fingerprint: str, expires: date, reason: str = "fine") -> None:
    text = f'[[ignore]]\nfingerprint = "{fingerprint}"\nreason = "{reason}"\n'
    (filled / "specs/drift-ignore.toml").write_text(f"{text}expires = {expires}\n", "utf-8")


def test_an_ignored_change_is_no_drift_until_it_expires(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    server.answers[FAST] = [Answer.of(blender(FAST, days=DAYS))]
    [change] = json.loads(run("drift", "--format", "json").out)["changes"]
    day = date.today()
    ignore(filled, change["fingerprint"], day + timedelta(days=2))
    ran = run("drift", "--format", "json")
    told = json.loads(ran.out)
    assert (ran.code, told["changes"], len(told["ignored"])) == (NO_DRIFT, [], 1)
    ignore(filled, change["fingerprint"], day - timedelta(days=2))
    problem(run("drift"), "expired", change["fingerprint"])


def test_an_exemption_for_one_variant_hides_no_other(
    run: Cli, filled: Path, server: DocumentServer
) -> None:
    a, b, c = (obj({name: {"type": "string"}}) for name in "abc")

    def serve(*variants: object) -> None:
        server.answers[FAST] = [Answer.of(blender(FAST, x={"anyOf": variants}))]

    serve(a, b, c)
    assert run("update").code == NO_DRIFT
    serve(a, b)
    [without_c] = json.loads(run("drift", "--format", "json").out)["changes"]
    ignore(filled, without_c["fingerprint"], date.today())
    assert run("drift").code == NO_DRIFT
    for left in ([a, c], [a]):
        serve(*left)
        ran = run("drift", "--format", "json")
        [change] = json.loads(ran.out)["changes"]
        assert (ran.code, change["fingerprint"] == without_c["fingerprint"]) == (BREAKING, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[ignore]", "is not TOML"),
        ("[ignore]\na = 1", "tables named [[ignore]]"),
        *(
            (
                f"[[ignore]]\nfingerprint = {value!r}\nreason = 'b'\nexpires = 2999-01-01",
                "entry 1: fingerprint must have 16 hexadecimal digits\n  copy it from",
            )
            for value in ("*", "", "0123456789ABCDEF", "0123456789abcdef0", 5)
        ),
        ("[[ignore]]\nfingerprint = 'a'", "entry 1 must have exactly"),
        (
            "[[ignore]]\nfingerprint = '0123456789abcdef'\nreason = ''\nexpires = 2999-01-01",
            "reason must not be empty",
        ),
        (
            "[[ignore]]\nfingerprint = '0123456789abcdef'\nreason = 'b'\nexpires = 'soon'",
            "must be a date",
        ),
    ],
)
def test_what_is_no_exemption_is_refused(run: Cli, filled: Path, text: str, said: str) -> None:
    (filled / "specs/drift-ignore.toml").write_text(text, "utf-8")
    problem(run("drift"), said)
