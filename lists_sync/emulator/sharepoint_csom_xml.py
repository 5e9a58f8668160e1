"""What a ProcessQuery request says: its actions, its object paths, and the values they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from lists_sync.emulator.sharepoint_wire import INVALID_QUERY, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lists_sync.emulator.errors import EmulatedError

_NAMESPACE = "{http://schemas.microsoft.com/sharepoint/clientquery/2009}"
_READERS: dict[str, Callable[[str], Any]] = {
    "Null": lambda _text: None,
    "Boolean": lambda text: text.strip().lower() in {"true", "1"},
    **dict.fromkeys(("Int16", "Int32", "Int64", "Byte", "UInt32"), int),
    **dict.fromkeys(("Number", "Double", "Single", "Decimal"), float),
    **dict.fromkeys(("String", "DateTime", "Guid", "Enum"), str),
}


@dataclass(frozen=True)
class Action:
    """One step of a request; `arguments` are pairs of a method's parameters, one after the other."""

    kind: str
    name: str
    number: int
    path: str
    arguments: list[list[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class ObjectPath:
    """How an object is reached: by identity, or as a property of another."""

    kind: str
    name: str
    parent: str


@dataclass(frozen=True)
class Request:
    """A request's actions in their order, and its object paths by id."""

    actions: list[Action]
    paths: Mapping[str, ObjectPath]


def bad_request(message: str) -> EmulatedError:
    """Give the refusal of a request that cannot be read."""
    return refused(400, -1, INVALID_QUERY, message)


def read_request(raw: bytes) -> Request:
    """Read a request; a document type, and with it any entity of its own, is refused.

    Raises:
        EmulatedError: it is no such request.
    """
    try:
        text = raw.decode("utf-8-sig")
        if "<!DOCTYPE" in text:
            raise bad_request("The request must not contain a document type.")
        root = ET.fromstring(text)  # noqa: S314 - no document type, so no entities
        if root.tag != f"{_NAMESPACE}Request":
            raise bad_request("The request is no client query.")
        actions = [_action(node) for node in root.findall(f"{_NAMESPACE}Actions/*")]
        paths = {
            node.get("Id", ""): ObjectPath(_local(node), node.get("Name", ""), node.get("ParentId", ""))
            for node in root.findall(f"{_NAMESPACE}ObjectPaths/*")
        }
    except (UnicodeDecodeError, ET.ParseError, ValueError) as problem:
        raise bad_request("The request is not well-formed.") from problem
    return Request(actions, paths)


def _local(node: ET.Element) -> str:
    return node.tag.removeprefix(_NAMESPACE)


def _action(node: ET.Element) -> Action:
    # Some tools put the pairs of several columns into one method.
    arguments = [[_value(one) for one in block] for block in node.findall(f"{_NAMESPACE}Parameters")]
    number = int(node.get("Id", ""))
    return Action(_local(node), node.get("Name", ""), number, node.get("ObjectPathId", ""), arguments)


def _value(node: ET.Element) -> Any:
    kind = node.get("Type", "")
    if kind == "Array":
        return [_value(one) for one in node]
    if kind in _READERS:
        return _READERS[kind](node.text or "")
    if node.get("TypeId"):
        return {one.get("Name", ""): _value(one) for one in node.findall(f"{_NAMESPACE}Property")}
    raise bad_request(f"A parameter of the type '{kind}' cannot be read.")
