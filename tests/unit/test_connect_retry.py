"""The decision whether a call is tried again, as laws over every failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from lists_sync.connect import retry
from lists_sync.connect.pace import Pace
from lists_sync.connect.retry import Failure, decide

NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
statuses = st.sampled_from(
    [0, 400, 401, 403, 404, 408, 409, 410, 412, 422, 423, 429, 500, 502, 503, 504, 507]
)
waits = st.none() | st.floats(0, 300)
failures = st.builds(
    Failure, statuses, st.sampled_from(["", "generalException", "-2147024860", "invalidRequest"]), waits
)
chances = st.floats(0, 1, exclude_max=True)


@given(failures, st.booleans(), st.integers(1, 20), st.floats(0, 2000), chances)
def test_wait_is_never_shorter_than_asked(failure, repeatable, attempt, spent, chance):
    """Whatever else holds, a retry never comes before the time that the service named."""
    decision = decide(failure, repeatable=repeatable, attempt=attempt, spent_s=spent, chance=chance)
    if not decision.stop and failure.retry_after_s is not None:
        assert decision.wait_s >= failure.retry_after_s


@given(failures, st.booleans(), st.integers(1, 20), st.floats(0, 2000), chances)
def test_no_wait_exceeds_the_budget(failure, repeatable, attempt, spent, chance):
    """What a run waits for the service in all stays within its budget."""
    decision = decide(failure, repeatable=repeatable, attempt=attempt, spent_s=spent, chance=chance)
    if not decision.stop:
        assert spent + decision.wait_s <= retry.BUDGET_S


@given(failures, st.integers(1, 20), chances)
def test_post_is_repeated_only_where_nothing_was_done(failure, attempt, chance):
    """A call that may not be doubled is tried again only on 429, or on 503 with a time to wait."""
    decision = decide(failure, repeatable=False, attempt=attempt, spent_s=0, chance=chance)
    if not decision.stop:
        assert failure.status == 429 or (failure.status == 503 and failure.retry_after_s is not None)


@given(failures, st.booleans(), chances)
def test_every_call_ends(failure, repeatable, chance):
    """Whatever fails, there is an attempt after which it is given up."""
    attempts = range(1, 12)
    assert any(
        decide(failure, repeatable=repeatable, attempt=n, spent_s=0, chance=chance).stop for n in attempts
    )


@given(st.sampled_from([400, 401, 403, 404, 409, 410, 412, 422, 423, 507]), st.booleans(), waits)
def test_refusals_are_final(status, repeatable, wait):
    """An answer that says no is never argued with."""
    assert decide(Failure(status, "", wait), repeatable=repeatable, attempt=1, spent_s=0, chance=0.5).stop


@given(st.integers(1, 40), chances)
def test_jitter_is_capped_at_a_minute(attempt, chance):
    """Where the service names no time, the wait lies between nothing and a minute."""
    assert 0 <= retry.backoff_s(attempt, chance) <= 60


def test_permanent_500_of_sharepoint_is_final():
    """The list view threshold comes as a 500 and is not tried again."""
    threshold = Failure(500, "-2147024860")
    assert decide(threshold, repeatable=True, attempt=1, spent_s=0, chance=0.5).stop


def test_endless_429_is_said_as_such():
    """Eight refusals of one call for its rate are called endless."""
    decision = decide(Failure(429), repeatable=True, attempt=8, spent_s=0, chance=0.5)
    assert decision is retry.ENDLESS


def test_too_long_a_wait_is_a_matter_of_budget():
    """A Retry-After longer than the run may wait stops the call at once."""
    decision = decide(Failure(429, "", 3600), repeatable=True, attempt=1, spent_s=0, chance=0.5)
    assert decision is retry.BUDGET


@given(st.integers(0, 100_000))
def test_whole_seconds_are_read(seconds):
    """Retry-After as a whole number is that many seconds."""
    assert retry.asked_s({"retry-after": str(seconds)}, NOW) == seconds


def test_decimal_seconds_are_read():
    """Graph has sent decimals, which are kept."""
    assert retry.asked_s({"retry-after": "2.128"}, NOW) == 2.128


@given(st.integers(-5000, 5000))
def test_date_form_is_read(seconds):
    """Retry-After as a date is the time until then, and none at all once it has passed."""
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry.asked_s({"retry-after": header}, NOW) == max(0, seconds)


@given(st.text(max_size=30))
def test_any_text_is_survived(text):
    """A Retry-After that means nothing is as good as none, and never a negative or endless wait."""
    wait = retry.asked_s({"retry-after": text}, NOW)
    assert wait is None or 0 <= wait < float("inf")


@given(st.integers(0, 600), st.integers(0, 600))
def test_greater_of_the_two_waits_counts(asked, reset):
    """Beside a spent RateLimit the longer of the two times is waited."""
    headers = {"retry-after": str(asked), "ratelimit-remaining": "0", "ratelimit-reset": str(reset)}
    assert retry.asked_s(headers, NOW) == max(asked, reset)


def test_rate_limit_with_allowance_left_asks_nothing():
    """A RateLimit that is not used up makes nobody wait."""
    assert retry.asked_s({"ratelimit-remaining": "120", "ratelimit-reset": "5"}, NOW) is None


class _Clock:
    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds

    def ticks(self):
        return self.now


def test_hold_stops_everybody_until_its_end():
    """After one thread was told to wait, any thread's next call starts only then."""
    clock = _Clock()
    pace = Pace(clock.sleep, clock.ticks)
    pace.hold(9)
    pace.await_turn()
    assert clock.now >= 9


def test_overlapping_holds_are_counted_once():
    """Twenty threads told to wait the same ten seconds spend ten seconds of the budget."""
    clock = _Clock()
    pace = Pace(clock.sleep, clock.ticks)
    for _ in range(20):
        pace.hold(10)
    assert pace.spent_s == 10


def test_shorter_hold_does_not_end_a_longer_one():
    """A second answer with a shorter wait leaves the longer one standing."""
    clock = _Clock()
    pace = Pace(clock.sleep, clock.ticks)
    pace.hold(30)
    pace.hold(5)
    pace.await_turn()
    assert clock.now >= 30
