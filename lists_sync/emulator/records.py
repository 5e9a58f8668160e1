"""What the workspace holds: sites, lists, columns, views, items, users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Site:
    """A site collection with its one web; `path` is server-relative (`/sites/governance`)."""

    id: str
    web_id: str
    path: str
    title: str
    time_zone: str
    created_at: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass
class Column:
    """A column of a list.

    Args:
        kind: text note number yesno date datetime choice choices person hyperlink lookup computed.
        default: as SharePoint keeps it, text: "1" or "0" for yes/no; None for none.
        many: a person or lookup column that takes several.
        facet: further members of the Graph facet, kept as they were sent.
        formatter: the CustomFormatter JSON, "" for none.
        bot: whether its schema says that the bot writes it; people's forms leave it out.
    """

    id: str
    name: str
    kind: str
    display_name: str = ""
    description: str = ""
    required: bool = False
    indexed: bool = False
    unique: bool = False
    hidden: bool = False
    read_only: bool = False
    choices: list[str] = field(default_factory=list)
    fill_in: bool = False
    default: str | None = None
    many: bool = False
    max_length: int = 255
    formatter: str = ""
    group: str = "Custom Columns"
    facet: dict[str, Any] = field(default_factory=dict)
    bot: bool = False


@dataclass
class View:
    """A view of a list; `query` is CAML, `formatter` the view's CustomFormatter JSON."""

    id: str
    title: str
    fields: list[str]
    query: str = ""
    row_limit: int = 30
    paged: bool = True
    default: bool = False
    personal: bool = False
    formatter: str = ""
    view_type: str = "HTML"
    view_type2: str = ""


@dataclass(slots=True)
class Version:
    """A past version of an item."""

    number: int
    fields: dict[str, Any]
    modified_at: str
    editor_id: int


@dataclass(slots=True)
class FileInfo:
    """The file behind a library item; a folder has no content. `folder` is its parent, "" the root."""

    name: str
    folder: str = ""
    size: int = 0
    counter: int = 1
    is_folder: bool = False
    sha: str = ""

    @property
    def path(self) -> str:
        """The path below the library's root, no leading slash."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


@dataclass(slots=True)
class Item:
    """An item; `fields` are canonical values by internal name, empty ones absent.

    Canonical: text, note, choice and dates are str (dates `YYYY-MM-DDTHH:MM:SSZ`, a date-only value the
    site's midnight); number int or float; yesno bool; choices list of str; person the site's lookup id
    (several: a list of ids); hyperlink {"Description", "Url"}.
    """

    id: int
    unique_id: str
    fields: dict[str, Any]
    created_at: str
    modified_at: str
    author_id: int
    editor_id: int
    counter: int = 1
    number: int = 1
    versions: list[Version] = field(default_factory=list)
    file: FileInfo | None = None

    @property
    def etag(self) -> str:
        """The quoted eTag: unique id and counter."""
        return f'"{self.unique_id},{self.counter}"'


@dataclass
class WorkList:
    """A list or library with its columns, views and items.

    Args:
        url_name: its part of the address, fixed at creation.
        key: the schema key it was loaded under, "" for others.
        counter: goes up with each change of the list's own definition.
    """

    id: str
    site_id: str
    title: str
    url_name: str
    created_at: str
    modified_at: str
    template: str = "genericList"
    description: str = ""
    key: str = ""
    hidden: bool = False
    system: bool = False
    counter: int = 1
    next_id: int = 1
    columns: dict[str, Column] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    items: dict[int, Item] = field(default_factory=dict)

    @property
    def is_library(self) -> bool:
        """Whether it holds files."""
        return self.template == "documentLibrary"

    @property
    def etag(self) -> str:
        """The quoted eTag of the list's definition."""
        return f'"{self.id},{self.counter}"'


@dataclass(slots=True)
class Change:
    """A line of a list's change log; `kind` is add, update, delete or system."""

    seq: int
    list_id: str
    item_id: int
    kind: str
    at: str
    unique_id: str
    editor_id: int


@dataclass
class User:
    """An account of the directory; `upn` is also its sign-in name."""

    id: str
    upn: str
    email: str
    name: str
    enabled: bool = True


@dataclass(frozen=True)
class Actor:
    """Who makes a change: a person (by e-mail or UPN), or an app (by client id)."""

    email: str = ""
    app_id: str = ""


SYSTEM = Actor()
"""The system account."""
