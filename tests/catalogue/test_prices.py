"""Prices of endpoints: looked up with a key, kept in the lock, shown, and compared."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from documents import document
from fal_codegen.document.price import UnitPrice
from fal_codegen.drift.formats import FORMATS
from fal_codegen.emulator import Emulator
from fal_codegen.project import lock
from projects import DECLARATION, LOCK, edit
from servers import Answer, CatalogueServer

from .answers import FAST, MANY, OLD, PAINT, Cli, declare

TODAY = datetime.now(timezone.utc).date().isoformat()
EARLIER = "2026-01-02"


@pytest.fixture
def priced(project: Path, fal: Emulator, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project that asks for the prices of two endpoints."""
    monkeypatch.setenv("FAL_KEY", "key")
    fal.emulate("unit-price=0.035, unit=second")
    return declare(project, fal, PAINT, FAST, prices=True)


@pytest.fixture
def known(priced: Path, cli: Cli) -> Path:
    """The same project, with documents and prices that were looked up earlier."""
    assert cli("fetch", "--project", priced).code == 0
    edit(priced / LOCK, TODAY, EARLIER)
    return priced


def record(project: Path, endpoint_id: str = PAINT) -> Any:
    lines = map(json.loads, (project / LOCK).read_text("utf-8").splitlines())
    return next(line for line in lines if line.get("endpoint") == endpoint_id).get("price")


def test_a_project_that_does_not_ask_for_prices_gets_none(
    project: Path, fal: Emulator, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "key")
    assert cli("fetch", "--project", declare(project, fal, PAINT)).code == 0
    assert fal.journal.count("prices") == 0
    assert record(project) is None


def test_fetch_keeps_prices_with_their_date(priced: Path, fal: Emulator, cli: Cli) -> None:
    assert cli("fetch", "--project", priced).code == 0
    assert record(priced) == {
        "amount": "0.035",
        "unit": "second",
        "currency": "USD",
        "date": TODAY,
    }
    assert fal.journal.count("prices") == 1
    (asked,) = fal.journal.select("prices")
    assert asked.headers["authorization"] == "Key key"
    assert lock.load(priced)[PAINT].price == lock.load(priced)[FAST].price


def test_a_negative_zero_does_not_damage_the_lock(priced: Path, fal: Emulator, cli: Cli) -> None:
    fal.emulate("unit-price=-0.0")
    assert cli("fetch", "--project", priced).code == 0
    assert record(priced)["amount"] == "0"
    assert cli("check", "--project", priced).err == ""


def test_a_price_that_stays_keeps_its_date(known: Path, fal: Emulator, cli: Cli) -> None:
    before = (known / LOCK).read_bytes()
    assert f"{PAINT}: unchanged" in cli("fetch", "--project", known).out
    assert (known / LOCK).read_bytes() == before
    fal.emulate("unit-price=0.04")
    assert f"{PAINT}: price: 0.04 USD per second" in cli("fetch", "--project", known).out
    assert (record(known)["amount"], record(known)["date"]) == ("0.04", TODAY)
    fal.emulate("unpriced")
    assert f"{PAINT}: price: none listed" in cli("fetch", "--project", known).out
    assert record(known) is None


def test_many_prices_take_a_request_for_fifty(
    project: Path, fal_of_many: Emulator, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "key")
    declare(project, fal_of_many, *MANY, prices=True)
    assert cli("fetch", "--project", project).code == 0
    assert fal_of_many.journal.count("prices") == 3
    assert all(entry.price for entry in lock.load(project).values())


@pytest.mark.parametrize("status", [413, 414])
def test_prices_that_are_too_many_for_one_request_are_fetched_in_halves(
    project: Path,
    fal: Emulator,
    scripted: CatalogueServer,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    monkeypatch.setenv("FAL_KEY", "key")
    price = {"unit_price": 0.5, "unit": "image", "currency": "USD"}
    halves = [Answer.of({"prices": [{"endpoint_id": id_, **price}]}) for id_ in (PAINT, FAST)]
    scripted.answers = [Answer(status=status), *halves]
    declare(project, fal, PAINT, FAST, prices=True, catalogue=scripted.url)
    assert cli("fetch", "--project", project).code == 0
    assert len(scripted.asked) == 3
    assert [record(project, id_)["amount"] for id_ in (PAINT, FAST)] == ["0.5", "0.5"]


def test_an_endpoint_without_a_price_does_not_cost_the_others_theirs(
    known: Path, fal: Emulator, fal_of_many: Emulator, cli: Cli
) -> None:
    # Documents from one server, prices from another that does not know one of the endpoints.
    edit(known / LOCK, '"amount": "0.035"', '"amount": "0.5"')
    other = f"{fal_of_many.base_url}/api/v1/models"
    ran = cli("fetch", "--catalogue", other, "--url", _documents(fal), "--project", known)
    assert ran.code == 0
    assert record(known) is record(known, FAST) is None


def _documents(fal: Emulator) -> str:
    return f"{fal.base_url}/api/openapi/queue/openapi.json"


class TestWithoutAKey:
    @pytest.fixture(autouse=True)
    def no_key(self, known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("FAL_KEY")

    @pytest.mark.parametrize("command", ["fetch", "update", "drift"])
    def test_it_says_so_and_keeps_the_prices(
        self, known: Path, fal: Emulator, cli: Cli, command: str
    ) -> None:
        before = (known / LOCK).read_bytes()
        ran = cli(command, "--project", known)
        assert ran.code == 0
        assert "prices were not looked up: set FAL_KEY (https://fal.ai/dashboard/keys)" in ran.out
        assert (known / LOCK).read_bytes() == before


class TestFailures:
    def test_each_endpoint_is_named_once_for_each_reason(
        self, known: Path, fal: Emulator, cli: Cli
    ) -> None:
        before = (known / LOCK).read_bytes()
        fal.emulate("balance; on=prices")
        ran = cli("fetch", "--project", known)
        assert ran.code == 2
        assert f"{PAINT}: its price could not be fetched: " in ran.err
        assert "(and 1 more)" in ran.err
        assert (known / LOCK).read_bytes() == before

    def test_a_failure_is_never_no_drift(self, known: Path, fal: Emulator, cli: Cli) -> None:
        fal.emulate("balance; on=prices")
        for command in ("drift", "update"):
            ran = cli(command, "--project", known)
            assert ran.code == 2
            assert f"could not be compared: {PAINT}: its price could not be fetched" in ran.out

    def test_a_damaged_price_in_the_lock_is_an_error(self, known: Path, cli: Cli) -> None:
        edit(known / LOCK, '"amount": "0.035"', '"amount": "cheap"')
        ran = cli("check", "--project", known)
        assert ran.code == 2
        assert "price must have an amount, a unit, a currency and a date" in ran.err


class TestDrift:
    @pytest.mark.parametrize("format", FORMATS)
    def test_a_price_change_is_a_class_of_its_own_in_every_format(
        self, known: Path, fal: Emulator, cli: Cli, format: str
    ) -> None:
        fal.emulate("unit-price=0.05")
        ran = cli("drift", "--format", format, "--project", known)
        assert ran.code == 1
        assert "the price increased from 0.035 to 0.05 USD per second" in ran.out
        assert "price" in ran.out.replace("the price increased", "")

    @pytest.mark.parametrize(
        ("faults", "id", "text"),
        [
            ("unit-price=0.03", "price-decreased", "decreased from 0.035 to 0.03 USD per second"),
            ("unit=image", "price-changed", "0.035 USD per second to 0.035 USD per image"),
            ("unpriced", "price-removed", "fal no longer lists a price; it was 0.035 USD per"),
        ],
    )
    def test_it_reports_how_a_price_changed(
        self, known: Path, fal: Emulator, cli: Cli, faults: str, id: str, text: str
    ) -> None:
        fal.emulate(faults)
        ran = cli("drift", "--format", "json", "--fail-on", "additive", "--project", known)
        assert ran.code == 0  # a price is neither breaking nor additive
        report = json.loads(ran.out)
        assert report["level"] == "price"
        assert {change["id"] for change in report["changes"]} == {id}
        assert text in report["changes"][0]["text"]
        assert (report["changes"][0]["survives"], report["changes"][0]["surface"]) == (True, False)
        assert cli("drift", "--fail-on", "price", "--project", known).code == 1

    def test_a_price_that_was_not_known_has_not_changed(self, priced: Path, cli: Cli) -> None:
        edit(priced / DECLARATION, "prices = true", "prices = false")
        cli("fetch", "--project", priced)
        edit(priced / DECLARATION, "prices = false", "prices = true")
        assert "nothing changed in 2 endpoints" in cli("drift", "--project", priced).out

    def test_update_applies_it_and_the_next_change_reverts_it(
        self, known: Path, fal: Emulator, cli: Cli
    ) -> None:
        fal.emulate("unit-price=0.05")
        ran = cli("update", "--project", known)
        assert ran.code == 0
        assert "2 of 2 endpoints changed: 2 price" in ran.out
        assert record(known)["amount"] == "0.05"
        assert '"level": "price"' in (known / "specs/history.jsonl").read_text()
        assert cli("drift", "--project", known).code == 0
        fal.emulate("unit-price=0.035")
        assert f"reverts the change of {TODAY}" in cli("drift", "--project", known).out


class TestShown:
    def test_in_docstrings_and_pages(self, known: Path, fal: Emulator, cli: Cli) -> None:
        edit(known / DECLARATION, new='\n[targets.docs]\noutput = "generated/docs"\n')
        assert cli("generate", "--project", known).code == 0

        def text(name: str) -> str:
            (path,) = (known / "generated").rglob(name)
            return html.unescape(path.read_text("utf-8"))

        shown = f"0.035 USD per second (as of {EARLIER})"
        assert f'\n\n    Price: {shown}\n    """\n' in text("fast.py")
        assert f"| Price | {shown} |" in text("paint/fast.md")
        fal.emulate("unit-price=0.04")
        assert cli("update", "--project", known).code == 0
        assert f"| Price | 0.04 USD per second (as of {TODAY}) |" in text("paint/fast.md")
        assert cli("check", "--project", known).code == 0


@pytest.fixture(scope="module")
def with_prices(server: Emulator) -> Iterator[Emulator]:
    price = UnitPrice(Decimal("0.25"), "<b>clip</b>", "USD", EARLIER)
    with Emulator([document(PAINT), document(OLD)], prices={PAINT: price}) as emulator:
        yield emulator


def test_the_playground_and_the_emulator_have_the_price_of_the_lock(with_prices: Emulator) -> None:
    page = httpx.get(f"{with_prices.base_url}/playground/{PAINT}").text
    assert f"At fal, it costs 0.25 USD per &lt;b&gt;clip&lt;/b&gt; (as of {EARLIER})." in page
    assert "At fal" not in httpx.get(f"{with_prices.base_url}/playground/{OLD}").text
    url = f"{with_prices.base_url}/api/v1/models/pricing?endpoint_id={PAINT},{OLD}"
    prices = httpx.get(url, headers={"Authorization": "Key any"}).json()["prices"]
    assert [(price["unit_price"], price["unit"]) for price in prices] == [
        (0.25, "<b>clip</b>"),
        (0.01, "image"),
    ]
