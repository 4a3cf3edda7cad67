"""The status of a job follows from the time: plain values, without a server or a clock."""

from __future__ import annotations

from fal_codegen.emulator.queue.jobs import (
    RETENTION,
    EmulatedJob,
    JobOutcome,
    JobStatus,
    Queue,
    Schedule,
)

DONE = JobOutcome(200, {})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def queue() -> tuple[Queue, Clock]:
    clock = Clock()
    return Queue(clock), clock


def test_the_places_in_the_queue_are_counted_down() -> None:
    jobs, _ = queue()
    job = jobs.submit("acme/paint", Schedule(queued=4, running=1, ahead=3), DONE)
    positions = [job.status(1000 + second).queue_position for second in (0, 0.9, 1, 2, 3, 3.9)]
    assert positions == [3, 3, 2, 1, 0, 0]
    assert job.status(1004).state == "IN_PROGRESS"
    assert job.status(1005).state == "COMPLETED"


def test_log_lines_come_one_by_one_from_the_start_of_the_run() -> None:
    jobs, _ = queue()
    job = jobs.submit("acme/paint", Schedule(queued=1, running=2, log_lines=2), DONE)
    assert [len(job.status(1000 + at).logs) for at in (0.9, 1, 1.9, 2, 3, 99)] == [0, 1, 1, 2, 2, 2]
    assert job.status(1002).logs[1] == {
        "message": "step 2/2",
        "level": "INFO",
        "source": "USER",
        "timestamp": "1970-01-01T00:16:42+00:00",
    }


def test_what_shows_changes_when_it_says() -> None:
    jobs, _ = queue()
    job = jobs.submit("acme/paint", Schedule(queued=2, running=2, ahead=1, log_lines=2), DONE)
    changes = job.changes()
    assert changes == [1001, 1002, 1002, 1003, 1004]
    for before, after in [(999.9 + at - 1000, at) for at in set(changes)]:
        assert job.status(before) != job.status(after)


def test_a_job_without_durations_is_done_at_once() -> None:
    jobs, clock = queue()
    job = jobs.submit("acme/paint", Schedule(queued=0, running=0, log_lines=2), DONE)
    assert job.status(clock.now).state == "COMPLETED"
    assert len(job.status(clock.now).logs) == 2
    assert jobs.cancel(job) == "ALREADY_COMPLETED"


def test_a_cancelled_job_stands_still() -> None:
    jobs, clock = queue()
    job = jobs.submit("acme/paint", Schedule(queued=1, running=4, log_lines=4), DONE)
    clock.now = 1002.5
    assert jobs.unfinished() == [job]
    assert jobs.cancel(job) == "CANCELLATION_REQUESTED"
    cancelled = found(jobs, job)
    assert jobs.unfinished() == []
    assert cancelled.status(clock.now).state == "COMPLETED"
    assert len(cancelled.status(9999).logs) == 2
    assert cancelled.outcome.error_type == "client_cancelled"
    assert cancelled.outcome.error == "Client cancelled"
    assert jobs.cancel(cancelled) == "ALREADY_COMPLETED"


def test_a_job_that_is_cancelled_while_it_waits_logs_nothing() -> None:
    jobs, clock = queue()
    job = jobs.submit("acme/paint", Schedule(queued=10, running=4, log_lines=4), DONE)
    clock.now += 5
    jobs.cancel(job)
    assert found(jobs, job).status(clock.now) == JobStatus("COMPLETED")


def test_jobs_are_let_go_an_hour_after_they_are_done() -> None:
    jobs, clock = queue()
    old = jobs.submit("acme/paint", Schedule(queued=0, running=10), DONE)
    clock.now += 10 + RETENTION - 1
    jobs.submit("acme/paint", Schedule(queued=0, running=0), DONE)
    assert jobs.find("acme/paint", old.request_id) == old
    clock.now += 1
    jobs.submit("acme/paint", Schedule(queued=0, running=0), DONE)
    assert jobs.find("acme/paint", old.request_id) is None
    assert len(jobs) == 2


def found(jobs: Queue, job: EmulatedJob) -> EmulatedJob:
    now = jobs.find(job.endpoint_id, job.request_id)
    assert now is not None
    return now
