"""Random lives of jobs: in whatever order things happen, none is doubled, lost or left running.

The emulator's clock stands still unless a rule moves it, so how each job stands is known exactly.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import MethodType
from typing import Any, NamedTuple, cast

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import (
    ClientTimeoutError,
    Completed,
    Fal,
    FalError,
    Handle,
    InfrastructureError,
    ModelError,
    NotFoundError,
    RateLimitError,
    Request,
    SubmissionUncertain,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from .collage import Collage, Output
from .conftest import KEY
from .meddling import Meddler
from .odd import ANSWERS
from .scripted import Answer
from .tuned import IMPATIENT, tuned_client
from .waiting import until

RUN = 100.0
"""Seconds, on the emulator's clock, from a job's submission to its end."""

# How a job ends that nobody cancels, by the directive that brings it about.
ENDINGS: dict[str, type[object]] = {
    "logs=3": Output,
    "model-error": ModelError,
    "infrastructure-error": InfrastructureError,
    "expired": NotFoundError,
}

# What becomes of a submission that is not made again: its error, and the jobs that it starts.
DEFEATS: dict[str, tuple[type[FalError], int]] = {
    "drop=before": (SubmissionUncertain, 0),
    "drop=after": (SubmissionUncertain, 1),
    "truncate": (SubmissionUncertain, 1),
    "proxy-error=503": (SubmissionUncertain, 0),
    "refuse=internal_error": (InfrastructureError, 0),
    "rate-limit=3600": (RateLimitError, 0),
}

# What happens to one request out of several, of which no caller hears.
HICCUPS = [
    f"{fault}; on={operation}; times=1"
    for fault in ("drop=before", "drop=after", "truncate", "proxy-error=502", "rate-limit=0")
    for operation in ("status", "events", "result", "cancel")
]

ways = st.sampled_from(["blocking", "async"])
endings = st.sampled_from(sorted(ENDINGS))
hiccups = st.lists(st.sampled_from(HICCUPS), max_size=3, unique=True).map(", ".join)


class Subscription(NamedTuple):
    """A job that is waited for in the background."""

    request_id: str
    outcome: Future[Output] | asyncio.Task[Output]


class Lives(RuleBasedStateMachine):
    """Jobs, what is done with them, and what goes wrong meanwhile."""

    handles: Bundle[Handle[Output]] = Bundle("handles")
    subscriptions: Bundle[Subscription] = Bundle("subscriptions")

    def __init__(
        self,
        emulator: Emulator,
        client: Fal,
        loop: asyncio.AbstractEventLoop,
        meddler: Meddler,
    ) -> None:
        super().__init__()
        self.meddler = meddler
        emulator.reset()
        emulator.queue.clock = lambda: self.now
        self.emulator, self.loop = emulator, loop
        self.threads = ThreadPoolExecutor(32)
        self.endpoint = Collage(client)
        self.now = 0.0
        self.calls = 0
        self.endings: dict[str, type[object]] = {}
        """How each job ends whose id was made known."""
        self.waited_for: dict[str, Subscription] = {}
        self.left: set[str] = set()
        """Those that nobody waits for or has a handle of any more."""
        self.orphans = 0
        """Jobs whose id nobody was told, because the answer was lost."""

    @rule(target=handles, way=ways, ending=endings, hiccups=hiccups, busy=st.integers(0, 2))
    def submit(self, way: str, ending: str, hiccups: str, busy: int) -> Handle[Output]:
        if busy:
            self.emulator.emulate(f"rate-limit=0; on=submit; times={busy}")
        request, options = self.new_call(ending, hiccups)
        handle: Handle[Output] = self.do(way, request.submit, **options)
        self.endings[handle.request_id] = ENDINGS[ending]
        return handle

    @rule(
        way=ways,
        fault=st.sampled_from(sorted(DEFEATS)),
        method=st.sampled_from(["submit", "subscribe"]),
    )
    def submit_in_vain(self, way: str, fault: str, method: str) -> None:
        error, jobs = DEFEATS[fault]
        request, options = self.new_call(f"{fault}; on=submit")
        with pytest.raises(error):
            self.do(way, getattr(request, method), **options)
        self.orphans += jobs

    @rule(target=handles, handle=handles)
    def attach_again(self, handle: Handle[Output]) -> Handle[Output]:
        return self.endpoint.handle(handle.request_id)

    @rule(way=ways, handle=handles, with_logs=st.booleans())
    def look(self, way: str, handle: Handle[Output], with_logs: bool) -> None:
        status = self.do(way, handle.status, with_logs=with_logs)
        assert isinstance(status, Completed) == self.is_over(handle.request_id)

    @rule(handle=handles)
    def watch_a_little(self, handle: Handle[Output]) -> None:
        events = cast("Generator[object, None, None]", handle.events(with_logs=True))
        next(events)
        events.close()

    @rule(way=ways, handle=handles)
    def fetch(self, way: str, handle: Handle[Output]) -> None:
        if self.is_over(handle.request_id):
            self.check_ending(handle.request_id, lambda: self.do(way, handle.result))
        else:
            with pytest.raises(ClientTimeoutError):
                self.do(way, handle.result, client_timeout=0.02)
            assert not self.is_over(handle.request_id)

    @rule(way=ways, handle=handles)
    def cancel(self, way: str, handle: Handle[Output]) -> None:
        was_over = self.is_over(handle.request_id)
        said = self.do(way, handle.cancel)
        # When the first answer is lost, the second one says that the job is over already.
        assert not (said and was_over)
        self.note_cancellation(handle.request_id, was_over)

    @rule(
        way=ways,
        handle=handles,
        odd=ANSWERS,
        method=st.sampled_from(["status", "result", "events", "cancel"]),
    )
    def be_answered_oddly(self, way: str, handle: Handle[Output], odd: Answer, method: str) -> None:
        was_over = self.is_over(handle.request_id)
        if method == "events" and not was_over:
            method = "status"
        options = {"client_timeout": 0.02} if method == "result" else {}
        self.meddler.fits = lambda request: handle.request_id in str(request.url)
        self.meddler.answer = odd
        try:
            outcome = self.do(way, getattr(handle, method), **options)
            if isinstance(outcome, Iterator):
                list(outcome)
        except FalError as error:
            assert error.request_id == handle.request_id
        self.meddler.answer = None
        if self.is_over(handle.request_id):  # a second attempt to cancel it came through
            self.note_cancellation(handle.request_id, was_over)

    @rule(way=ways, odd=ANSWERS, method=st.sampled_from(["submit", "subscribe"]))
    def be_answered_oddly_at_once(self, way: str, odd: Answer, method: str) -> None:
        if odd.status == 429:  # after which it is submitted again
            return
        request, options = self.new_call()
        number = str(self.calls)
        self.meddler.fits = lambda request: request.headers.get("x-call") == number
        self.meddler.answer = odd
        if method == "subscribe":  # so that a mistake ends the test, rather than a wait
            options["client_timeout"] = 20
        with suppress(FalError):
            self.do(way, getattr(request, method), **options)
        assert self.meddler.has_answered
        assert not self.submissions()[number]

    @rule(target=subscriptions, way=ways, ending=endings, hiccups=hiccups)
    def subscribe(self, way: str, ending: str, hiccups: str) -> Subscription:
        ids: list[str] = []
        request, options = self.new_call(ending, hiccups, on_enqueue=ids.append)
        subscription: Future[Output] | asyncio.Task[Output]
        if way == "blocking":
            subscription = self.threads.submit(request.subscribe, **options)
        else:
            subscription = self.run(started(request.subscribe_async(**options)))
        until(lambda: bool(ids))
        self.endings[ids[0]] = ENDINGS[ending]
        self.waited_for[ids[0]] = Subscription(ids[0], subscription)
        return self.waited_for[ids[0]]

    @rule(subscription=consumes(subscriptions))
    def wait(self, subscription: Subscription) -> None:
        if not self.is_over(subscription.request_id):
            self.now += RUN
        self.check_ending(subscription.request_id, lambda: self.outcome(subscription))
        self.leave(subscription)

    @rule(subscription=consumes(subscriptions))
    def interrupt(self, subscription: Subscription) -> None:
        if isinstance(subscription.outcome, asyncio.Task):
            was_over = self.is_over(subscription.request_id)
            interrupted_ = self.run(interrupted(subscription.outcome))
            assert interrupted_ or was_over
            self.note_cancellation(subscription.request_id, was_over)
            self.leave(subscription)
        else:
            self.wait(subscription)  # another thread cannot be interrupted

    @rule(way=ways, callback=st.sampled_from(["on_enqueue", "on_queue_update"]), hiccups=hiccups)
    def interrupt_in_a_callback(self, way: str, callback: str, hiccups: str) -> None:
        def interrupt(_: object) -> None:
            raise InterruptedError

        request, options = self.new_call(hiccups, **{callback: interrupt})
        with self.one_job_left(), pytest.raises(InterruptedError):
            self.do(way, request.subscribe, **options)

    @rule(method=st.sampled_from(["submit_async", "subscribe_async"]))
    def interrupt_the_submission(self, method: str) -> None:
        request, options = self.new_call("delay=0.01; on=submit")
        with self.one_job_left():
            task = self.run(started(getattr(request, method)(**options)))
            until(lambda: self.submissions()[str(self.calls)] == 1)
            if not self.run(interrupted(task)):  # it was submitted before
                task.result().cancel()

    @rule(seconds=st.sampled_from([RUN / 4, RUN]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def none_is_submitted_twice(self) -> None:
        assert set(self.submissions().values()) <= {1}

    @invariant()
    def none_is_lost(self) -> None:
        assert self.ids() >= set(self.endings)
        assert len(self.ids()) - len(self.endings) == self.orphans

    @invariant()
    def none_is_left_running(self) -> None:
        assert all(map(self.is_over, self.left))

    def teardown(self) -> None:
        for subscription in tuple(self.waited_for.values()):
            self.wait(subscription)
        self.threads.shutdown()

    def new_call(self, *faults: str, **options: Any) -> tuple[Request[Output], dict[str, Any]]:
        """Return a request, and the options with which to send it."""
        self.calls += 1
        told = ", ".join(["queued=50, running=50", *filter(None, faults)])
        headers = {"X-Call": str(self.calls), "X-Emulate": told}
        return self.endpoint(layers=[]), {"headers": headers, **options}

    def do(self, way: str, method: Callable[..., Any], **options: Any) -> Any:
        """Call a method, or its `_async` twin on the event loop."""
        if way == "blocking":
            return method(**options)
        bound = cast("MethodType", method)
        twin = getattr(bound.__self__, f"{bound.__name__}_async")(**options)
        return self.run(drained(twin) if isinstance(twin, AsyncIterator) else twin)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return the result of a coroutine on the event loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=20)

    def outcome(self, subscription: Subscription) -> Output:
        """Wait for what comes of a subscription."""
        if isinstance(subscription.outcome, asyncio.Task):
            output: Output = self.run(finished(subscription.outcome))
            return output
        return subscription.outcome.result(timeout=20)

    def check_ending(self, request_id: str, outcome: Callable[[], object]) -> None:
        """Check that a job ends as it has to."""
        ending = self.endings[request_id]
        if issubclass(ending, FalError):
            with pytest.raises(ending) as error:
                outcome()
            assert error.value.request_id == request_id
        else:
            assert isinstance(outcome(), ending)

    def note_cancellation(self, request_id: str, was_over: bool) -> None:
        """Check that a job is over, and note how it ends now if it was not."""
        assert self.is_over(request_id)
        if not was_over and self.endings[request_id] is not NotFoundError:
            self.endings[request_id] = InfrastructureError

    def leave(self, subscription: Subscription) -> None:
        """Note that nobody waits for a job any more."""
        del self.waited_for[subscription.request_id]
        self.left.add(subscription.request_id)

    @contextmanager
    def one_job_left(self) -> Generator[None, None, None]:
        """Check that one job is submitted meanwhile, and left to nobody."""
        before = self.ids()
        yield
        (request_id,) = self.ids() - before
        self.endings[request_id] = InfrastructureError
        self.left.add(request_id)

    def ids(self) -> set[str]:
        """Return the ids of all jobs that were accepted."""
        return {job.request_id for job in self.emulator.queue}

    def is_over(self, request_id: str) -> bool:
        """Tell whether a job is neither queued nor running."""
        return request_id not in {job.request_id for job in self.emulator.queue.unfinished()}

    def submissions(self) -> Counter[str]:
        """Count, for each call, the submissions that were not turned away as one too many."""
        submitted = self.emulator.journal.select("submit")
        return Counter(entry.headers["x-call"] for entry in submitted if entry.status != 429)


async def started(coroutine: Coroutine[Any, Any, Output]) -> asyncio.Task[Output]:
    return asyncio.create_task(coroutine)


async def finished(task: asyncio.Task[Output]) -> Output:
    return await task


async def drained(items: AsyncIterator[object]) -> list[object]:
    return [item async for item in items]


async def interrupted(task: asyncio.Task[Any]) -> bool:
    """Cancel a task, wait for its end, and tell whether that came of it."""
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


@pytest.fixture
def meddler() -> Meddler:
    return Meddler()


@pytest.fixture
def client(emulator: Emulator, meddler: Meddler) -> Iterator[Fal]:
    with meddler.client() as http_client:
        yield tuned_client(
            IMPATIENT,
            key=KEY,
            base_url=emulator.base_url,
            http_client=http_client,
            async_http_client=meddler.async_client(),
        )


@pytest.fixture
def loop(client: Fal) -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    asyncio.run_coroutine_threadsafe(client.aclose(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.exhaustive
def test_no_job_is_doubled_lost_or_left_running(
    emulator: Emulator,
    client: Fal,
    loop: asyncio.AbstractEventLoop,
    meddler: Meddler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emulator.queue, "clock", emulator.queue.clock)  # to be put back

    def lives() -> Lives:
        return Lives(emulator, client, loop, meddler)

    machine: Any = lives  # Hypothesis annotates it as a class, and accepts any callable
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=30, stateful_step_count=20, deadline=None),
    )
