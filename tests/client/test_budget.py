"""A batch stops submitting before its budget is passed."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    Budget,
    BudgetError,
    ConfigurationError,
    Cost,
    Fal,
    Ledger,
    Outcome,
    SubmissionUncertain,
    ValidationError,
)

from .collage import Collage, Output
from .conftest import KEY, Call
from .waiting import until

AT_ONCE = "queued=0, running=0"


def rows(*shapes: str) -> list[dict[str, Any]]:
    return [{"layers": [], "aspect": shape} for shape in shapes]


def spent(budget: Budget) -> str:
    assert budget.in_flight == Cost(Decimal(0), "USD")
    return str(budget.spent)


def refused(outcomes: list[Outcome[Output]]) -> list[str]:
    return [str(outcome.error) for outcome in outcomes if isinstance(outcome.error, BudgetError)]


@pytest.fixture
def cheap(emulator: Emulator) -> Emulator:
    """Each request costs 0.01 US dollars, as it is estimated, and ends at once."""
    emulator.emulate(AT_ONCE)
    return emulator


def test_a_batch_stops_when_its_budget_is_spent(
    collage: Collage, call: Call, cheap: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = call(collage.map, rows("1:1") * 5, max_cost=Decimal("0.035"), concurrency=2)
    assert len(outcomes) == 5
    assert sum(outcome.error is None for outcome in outcomes) == 3
    assert (
        refused(outcomes)
        == [
            "acme/collage/v1/layers: not submitted: it costs about 0.01 USD, and 0.03 USD of the "
            "budget of 0.035 USD is spent"
        ]
        * 2
    )
    assert cheap.journal.count("submit") == 3
    (warning,) = [record.message for record in caplog.records if "budget" in record.message]
    assert warning == (
        "budget of 0.035 USD, 0.03 USD spent: requests that do not fit are not submitted"
    )
    # One lookup for all requests of an endpoint.
    assert (cheap.journal.count("prices"), cheap.journal.count("estimate")) == (1, 1)


def test_requests_in_flight_count_with_their_estimates(
    collage: Collage, call: Call, emulator: Emulator
) -> None:
    emulator.emulate("past-cost=0.5, running=0.05")
    budget = Budget(1)
    outcomes = call(collage.map, rows("1:1") * 6, max_cost=budget, concurrency=6)
    assert not refused(outcomes)
    assert spent(budget) == "0.06 USD"
    jobs = list(emulator.queue)
    for job in jobs:
        running = (one for one in jobs if one.submitted_at <= job.submitted_at < one.completes_at)
        assert len(list(running)) <= 2


def test_an_unknown_cost_is_refused_unless_the_caller_allows_it(
    collage: Collage, call: Call, cheap: Emulator
) -> None:
    cheap.emulate("unpriced")
    outcomes = call(collage.map, rows("1:1"), max_cost=5)
    (message,) = refused(outcomes)
    assert "its cost is not known; Budget(…, allow_unknown=True) would allow that" in message
    assert cheap.journal.count("submit") == 0
    budget = Budget(5, allow_unknown=True)
    (outcome,) = call(collage.map, rows("1:1"), max_cost=budget)
    assert outcome.error is None
    assert (spent(budget), budget.unknown, budget.refused) == ("0 USD", 1, 0)
    (outcome,) = call(collage.map, rows("1:1"), max_cost=Budget(0, allow_unknown=True))
    assert "it costs an unknown amount, and 0 USD of the budget of 0 USD is spent" in str(
        outcome.error
    )


def test_a_cost_in_another_currency_is_unknown(
    collage: Collage, call: Call, cheap: Emulator
) -> None:
    (outcome,) = call(collage.map, rows("1:1"), max_cost=Budget(5, currency="EUR"))
    assert "its cost is not known" in str(outcome.error)


def test_an_endpoint_that_costs_nothing_fits_into_every_budget(
    collage: Collage, call: Call, cheap: Emulator
) -> None:
    cheap.emulate("unit-price=0")
    assert not refused(call(collage.map, rows("1:1") * 2, max_cost=0))


def test_several_batches_share_a_budget(client: Fal, call: Call, cheap: Emulator) -> None:
    budget, collage = Budget(0.03), Collage(client)
    requests = [collage(layers=[]), collage(layers=[])]
    assert not refused(call(client.map, requests, max_cost=budget))
    assert len(refused(call(client.map, requests, max_cost=budget))) == 1
    assert (spent(budget), budget.refused) == ("0.03 USD", 1)
    assert repr(budget) == "Budget(0.03 USD, spent=0.03 USD, in_flight=0 USD)"


@pytest.mark.parametrize(
    ("faults", "cost"),
    [
        ("model-error", "0 USD"),  # fal reports 0 units
        ("infrastructure-error=bad_request", "0.01 USD"),  # and none here
        ("balance; on=submit", "0 USD"),  # not accepted
        ("drop=before; on=submit", "0.01 USD"),  # nobody knows
        ("expired", "0.01 USD"),  # it ran, but its result is lost
    ],
)
def test_a_failed_request_costs_its_estimate_unless_fal_reports_less(
    collage: Collage, call: Call, cheap: Emulator, faults: str, cost: str
) -> None:
    cheap.emulate(faults)
    budget = Budget(1)
    (outcome,) = call(collage.map, rows("1:1"), max_cost=budget)
    assert outcome.error is not None
    assert spent(budget) == cost


def test_an_invalid_row_costs_nothing(collage: Collage, call: Call, cheap: Emulator) -> None:
    budget = Budget(0.01)
    outcomes = call(collage.map, [{"layers": 1}, *rows("1:1")], max_cost=budget)
    assert [outcome.error is None for outcome in sorted(outcomes, key=lambda o: o.index)] == [
        False,
        True,
    ]
    assert spent(budget) == "0.01 USD"


@pytest.mark.parametrize("is_given", [False, True])
def test_a_batch_can_be_left_while_requests_wait_for_the_budget(
    emulator: Emulator, is_given: bool
) -> None:
    emulator.emulate("past-cost=1, queued=0, running=600")
    budget = Budget(1)
    with httpx.Client() as http_client:
        given = http_client if is_given else None
        with Fal(KEY, base_url=emulator.base_url, http_client=given) as client:
            outcomes = Collage(client).map([*rows("1:1") * 3, {"layers": 1}], max_cost=budget)
            assert isinstance(next(outcomes).error, ValidationError)
            until(lambda: len(emulator.queue) == 1)
            outcomes.close()
    assert [job.outcome.error_type for job in emulator.queue] == ["client_cancelled"]
    assert spent(budget) == "1 USD"  # nothing shows what fal bills


def test_nothing_is_submitted_if_its_cost_cannot_be_looked_up(
    collage: Collage, call: Call, cheap: Emulator
) -> None:
    cheap.emulate("balance; on=prices")
    outcomes = call(collage.map, rows("1:1") * 3, max_cost=5)
    for message in refused(outcomes):
        assert "not submitted: its cost could not be looked up (HTTP 403" in message
    assert len(refused(outcomes)) == 3
    assert (cheap.journal.count("submit"), cheap.journal.count("prices")) == (0, 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_cannot_spend_the_budget_again(collage: Collage, cheap: Emulator) -> None:
    budget = Budget(1)
    readable, writable = os.pipe()
    if os.fork() == 0:
        try:
            next(collage.map(rows("1:1"), max_cost=budget))
        except ConfigurationError as error:
            os.write(writable, str(error).encode())
        finally:
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable, encoding="utf-8") as message:
        assert "make a Budget in each process" in message.read()
    os.wait()
    assert cheap.journal.count("submit") == 0


# With a ledger ------------------------------------------------------------------------------------


def test_the_jobs_of_earlier_runs_count_before_anything_is_submitted(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path
) -> None:
    call(collage.map, rows("1:1", "2:1"), ledger=ledger, max_cost=0.02)
    cheap.emulate("unit-price=0.02")  # what it costs now
    budget = Budget(0.06)
    batch = rows("3:1", "4:1", "1:1", "2:1")  # those that are done come last
    outcomes = call(collage.map, batch, ledger=ledger, max_cost=budget, concurrency=1)
    assert [outcome.error is None for outcome in outcomes] == [True, False, True, True]
    assert spent(budget) == "0.06 USD"
    assert cheap.journal.count("submit") == 3
    # A larger budget submits what was refused, and nothing twice.
    assert not refused(call(collage.map, batch, ledger=ledger, max_cost=1))
    assert cheap.journal.count("submit") == 4


def test_a_budget_counts_a_job_once_in_several_runs_of_a_ledger(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path
) -> None:
    budget = Budget(1)
    for _ in range(2):
        call(collage.map, rows("1:1", "2:1"), ledger=ledger, max_cost=budget)
    assert spent(budget) == "0.02 USD"


def test_a_job_that_still_runs_counts_with_its_estimate_until_it_is_over(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path
) -> None:
    emulator.emulate("past-cost=0.5, queued=0, running=600")
    (outcome,) = call(collage.map, rows("1:1"), ledger=ledger, client_timeout=0.2)
    assert outcome.error is not None
    (job,) = emulator.queue
    emulator.queue.cancel(job)  # it will end without billing a number of units
    emulator.emulate(AT_ONCE)
    budget = Budget(0.6)
    outcomes = call(collage.map, rows("1:1", "2:1"), ledger=ledger, max_cost=budget)
    assert len(refused(outcomes)) == 1
    assert spent(budget) == "0.5 USD"


def test_an_uncertain_request_counts_with_its_estimate(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path
) -> None:
    cheap.emulate("drop=after; on=submit; times=1")
    call(collage.map, rows("1:1"), ledger=ledger)
    budget = Budget(0.01)
    outcomes = sorted(
        call(collage.map, rows("1:1", "2:1"), ledger=ledger, max_cost=budget),
        key=lambda outcome: outcome.index,
    )
    assert isinstance(outcomes[0].error, SubmissionUncertain)
    assert isinstance(outcomes[1].error, BudgetError)
    assert spent(budget) == "0.01 USD"


def test_finished_requests_come_from_the_ledger_without_the_price(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path
) -> None:
    call(collage.map, rows("1:1"), ledger=ledger)
    cheap.emulate("balance; on=prices")
    outcomes = call(collage.map, rows("1:1", "2:1"), ledger=ledger, max_cost=1)
    assert [outcome.error is None for outcome in sorted(outcomes, key=lambda o: o.index)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("max_cost", [-1, float("nan"), True, "5", Decimal("Infinity")])
def test_a_budget_is_a_number(collage: Collage, max_cost: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_cost should be a Budget or a number from 0"):
        collage.map([], max_cost=max_cost)


def test_numbers_of_other_libraries_are_amounts() -> None:
    class Float64(float):
        """As NumPy has it."""

        def __repr__(self) -> str:
            return f"np.float64({float(self)})"

    assert Budget(Float64(0.1)).limit == Cost(Decimal("0.1"), "USD")
    assert str(Budget(-0.0).limit) == "0 USD"
    assert Budget(10**5000).limit.amount == 10**5000  # too long for Python's `str`


def test_the_parts_of_a_budget_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="limit should be a number of at least 0"):
        Budget(-1)
    with pytest.raises(ConfigurationError, match="currency should be"):
        Budget(1, currency="dollars")
    flag: Any = 1
    with pytest.raises(ConfigurationError, match="allow_unknown should be True or False"):
        Budget(1, allow_unknown=flag)


def test_a_cost_stays_counted_when_prices_can_no_longer_be_looked_up(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path
) -> None:
    budget = Budget(1)
    cheap.emulate("running=600")
    call(collage.map, rows("1:1"), ledger=ledger, max_cost=budget, client_timeout=0.2)
    (job,) = cheap.queue
    cheap.queue.cancel(job)
    cheap.emulate("balance; on=prices")
    call(collage.map, rows("1:1"), ledger=ledger, max_cost=budget)
    assert (spent(budget), budget.unknown) == ("0.01 USD", 0)


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_settled_request_counts_once(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path, is_accepted: bool
) -> None:
    budget = Budget(1)
    cheap.emulate("drop=after; on=submit; times=1")
    (outcome,) = call(collage.map, rows("1:1"), ledger=ledger, max_cost=budget)
    assert isinstance(outcome.error, SubmissionUncertain)
    assert spent(budget) == "0.01 USD"
    (job,) = cheap.queue
    with Ledger(ledger) as opened:
        (uncertain,) = opened.uncertain()
        if is_accepted:
            opened.accept(uncertain.id, job.request_id)
        else:
            opened.send_again(uncertain.id)
    (outcome,) = call(collage.map, rows("1:1"), ledger=ledger, max_cost=budget)
    assert outcome.error is None
    assert spent(budget) == "0.01 USD"


@pytest.mark.parametrize(
    ("faults", "cost"),
    [
        ("drop=after; on=submit; times=1", "0.02 USD"),  # fal may have accepted it
        ("balance; on=submit; times=1", "0.01 USD"),  # it certainly did not
    ],
)
def test_a_request_that_replaces_a_lost_one_counts_beside_it(
    collage: Collage, call: Call, cheap: Emulator, ledger: Path, faults: str, cost: str
) -> None:
    cheap.emulate("running=600")
    call(collage.map, rows("1:1"), ledger=ledger, client_timeout=0.2)
    (job,) = cheap.queue
    cheap.queue.cancel(job)  # now it is over, without a result
    cheap.emulate(f"{AT_ONCE}, {faults}")
    budget = Budget(1)
    (outcome,) = call(collage.map, rows("1:1"), ledger=ledger, retry="failed", max_cost=budget)
    assert outcome.error is not None
    assert cheap.journal.count("submit") == 2
    assert spent(budget) == cost
