"""Atom XML: what SharePoint REST answers to a caller who asks for no JSON."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lists_sync.emulator.sharepoint_wire import Answer, Complex, Entity

ATOM = "application/atom+xml;type=entry;charset=utf-8"
_SPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
)


def atom(answer: Answer, api_url: str) -> bytes:
    """The answer as Atom XML; empty where it has no body."""
    if answer.rows is not None:
        onward = f'<link rel="next" href={quoteattr(answer.next_link)} />' if answer.next_link else ""
        rows = "".join(_entry(row, api_url) for row in answer.rows)
        return _document(f"<feed {_SPACES}>{rows}{onward}</feed>")
    if answer.entity is not None:
        return _document(_entry(answer.entity, api_url))
    if answer.result is not None:
        name, value = answer.result
        return _document(_property(name, value, _SPACES))
    return b""


def _document(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode()


def _entry(entity: Entity, api_url: str) -> str:
    mark = f" m:etag={quoteattr(entity.etag)}" if entity.etag else ""
    props = "".join(_property(name, value) for name, value in entity.props.items())
    content = f'<content type="application/xml"><m:properties>{props}</m:properties></content>'
    kind = f"<category term={quoteattr(entity.kind)} />"
    return f"<entry {_SPACES}{mark}><id>{escape(f'{api_url}/{entity.path}')}</id>{kind}{content}</entry>"


def _property(name: str, value: Any, spaces: str = "") -> str:
    head = f"d:{name} {spaces}".rstrip()
    if value is None:
        return f'<{head} m:null="true" />'
    return f"<{head}>{_inside(value)}</d:{name}>"


def _inside(value: Any) -> str:
    if isinstance(value, Entity | Complex):
        return "".join(_property(name, inner) for name, inner in value.props.items())
    if isinstance(value, dict):
        return "".join(_property(name, inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return "".join(_property("element", inner) for inner in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
