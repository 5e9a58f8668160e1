"""What may be switched, with the setting that most tenants are believed to have.

Where Microsoft's documents say nothing, the switch's remark says so.
"""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    # paging and queries
    "default_top": 200,
    "max_top": 1000,  # undocumented; a larger $top is clamped
    "threshold": 5000,
    "too_many_resources_status": 422,  # 429 in older reports
    "modified_indexed": False,  # undocumented whether Created and Modified are indexed
    # values
    "null_clears": True,  # undocumented; False refuses null with invalidRequest
    "bare_dates": "utc",  # undocumented how a date without a zone is read; or "site"
    "local_dates_in_create": False,  # answers of a create name site-local time and still say Z
    "lookup_id_text": True,  # undocumented whether a person may be written as text
    # concurrency
    "stale_status": 412,  # undocumented body; 409 was also seen
    "stale_code": "resourceModified",
    "schema_write_s": 0.001,  # how long a schema write keeps others out
    "version_limit": 50,
    # delta
    "delta_available": True,  # False: national clouds
    "delta_fields_without_expand": False,  # undocumented
    "delta_days": 60,
    "delta_duplicates": False,  # the first changed row comes twice
    # batch
    "batch_shuffled": True,
    "batch_bare_parts": False,  # parts without a body come without headers and body members
    "sharepoint_batch_limit": 100,  # undocumented
    # limits of use; 0 licences: units are counted and nobody is throttled
    "licences": 0,
    "throttle_clock": "wall",  # or "workspace"
    "retry_after": "integer",  # or "decimal", "absent"
    # sign-in and grants
    "token_lifetime_s": 3599,
    "apps": {},  # client id -> {"secret", "certificate" (PEM), "roles", "name"}; empty: any app may sign in
    "sites_selected": False,
    "grants": {},  # site path -> roles, while sites_selected is on
    # files
    "office_upload_alters": False,
    "download_minutes": 60,
    # SharePoint REST
    "secret_tokens_on_sharepoint": False,
    "overwrite_version_supported": True,  # undocumented for list items
}
