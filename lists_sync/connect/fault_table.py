"""What each code, status and lower error means to whoever must act.

Source: Graph's documented codes, the codes recorded from SharePoint, the exceptions of requests, msal and
office365-rest-python-client 3.3.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from lists_sync.errors import (
    AdministratorError,
    ConflictError,
    DriftError,
    ForbiddenError,
    ListsSyncError,
    MissingError,
    ProtocolError,
    ResyncError,
    SettingsError,
    SignInError,
    ThrottledError,
    UnavailableError,
)


@dataclass(frozen=True)
class Fault:
    """An error to raise, its sentence and the next step."""

    error: type[ListsSyncError]
    message: str
    hint: str = ""


TOKEN = Fault(
    SignInError,
    "Microsoft 365 did not accept the sign-in token.",
    "Run `lists-sync doctor`; check the app's certificate and the machine's clock.",
)
SECRET_AT_SHAREPOINT = Fault(
    SignInError,
    "SharePoint refused a token that was got with a client secret.",
    "Give the app a certificate (LISTS_SYNC_CERTIFICATE_PATH); SharePoint takes no secrets.",
)
DENIED = Fault(
    ForbiddenError,
    "The app has no right to this.",
    "Grant it the site (role write; for provisioning fullcontrol), then run `lists-sync doctor`.",
)
ABSENT = Fault(
    MissingError,
    "This is not there.",
    "Check the site, list and column names in provider.yaml, then run `lists-sync doctor`.",
)
NO_PERSON = Fault(
    MissingError,
    "A person named by the configuration is not known to the site.",
    "Check the address under roles in provider.yaml.",
)
EXISTS = Fault(
    DriftError,
    "Something of that name is there already.",
    "Run `lists-sync provision plan` to see what differs.",
)
EDITED = Fault(ConflictError, "Somebody changed it in the meantime.", "The next run reads it again.")
LOCKED = Fault(
    ConflictError, "Somebody has it open or checked out.", "The next run tries again once it is closed."
)
EXPIRED = Fault(
    ResyncError, "The service no longer knows where the last reading ended.", "The list is read whole."
)
PATIENCE = Fault(
    ThrottledError,
    "Microsoft 365 asked for more patience than this run may spend.",
    "The next run goes on from here; run less often if this repeats.",
)
ENDLESS = Fault(
    ThrottledError,
    "Microsoft 365 refused one query again and again; it may touch more rows than a list view may.",
    "Check with `lists-sync doctor` that the column is indexed.",
)
REFUSED = Fault(
    ProtocolError,
    "The service refused the request as it stands.",
    "Run `lists-sync doctor` to compare the list with its schema.",
)
TOO_LARGE = Fault(
    ProtocolError,
    "The query touches more rows than a list view may.",
    "Index the column while the list holds fewer than 20,000 items; `lists-sync doctor` names it.",
)
DUPLICATE = Fault(
    ProtocolError, "The list holds this unique value already.", "The row is looked up by its key instead."
)
DOWN = Fault(UnavailableError, "The service failed for a while.", "The next run tries again.")
UNREACHED = Fault(
    UnavailableError,
    "The service could not be reached.",
    "Check the network and the proxy; the next run tries again.",
)
SILENT = Fault(UnavailableError, "The service did not answer in time.", "The next run tries again.")
CUT = Fault(UnavailableError, "The answer broke off before its end.", "The next run tries again.")
UNTRUSTED = Fault(
    UnavailableError,
    "The service's certificate could not be verified.",
    "Check the machine's clock and, behind a proxy that inspects traffic, its certificate bundle.",
)
FULL = Fault(AdministratorError, "The site has no storage left.", "Free some, or have its quota raised.")
UNREADABLE = Fault(
    ProtocolError, "The answer was not of the documented shape.", "Run again; report it if it repeats."
)
BAD_ADDRESS = Fault(
    SettingsError,
    "An address in the settings is not usable.",
    "Check LISTS_SYNC_GRAPH_URL, LISTS_SYNC_LOGIN_URL and LISTS_SYNC_EMULATOR_URL.",
)
UNLISTED = Fault(
    ProtocolError, "The call failed in a way nobody documented.", "Run with --debug and report it."
)

BY_CODE: dict[str, Fault] = {
    "invalidauthenticationtoken": TOKEN,
    "unauthenticated": TOKEN,
    "unauthorized": TOKEN,
    "unsupported app only token": SECRET_AT_SHAREPOINT,
    "accessdenied": DENIED,
    "authorization_requestdenied": DENIED,
    "forbidden": DENIED,
    "-2147024891": DENIED,
    "unauthorizedaccessexception": DENIED,
    "-2130575251": DENIED,
    "itemnotfound": ABSENT,
    "resourcenotfound": ABSENT,
    "request_resourcenotfound": ABSENT,
    "404 argumentexception": ABSENT,
    "-2130575338": ABSENT,
    "-2147024894": ABSENT,
    "filenotfoundexception": ABSENT,
    "500 -2146232832": NO_PERSON,
    "400 -2146232832": NO_PERSON,
    "namealreadyexists": EXISTS,
    "-2130575342": EXISTS,
    "resourcemodified": EDITED,
    "preconditionfailed": EDITED,
    "entitytagdoesnotmatch": EDITED,
    "malformedentitytag": REFUSED,
    "412 clientserviceexception": EDITED,
    "-2130575305": EDITED,
    "notallowed": LOCKED,
    "locked": LOCKED,
    "resourcelocked": LOCKED,
    "-2130575306": LOCKED,
    "-2147018894": LOCKED,
    "spfilelockexception": LOCKED,
    "spfilecheckoutexception": LOCKED,
    "resyncrequired": EXPIRED,
    "resyncchangesapplydifferences": EXPIRED,
    "resyncchangesuploaddifferences": EXPIRED,
    "resyncapplydifferences": EXPIRED,
    "resyncuploaddifferences": EXPIRED,
    "syncstatenotfound": EXPIRED,
    "activitylimitreached": PATIENCE,
    "throttledrequest": PATIENCE,
    "toomanyrequests": PATIENCE,
    "toomanyresources": TOO_LARGE,
    "422 notsupported": TOO_LARGE,
    "-2147024860": TOO_LARGE,
    "spquerythrottledexception": TOO_LARGE,
    "-2130575169": DUPLICATE,
    "spduplicatevaluesfoundexception": DUPLICATE,
    "invalidrequest": REFUSED,
    "badrequest": REFUSED,
    "invalidrange": REFUSED,
    "notsupported": REFUSED,
    "invalidclientqueryexception": REFUSED,
    "-2147024809": REFUSED,
    "-2130575163": REFUSED,
    "-2130575162": REFUSED,
    "splistdatavalidationexception": REFUSED,
    "generalexception": DOWN,
    "badgateway": DOWN,
    "servicenotavailable": DOWN,
    "timeout": SILENT,
    "quotalimitreached": FULL,
}

BY_STATUS: dict[int, Fault] = {
    400: REFUSED,
    401: TOKEN,
    403: DENIED,
    404: ABSENT,
    408: SILENT,
    409: EDITED,
    410: EXPIRED,
    412: EDITED,
    416: REFUSED,
    422: TOO_LARGE,
    423: LOCKED,
    429: PATIENCE,
    502: DOWN,
    503: DOWN,
    504: SILENT,
    507: FULL,
    509: PATIENCE,
    2: UNREADABLE,
    3: UNREADABLE,
    4: REFUSED,
    5: DOWN,
}
"""By status; below ten, by its first digit."""

BY_CLASS: dict[str, Fault] = {
    "SSLError": UNTRUSTED,
    "ProxyError": UNREACHED,
    "ConnectTimeout": UNREACHED,
    "ReadTimeout": SILENT,
    "Timeout": SILENT,
    "ChunkedEncodingError": CUT,
    "ContentDecodingError": CUT,
    "StreamConsumedError": CUT,
    "InvalidJSONError": UNREADABLE,
    "JSONDecodeError": UNREADABLE,
    "TooManyRedirects": UNREADABLE,
    "InvalidURL": BAD_ADDRESS,
    "InvalidSchema": BAD_ADDRESS,
    "MissingSchema": BAD_ADDRESS,
    "URLRequired": BAD_ADDRESS,
    "InvalidHeader": REFUSED,
    "UnrewindableBodyError": REFUSED,
    "RetryError": DOWN,
    "HTTPError": DOWN,
    "ConnectionError": UNREACHED,
    "MsalError": TOKEN,
    "ManagedIdentityError": TOKEN,
    "IdTokenError": TOKEN,
    "BrowserInteractionTimeoutError": TOKEN,
    "DuplicatedObjectException": EXISTS,
    "ObjectNotFoundException": ABSENT,
    "NotFoundException": ABSENT,
    "FileLockedException": LOCKED,
    "AccessDeniedException": DENIED,
    "SecurityValidationException": DENIED,
    "UpsertNotSupported": REFUSED,
    "WholeBatchRejected": REFUSED,
    "SPQueryThrottledException": TOO_LARGE,
    "SPFileCheckOutException": LOCKED,
    "SPListDataValidationException": REFUSED,
    "SPFieldValidationException": REFUSED,
    "SPFieldValueException": REFUSED,
    "SPDuplicateValuesFoundException": DUPLICATE,
    "SPInvalidLookupValuesException": NO_PERSON,
    "SPContentTypeReadOnlyException": DENIED,
    "SPContentTypeSealedException": DENIED,
    "SharePointException": REFUSED,
    "OperationTimeoutError": SILENT,
    "OperationError": DOWN,
    "QueryOptionNotSupportedError": REFUSED,
    "QueryPropertyNotSupportedError": REFUSED,
    "LimitExceededError": REFUSED,
    "ClientRequestException": REFUSED,
    "RequestException": UNREACHED,
}
"""By the name of the class or of one it derives from, the nearest first."""
