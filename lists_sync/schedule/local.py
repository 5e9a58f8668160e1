"""The scheduler of one machine: at each wake it plans, and runs what is due, one slot after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from lists_sync import clock
from lists_sync.context import open_context
from lists_sync.errors import BusyError, ListsSyncError, ServiceError, StoppedError
from lists_sync.mirror.database import open_database
from lists_sync.runner import run_job
from lists_sync.schedule.adopt import adopted, completed_runs
from lists_sync.schedule.ping import Ping
from lists_sync.schedule.slots import Agenda, Slot, make_agenda
from lists_sync.schedule.table import SlotTable, minutes_after
from lists_sync.schedule.told import Once, failed_line, is_worth_a_line, one_line, ran_line

if TYPE_CHECKING:
    from lists_sync.context import Context, Definitions
    from lists_sync.schedule.configuration import Configuration
    from lists_sync.stop import Stop

BUSY = "Another lists-sync is at work on this state just now; what is due waits for it."


class Scheduler:
    """Runs each slot when it comes, once; `work` is one pass, and holds the state only while it runs jobs.

    Args:
        stop: what tells it to end.
        tell: says a line to whoever keeps the machine.
        now: the clock; a rehearsal has its own.
    """

    def __init__(
        self,
        configuration: Configuration,
        stop: Stop,
        tell: Callable[[str], None],
        *,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._configuration = configuration
        self._stop = stop
        self._tell = tell
        self._now = now
        self._once = Once(tell)
        self._ping = Ping(tell)
        self._adopted = False

    def work(self) -> None:
        """Run what is due; whatever keeps it from that is told once and tried again at the next wake.

        Raises:
            StoppedError: the program was told to end; what was not finished stays to be done.
        """
        files = self._configuration.current()
        try:
            with _slots(files, self._now()) as table:
                if self._agenda(files, table).due:
                    with open_context(files, stop=self._stop) as context:
                        self._run_due(context, table)
        except StoppedError:
            raise
        except BusyError:
            self._once(BUSY)
        except ListsSyncError as fault:
            self._once(f"Nothing can be run just now: {one_line(fault)}")
        except SQLAlchemyError as fault:
            self._once(f"The local state cannot be used just now ({type(fault).__name__}).")
        else:
            self._once.over()

    def _agenda(self, files: Definitions, table: SlotTable) -> Agenda:
        """Note which slots have come and which will never be run; gives what is due."""
        now, calendar = self._now(), files.provider.calendar
        agenda = make_agenda(files.jobs, calendar, now, table.to_plan_from(now, calendar))
        table.save(agenda.changed)
        return agenda

    def _run_due(self, context: Context, table: SlotTable) -> None:
        if not self._adopted:
            self._adopt(context, table)
        while due := self._agenda(context.definitions, table).due:
            self._stop.check()
            by_hand = table.done_by_hand(due[0])
            if by_hand is not None:
                table.save([by_hand])
            else:
                self._run(context, table, due[0])

    def _adopt(self, context: Context, table: SlotTable) -> None:
        """Note as done what the workspace says was run today, by this machine or by another."""
        now, calendar = self._now(), context.definitions.provider.calendar
        today = table.rows(calendar.start_of_day(calendar.local_date(now)))
        table.save(adopted(today, completed_runs(context, now)))
        self._adopted = True

    def _run(self, context: Context, table: SlotTable, slot: Slot) -> None:
        begun, moment = slot.begun(), self._now()
        table.save([begun])
        job = context.definitions.job(slot.job)
        try:
            report = run_job(context, job, slot=slot.at, moment=moment)
        except StoppedError:
            table.save([slot])
            raise
        except ListsSyncError as fault:
            patience_s = (fault.retry_after_s or 0) if isinstance(fault, ServiceError) else 0
            self._fail(context, table, begun.failed(self._now(), at_least_s=patience_s), one_line(fault))
        except Exception as fault:  # noqa: BLE001  # one job's fault must not keep the others from running
            why = f"something failed that was not foreseen ({type(fault).__name__})"
            self._fail(context, table, begun.failed(self._now()), why)
        else:
            table.save([begun.done(run=report.run, late_minutes=minutes_after(slot.at, moment))])
            if is_worth_a_line(job, report):
                self._tell(ran_line(slot, report, context.definitions.provider.calendar.zone))
            self._ping.after(context.definitions.settings, job.name)

    def _fail(self, context: Context, table: SlotTable, failed: Slot, why: str) -> None:
        table.save([failed])
        self._tell(failed_line(failed, why, self._now(), context.definitions.provider.calendar.zone))


@contextmanager
def _slots(files: Definitions, now: datetime) -> Iterator[SlotTable]:
    """Open the table of slots, beside whoever is at work on the same state."""
    settings = files.settings
    engine = open_database(
        settings.database_url or f"sqlite:///{settings.home / 'state.db'}", at=clock.iso(now)
    )
    try:
        yield SlotTable(engine)
    finally:
        engine.dispose()
