"""Makes what a plan lists, one schema write at a time, because SharePoint refuses two at once."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lists_sync.errors import ConflictError, DriftError, MissingError, ProtocolError, UnavailableError
from lists_sync.provision.columns import definition
from lists_sync.provision.look import current_plan
from lists_sync.provision.plan import Act, ProvisionPlan, Step
from lists_sync.provision.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lists_sync.connect.answers import ListRef
    from lists_sync.connect.workspace import Workspace

ATTEMPTS_COUNT = 5
ROUNDS_COUNT = 3
FIRST_WAIT_S = 0.5


@dataclass(frozen=True)
class Applied:
    """How it ended.

    Args:
        done: steps made, in order.
        failed: steps that SharePoint refused, each with why.
        left: what a fresh look still finds missing.
    """

    done: tuple[Step, ...]
    failed: tuple[tuple[Step, str], ...]
    left: ProvisionPlan


def apply(
    workspace: Workspace,
    *,
    tell: Callable[[Step], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Applied:
    """Make everything that is missing; a half-done earlier apply is carried on.

    After it nothing is missing but what `failed` and the conflicts name: a second call makes nothing. A step
    that fails stops neither the others nor a later call. What was made is looked at again, so a part that
    SharePoint passed over is made in the next round.

    Args:
        workspace: with the schemas that it is brought up to.
        tell: is called after each step that was made.
        sleep: waits where SharePoint is busy with another change.

    Raises:
        AdministratorError: the app may not do this at all, or a site is not there.
        UnavailableError: the service failed for a while; call again later.
    """
    done: list[Step] = []
    failed: dict[Step, str] = {}
    plan = current_plan(workspace)
    for _ in range(ROUNDS_COUNT):
        todo = [step for step in plan.steps if step not in failed and step not in done]
        if not todo:
            break
        for step in todo:
            if why := _Maker(workspace, step, sleep).carry_out():
                failed[step] = why
            else:
                done.append(step)
                tell(step)
        plan = current_plan(workspace)
    failed |= {step: "SharePoint accepted it, but it is not there." for step in plan.steps if step in done}
    return Applied(tuple(done), tuple(failed.items()), plan)


class _Maker:
    """Carries out one step."""

    def __init__(self, workspace: Workspace, step: Step, sleep: Callable[[float], None]) -> None:
        self._workspace = workspace
        self._step = step
        self._sleep = sleep
        self._schema = workspace.schemas[step.list]

    def carry_out(self) -> str:
        """Make it; give why it was refused, "" where it is made."""
        make = {
            Act.MAKE_LIST: self._make_list,
            Act.FREE_TITLE: self._free_title,
            Act.ADD_COLUMN: self._add_column,
            Act.ADD_CHOICES: self._add_choices,
            Act.INDEX: self._index,
            Act.UNIQUE: self._unique,
            Act.ADD_VIEW: self._add_view,
        }[self._step.act]
        try:
            self._patiently(make)
        except (ProtocolError, MissingError, ConflictError, DriftError) as error:
            return error.message
        return ""

    def _patiently(self, make: Callable[[], None]) -> None:
        """Make it, again after a wait where SharePoint was busy with another change of the same list."""
        wait_s = FIRST_WAIT_S
        for _ in range(ATTEMPTS_COUNT - 1):
            try:
                return make()
            except ConflictError:
                self._sleep(wait_s)
                wait_s *= 2
        return make()

    def _make_list(self) -> None:
        schema = self._schema
        asked = {
            "displayName": schema.title,
            "columns": [definition(column) for column in schema.columns if column.name != "Title"],
            "list": {"template": "documentLibrary" if schema.library else "genericList"},
        }
        self._create(f"/sites/{self._workspace.site(schema.store).id}/lists", asked, self._has_list)

    def _free_title(self) -> None:
        self._change({"required": False})

    def _add_column(self) -> None:
        # Under a mapping the column may bear another name than in the schema.
        column = replace(self._schema.columns[self._step.place], name=self._step.name)
        self._create(f"{self._path()}/columns", definition(column), self._has_column)

    def _add_choices(self) -> None:
        """Add the words behind those that stand there now, which may be more than when it was planned."""
        choice = dict(self._fresh().columns[self._step.name].get("choice") or {})
        offered = list(choice.get("choices") or [])
        choice["choices"] = offered + [word for word in self._step.words if word not in offered]
        self._change({"choice": choice})

    def _index(self) -> None:
        self._change({"indexed": True})

    def _unique(self) -> None:
        self._change({"indexed": True, "enforceUniqueValues": True})

    def _add_view(self) -> None:
        view = VIEWS[self._step.list][self._step.place]
        door = self._workspace.sharepoint(self._schema.store)
        door.post(f"web/lists(guid'{self._ref().id}')/views/add", view.body())

    def _create(self, path: str, asked: Mapping[str, Any], there: Callable[[], bool]) -> None:
        """Create it; where somebody did so first, or the answer was lost, look before it counts as failed."""
        try:
            self._workspace.graph.send("POST", path, asked)
        except (DriftError, ProtocolError, UnavailableError):
            if not there():
                raise
        self._workspace.sites.forget()

    def _change(self, asked: Mapping[str, Any]) -> None:
        columns, name = self._ref().columns, self._step.name
        if name not in columns:
            raise MissingError("The column is not there.")
        self._workspace.graph.send("PATCH", f"{self._path()}/columns/{columns[name]['id']}", asked)

    def _has_list(self) -> bool:
        try:
            return bool(self._fresh().id)
        except MissingError:
            return False

    def _has_column(self) -> bool:
        return self._step.name in self._fresh().columns

    def _path(self) -> str:
        ref = self._ref()
        return f"/sites/{ref.site_id}/lists/{ref.id}"

    def _ref(self) -> ListRef:
        return self._workspace.list_ref(self._step.list)

    def _fresh(self) -> ListRef:
        self._workspace.sites.forget()
        return self._ref()
