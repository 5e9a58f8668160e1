"""The refusals of the services, each with what Graph and what SharePoint call it."""

from __future__ import annotations

_SP_EXCEPTION = "Microsoft.SharePoint.SPException"


class EmulatedError(Exception):
    """A refusal as the services would give it.

    Args:
        status: HTTP status over Graph.
        code: Graph's error code.
        message: Graph's sentence; also SharePoint's where `sp_message` is not given.
        inner: Graph's inner code, "" for none.
        sp_code: SharePoint's `HRESULT, type`.
        sp_status: HTTP status over SharePoint REST; 0 means as over Graph.
        headers: further response headers.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        inner: str = "",
        sp_code: str = "",
        sp_status: int = 0,
        sp_message: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
        self.sp_code = sp_code or f"-1, {_SP_EXCEPTION}"
        self.sp_status = sp_status or status
        self.sp_message = sp_message or message
        self.headers = headers or {}
        self.text = ""  # a plain text body that stands in place of any JSON one
        self.body: dict[str, str] | None = None  # a JSON body of another shape than the usual


def invalid(message: str = "Invalid request", *, sp_code: str = "") -> EmulatedError:
    """Give the refusal of a request that makes no sense (400)."""
    return EmulatedError(400, "invalidRequest", message, sp_code=sp_code)


def bad_segment(segment: str) -> EmulatedError:
    """Give the refusal of a path that Graph does not know (400)."""
    return EmulatedError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def unknown_field(name: str) -> EmulatedError:
    """Give the refusal of a column that the list does not have (400)."""
    return invalid(
        f"Field '{name}' is not recognized",
        sp_code="-1, Microsoft.SharePoint.Client.InvalidClientQueryException",
    )


def no_item() -> EmulatedError:
    """Give the answer for an item that is not there (404)."""
    return EmulatedError(
        404,
        "itemNotFound",
        "The specified item was not found.",
        sp_code="-2130575338, System.ArgumentException",
        sp_message="Item does not exist. It may have been deleted by another user.",
    )


def no_list(name: str, site_url: str) -> EmulatedError:
    """Give the answer for a list that is not there (404)."""
    return EmulatedError(
        404,
        "itemNotFound",
        "The specified list was not found",
        sp_code="-1, System.ArgumentException",
        sp_message=f"List '{name}' does not exist at site with URL '{site_url}'.",
    )


def not_found(message: str = "The resource could not be found.") -> EmulatedError:
    """Give the answer for anything else that is not there (404)."""
    return EmulatedError(404, "itemNotFound", message, sp_code="-2147024894, System.IO.FileNotFoundException")


def denied() -> EmulatedError:
    """Give the refusal of somebody without a grant (403)."""
    return EmulatedError(
        403, "accessDenied", "Access denied", sp_code="-2147024891, System.UnauthorizedAccessException"
    )


def list_exists() -> EmulatedError:
    """Give the refusal of a second list of the same title (409)."""
    return EmulatedError(
        409,
        "nameAlreadyExists",
        "The specified name already exists",
        sp_code=f"-2130575342, {_SP_EXCEPTION}",
        sp_status=500,
        sp_message="A list, survey, discussion board, or document library with the specified title already "
        "exists in this Web site.  Please choose another title.",
    )


def duplicate(columns: list[str]) -> EmulatedError:
    """Give the refusal of a value that a unique column already holds (400)."""
    return EmulatedError(
        400,
        "invalidRequest",
        "One or more fields with unique constraints already has the provided value.",
        sp_code="-2130575169, Microsoft.SharePoint.SPDuplicateValuesFoundException",
        sp_message="The list item could not be added or updated because duplicate values were found in the "
        f"following field(s) in the list: [{', '.join(columns)}].",
    )


def stale(sent: str, held: str, *, status: int, code: str) -> EmulatedError:
    """Give the refusal of a write whose If-Match is no longer true (412, or as switched)."""
    return EmulatedError(
        status,
        code,
        "ETag does not match current item's value",
        inner="entityTagDoesNotMatch",
        sp_code="-1, Microsoft.SharePoint.Client.ClientServiceException",
        sp_status=412,
        sp_message=f"The request ETag value '{sent}' does not match the object's ETag value '{held}'.",
    )


def save_conflict() -> EmulatedError:
    """Give the refusal of a schema write while another one runs (409)."""
    return EmulatedError(
        409,
        "resourceModified",
        "Save Conflict. Your changes conflict with those made concurrently by another user.",
        sp_code=f"-2130575305, {_SP_EXCEPTION}",
    )


def too_many_resources(status: int) -> EmulatedError:
    """Give the refusal of a query over the list view threshold (422, or as switched)."""
    return EmulatedError(
        status,
        "notSupported" if status != 429 else "activityLimitReached",  # noqa: PLR2004 - the older answer
        "The request is unprocessable because it uses too many resources",
        inner="tooManyResources",
        sp_code="-2147024860, Microsoft.SharePoint.SPQueryThrottledException",
        sp_status=500,
        sp_message="The attempted operation is prohibited because it exceeds the list view threshold.",
    )
