"""Every error below has one above, and none of them says what it must not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import msal
import office365.runtime
import pytest
import requests
import requests.exceptions
from office365.sharepoint import exceptions as sharepoint_exceptions

from lists_sync import errors
from lists_sync.connect import faults
from lists_sync.connect.answers import Reply
from lists_sync.connect.fault_table import BY_CLASS, UNLISTED

CANARY = "Elsie Harcourt eyJ0eXAiOiJKV1Qi"
DOCUMENTED = [
    (400, "invalidRequest", errors.ProtocolError),
    (400, "BadRequest", errors.ProtocolError),
    (401, "InvalidAuthenticationToken", errors.SignInError),
    (401, "unauthenticated", errors.SignInError),
    (403, "accessDenied", errors.ForbiddenError),
    (403, "Authorization_RequestDenied", errors.ForbiddenError),
    (404, "itemNotFound", errors.MissingError),
    (404, "Request_ResourceNotFound", errors.MissingError),
    (409, "nameAlreadyExists", errors.DriftError),
    (409, "resourceModified", errors.ConflictError),
    (410, "resyncRequired", errors.ResyncError),
    (410, "resyncChangesApplyDifferences", errors.ResyncError),
    (410, "resyncChangesUploadDifferences", errors.ResyncError),
    (410, "syncStateNotFound", errors.ResyncError),
    (412, "resourceModified", errors.ConflictError),
    (412, "preconditionFailed", errors.ConflictError),
    (412, "", errors.ConflictError),
    (416, "invalidRange", errors.ProtocolError),
    (422, "notSupported", errors.ProtocolError),
    (423, "notAllowed", errors.ConflictError),
    (423, "locked", errors.ConflictError),
    (429, "activityLimitReached", errors.ThrottledError),
    (429, "TooManyRequests", errors.ThrottledError),
    (500, "generalException", errors.UnavailableError),
    (502, "BadGateway", errors.UnavailableError),
    (503, "serviceNotAvailable", errors.UnavailableError),
    (504, "", errors.UnavailableError),
    (507, "quotaLimitReached", errors.AdministratorError),
    (509, "", errors.ThrottledError),
]
SHAREPOINT = [
    (404, "-1, System.ArgumentException", errors.MissingError),
    (404, "-2130575338, System.ArgumentException", errors.MissingError),
    (404, "-2130575338, Microsoft.SharePoint.SPException", errors.MissingError),
    (404, "-2147024894, System.IO.FileNotFoundException", errors.MissingError),
    (500, "-2130575342, Microsoft.SharePoint.SPException", errors.DriftError),
    (500, "-2146232832, Microsoft.SharePoint.SPException", errors.MissingError),
    (400, "-2146232832, Microsoft.SharePoint.SPException", errors.MissingError),
    (400, "-1, Microsoft.SharePoint.Client.InvalidClientQueryException", errors.ProtocolError),
    (400, "-2147024809, System.ArgumentException", errors.ProtocolError),
    (500, "-2130575169, Microsoft.SharePoint.SPDuplicateValuesFoundException", errors.ProtocolError),
    (500, "-2147024860, Microsoft.SharePoint.SPQueryThrottledException", errors.ProtocolError),
    (403, "-2130575251, Microsoft.SharePoint.SPException", errors.ForbiddenError),
    (409, "-2130575305, Microsoft.SharePoint.SPException", errors.ConflictError),
    (412, "-1, Microsoft.SharePoint.Client.ClientServiceException", errors.ConflictError),
    (423, "-2130575306, Microsoft.SharePoint.SPFileCheckOutException", errors.ConflictError),
    (423, "-2147018894, Microsoft.SharePoint.SPFileLockException", errors.ConflictError),
    (500, "-2130575163, Microsoft.SharePoint.SPListDataValidationException", errors.ProtocolError),
]


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED)
def test_every_documented_code_of_graph_has_its_error(status, code, kind):
    """Each code that Graph documents leads to the family whose member must act, with a next step."""
    body = {"error": {"code": code, "message": CANARY}}
    error = faults.refused(Reply(status, {}, body), "GET /x")
    assert type(error) is kind
    assert error.hint
    assert CANARY not in str(error)


@pytest.mark.parametrize(("status", "code", "kind"), SHAREPOINT)
@pytest.mark.parametrize("member", ["error", "odata.error"])
def test_every_recorded_code_of_sharepoint_has_its_error(status, code, kind, member):
    """SharePoint's code decides, in both forms of its error body, even where its status misleads."""
    body = {member: {"code": code, "message": {"lang": "en-US", "value": CANARY}}}
    error = faults.refused(Reply(status, {}, body), "GET /x")
    assert type(error) is kind
    assert CANARY not in str(error)


@pytest.mark.parametrize("status", [*range(300, 600)])
def test_every_status_has_an_error(status):
    """No refusal is without an error, whatever its status."""
    assert isinstance(faults.refused(Reply(status), "GET /x"), errors.ListsSyncError)


def _exceptions(*modules):
    for module in modules:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                yield kind


def _client_modules():
    yield sharepoint_exceptions
    for found in pkgutil.walk_packages(office365.runtime.__path__, "office365.runtime."):
        if "transport" not in found.name and "converters" not in found.name:
            yield importlib.import_module(found.name)


def _lower_errors():
    found = {*_exceptions(requests.exceptions, msal), *_exceptions(*_client_modules())}
    own = ("requests", "msal", "office365")
    return sorted(
        (kind for kind in found if kind.__module__.split(".")[0] in own), key=lambda kind: kind.__name__
    )


@pytest.mark.parametrize("kind", _lower_errors(), ids=lambda kind: kind.__name__)
def test_no_lower_error_is_unmapped(kind):
    """Every exception class of requests, msal and the client library has a row, its own or a base's."""
    assert any(base.__name__ in BY_CLASS for base in kind.__mro__)


def test_walk_finds_the_lower_errors():
    """The walk above does see the client library, so it cannot pass by finding nothing."""
    assert len(_lower_errors()) > 40


def test_deepest_known_code_decides():
    """Graph's inner codes say more than the outer one."""
    body = {"error": {"code": "notSupported", "innerError": {"date": "x", "code": "tooManyResources"}}}
    assert "more rows" in str(faults.refused(Reply(400, {}, body), "GET /x"))


def test_secret_token_at_sharepoint_names_the_certificate():
    """SharePoint's plain-text refusal of a secret's token leads to a certificate."""
    error = faults.refused(Reply(401, {}, "Unsupported app only token."), "GET /x")
    assert "certificate" in error.hint


def test_resync_carries_the_fresh_address():
    """A gone delta link's error holds the address that the service gave instead."""
    error = faults.refused(Reply(410, {"location": "https://graph/fresh"}), "GET /x")
    assert isinstance(error, errors.ResyncError)
    assert error.location == "https://graph/fresh"


def test_unknown_error_is_still_ours():
    """An error that nobody foresaw is reported in our tree, by its class and not its text."""
    error = faults.failed(OverflowError(CANARY), "GET /x")
    assert error.message == UNLISTED.message
    assert CANARY not in str(error)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://graph.microsoft.com/v1.0/users/elsie%40rosewood.example?$select=x", "GET /v1.0/users/…"),
        (
            "https://h/v1.0/sites/1/lists/2/items?$filter=fields/A eq 'Elsie'",
            "GET /v1.0/sites/1/lists/2/items",
        ),
        (
            "https://h/sites/g/_api/web/lists/getbytitle('Elsie')/items",
            "GET /sites/g/_api/web/lists/getbytitle(…)/items",
        ),
        ("https://h/v1.0/drives/1/root:/Elsie.docx:/content", "GET /v1.0/drives/1"),
        ("https://h/v1.0/sites/1/lists/Elsie%20Harcourt/items", "GET /v1.0/sites/1/lists/…/items"),
    ],
)
def test_place_names_no_person_query_or_file(url, told):
    """What an error says of a call holds its method and path, and nothing private."""
    assert faults.place("GET", url) == told
