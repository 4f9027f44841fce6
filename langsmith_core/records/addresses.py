"""Remove credentials from the addresses in a record: `raw` keeps where a payload lies, but nothing that opens it.

LangSmith signs an address anew with each reading. A stored signature would be a credential, and would make an unchanged record
look changed.
Not here: fetching a payload by its address (sync.payloads).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Raw

from langsmith_core.records import json_text, json_tokens

ADDRESS_FIELDS = frozenset(
    {"inputs_s3_urls", "outputs_s3_urls", "s3_urls", "attachments", "attachment_urls"}
    | {f"{name}_or_signed_url" for name in ("inputs", "outputs", "error", "events", "extra", "serialized")}
)
"""Fields of addresses: of a run on v1 and on v2, of an example (OpenAPI documents; fixture 09)."""
SHARE_FIELDS = frozenset({"share_token", "share_url"})
"""Fields that open a run to anybody who has them (OpenAPI documents; v2's calls its own a secret)."""
USER_FIELDS = frozenset(
    (  # noqa: SIM905  a list of so many quoted words would hide a missing one
        "inputs outputs error extra events serialized manifest metadata tags name description value comment correction key "
        "feedback_source messages inputs_preview outputs_preview error_preview app_path thread_id feedback_thread_id "
        "inputs_schema_definition outputs_schema_definition transformations feedback_stats session_feedback_stats run_facets"
    ).split()
)
"""Fields that users have written. An address in them is the user's own, and is kept digit for digit."""
_NULL = Raw(b"null")
_CREDENTIAL = re.compile(
    r"[?&;#](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|awsaccesskeyid"
    r"|signature|sig|jwt|token|access_token|key-pair-id|policy)=",
    re.IGNORECASE,
)
"""Parameters that open an address: of S3, Google, Azure, CloudFront, and of LangSmith's own downloads."""
_ADDRESS_START = re.compile(r"^(?:https?:/)?/", re.IGNORECASE)
_PARAMETERS = re.compile(r"[?#]")
_STRING = re.compile(json_tokens.STRING.encode() + rb"?+(:?)", re.DOTALL)  # matches an unended string too, to skip it whole


def without_credentials(fields: Mapping[str, json_text.Text]) -> bytes | None:
    """Return the record of these fields as strict compact JSON, with bare addresses; None if no field changes."""
    checked = b" ".join([text for name, text in fields.items() if name not in USER_FIELDS])
    if b"/" not in checked and all(fields.get(name, _NULL) == _NULL for name in SHARE_FIELDS):
        return None  # as for nearly every record
    asked = {name: bytes(text) for name, text in fields.items() if name not in USER_FIELDS}
    suspects = [name for name, text in asked.items() if b"/" in text or name in SHARE_FIELDS]
    changed = {name: cleaned for name in suspects if (cleaned := _cleaned_field(name, asked[name])) != asked[name]}
    return json_text.object_of({**fields, **changed}) if changed else None


def _cleaned_field(name: str, text: bytes) -> bytes:
    """Return what `raw` keeps of a field."""
    if name in SHARE_FIELDS:
        return b"null"
    if name in ADDRESS_FIELDS and text.startswith(b"{"):
        text = json_text.object_of({key: _without_signed_twin(one) for key, one in json_text.members(text).items()})
    has_parameters = b"?" in text or b"#" in text or b"\\u00" in text
    return _bare_addresses(text, always=name in ADDRESS_FIELDS) if has_parameters else text


def _without_signed_twin(entry: bytes) -> bytes:
    """Drop an entry's `presigned_url` if the storage's own key, `s3_url`, stands beside it."""
    if not (entry.startswith(b"{") and b'"s3_url":"' in entry):
        return entry
    return json_text.object_of({name: one for name, one in json_text.members(entry).items() if name != "presigned_url"})


def _bare_addresses(text: bytes, *, always: bool) -> bytes:
    """Cut each address in a field's text before its parameters: `always`, or only if they hold a credential."""

    def bare(match: re.Match[bytes]) -> bytes:
        if match[1]:  # the name of a member
            return match[0]
        address = json_text.text(match[0])
        rest = _ADDRESS_START.sub("", address) if _ADDRESS_START.match(address) else ""
        parameters = _PARAMETERS.search(rest)
        if parameters is None or not (always or _CREDENTIAL.search(rest[parameters.start() :])):
            return match[0]
        return json_text.dumps_bytes(address[: len(address) - len(rest) + parameters.start()])

    return _STRING.sub(bare, text)
