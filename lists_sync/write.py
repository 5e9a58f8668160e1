"""Make a plan's changes through the outbox: intention committed, call, answer committed.

An update carries the eTag it was planned against, so a person's edit is never overwritten. A new row has a
unique key in the service itself, so making it twice is impossible; after an unknown outcome it is looked up
by that key first. Nothing here decides what to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lists_sync.model import Answer, Answered, Change
from lists_sync.outbox import Entry, Outbox

if TYPE_CHECKING:
    from lists_sync.connect.batch import Op, Reply
    from lists_sync.connect.workspace import Workspace
    from lists_sync.model import Item
    from lists_sync.stop import Stop

BATCH_COUNT = 20
_CONFLICTS = (409, 412)
_GONE = (404, 410)
_IN_DOUBT = (0, 408, 429, 500, 502, 503, 504)


class Writer:
    """Writes changes for one run.

    Args:
        stop: what tells it to end; it is heeded between two batches.
    """

    def __init__(self, workspace: Workspace, outbox: Outbox, stop: Stop | None = None) -> None:
        self.workspace = workspace
        self.outbox = outbox
        self._stop = stop

    def write(self, run: int, changes: Sequence[Change]) -> list[Answer]:
        """Send every change once and say how each ended, in the order given.

        Returns:
            one answer for each change. CONFLICT means that somebody edited the item, or that the call had
            no effect: read it again and plan again. REFUSED is final for this run.

        Raises:
            StoppedError: the program was told to end; what was sent is answered and noted, the rest planned.
        """
        entries = self.outbox.intend(run, [self._entry(change) for change in changes])
        parts = [slice(start, start + BATCH_COUNT) for start in range(0, len(entries), BATCH_COUNT)]
        answers: list[Answer] = []
        if not parts:
            return answers
        self._heed_stop()
        self.outbox.sending(entries[parts[0]])
        for part, after in zip(parts, [*parts[1:], slice(0, 0)], strict=True):
            ended = self._send(entries[part], changes[part])
            told = [(answer.answered, answer.detail) for answer in ended]
            stopped = self._stop is not None and self._stop.asked
            self.outbox.turn(entries[part], told, [] if stopped else entries[after])
            self._heed_stop()
            answers += ended
        return answers

    def _heed_stop(self) -> None:
        if self._stop is not None:
            self._stop.check()

    def settle(self) -> list[tuple[Entry, Answered]]:
        """Look up every write that an earlier run left in doubt, and drop what it never sent.

        Returns:
            each entry that was in doubt and how it turned out to have ended; a row that was never made,
            or a change that never took effect, ends as CONFLICT and is left to the next plan.
        """
        self.outbox.drop_planned()
        entries = self.outbox.in_doubt()
        ended = [self._look_up(entry)[0] for entry in entries]
        self.outbox.answered(entries, [(answer, "looked up") for answer in ended])
        return list(zip(entries, ended, strict=True))

    def _entry(self, change: Change) -> Entry:
        values = {name: new for name, (_, new) in change.values.items()}
        fields = self.workspace.encode(change.list, values)
        return Entry(0, change.list, change.id, change.key, change.etag, fields, "planned")

    def _op(self, entry: Entry) -> Op:
        if entry.item is None:
            return self.workspace.create_op(entry.list, entry.fields)
        return self.workspace.update_op(entry.list, entry.item, entry.fields, entry.etag)

    def _send(self, entries: Sequence[Entry], changes: Sequence[Change]) -> list[Answer]:
        replies = self.workspace.graph.batch([self._op(entry) for entry in entries])
        return [
            self._answer(entry, change, reply)
            for entry, change, reply in zip(entries, changes, replies, strict=True)
        ]

    def _answer(self, entry: Entry, change: Change, reply: Reply) -> Answer:
        if reply.ok:
            return _done(change, reply.body)
        if reply.status in _IN_DOUBT or (entry.item is None and reply.status in (400, 409)):
            return self._after_look(entry, change, reply)
        if reply.status in _CONFLICTS:
            return Answer(change, Answered.CONFLICT, detail=_code(reply))
        if reply.status in _GONE:
            return Answer(change, Answered.GONE, detail=_code(reply))
        return Answer(change, Answered.REFUSED, detail=_code(reply))

    def _after_look(self, entry: Entry, change: Change, reply: Reply) -> Answer:
        """Tell what an unclear reply came to; a 400 on a new row may mean that the row stands already."""
        answered, item_id, etag = self._look_up(entry)
        if answered is Answered.CONFLICT and reply.status in (400, 409):
            answered = Answered.REFUSED
        return Answer(change, answered, etag=etag, id=item_id, detail=_code(reply))

    def _look_up(self, entry: Entry) -> tuple[Answered, int | None, str]:
        if entry.item is None:
            rows = self._rows_named(entry)
            if not rows:
                return Answered.CONFLICT, None, ""
            return Answered.DONE, rows[0].id, rows[0].etag
        item = self.workspace.item(entry.list, entry.item)
        if item is None:
            return Answered.GONE, entry.item, ""
        if item.etag != entry.etag and not differing(item.fields, entry.fields):
            return Answered.DONE, item.id, item.etag
        return Answered.CONFLICT, item.id, item.etag

    def _rows_named(self, entry: Entry) -> list[Item]:
        """Find the rows that an entry would make: by the unique column, else by reference and Title."""
        schema = self.workspace.schemas[entry.list]
        if schema.unique_column is not None:
            return self.workspace.items_by(entry.list, schema.unique_column.name, entry.key)
        ref = self.workspace.wire(entry.list).name(schema.ref)
        named = self.workspace.items_by(entry.list, schema.ref, str(entry.fields[ref]))
        return [row for row in named if row.fields.get("Title") == entry.fields["Title"]]


def _done(change: Change, body: Any) -> Answer:
    body = body if isinstance(body, Mapping) else {}
    etag = str(body.get("@odata.etag") or body.get("eTag") or "")
    made = str(body.get("id") or "")
    return Answer(change, Answered.DONE, etag=etag, id=int(made) if made.isdigit() else change.id)


def _code(reply: Reply) -> str:
    error = reply.body.get("error") if isinstance(reply.body, Mapping) else None
    code = error.get("code") if isinstance(error, Mapping) else None
    return f"{reply.status} {code or ''}".strip()[:80]


def differing(present: Mapping[str, Any], written: Mapping[str, Any]) -> list[str]:
    """Name the fields that do not hold what was written; an emptied one is absent, or an empty collection."""
    return [
        name
        for name, value in written.items()
        if not name.endswith("@odata.type") and not _stands(present.get(name), value)
    ]


def _stands(present: Any, written: Any) -> bool:
    if written in (None, [], "", False) and not present:
        return True
    if isinstance(written, int | float) and isinstance(present, int | float):
        return float(present) == float(written)
    if isinstance(written, list) and isinstance(present, list):
        return sorted(map(str, present)) == sorted(map(str, written))
    return _one_line_end(str(present)) == _one_line_end(str(written))


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n")
