"""Addresses that open what they lead to: `raw` keeps where a payload lies, and nothing that opens it.

LangSmith signs an address anew at each reading. Kept, it would be a credential, and an unchanged record would look changed.
Here: which parts of a record hold such addresses, and what stays of one. Not here: fetching a payload by its address (payloads).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from langsmith_core import jsontext, liberal

ADDRESSED = frozenset(
    {"inputs_s3_urls", "outputs_s3_urls", "s3_urls", "attachments", "attachment_urls"}
    | {f"{name}_or_signed_url" for name in ("inputs", "outputs", "error", "events", "extra", "serialized")}
)
"""Fields of addresses: of a run on v1 and on v2, of an example (OpenAPI documents; fixture 09)."""
SHARED = frozenset({"share_token", "share_url"})
"""Fields that open a run to whoever has them (OpenAPI documents; v2's calls its own a secret)."""
WRITTEN = frozenset(
    (  # noqa: SIM905  a list of so many quoted words would hide a missing one
        "inputs outputs error extra events serialized manifest metadata tags name description value comment correction key "
        "feedback_source messages inputs_preview outputs_preview error_preview app_path thread_id feedback_thread_id "
        "inputs_schema_definition outputs_schema_definition transformations feedback_stats session_feedback_stats run_facets"
    ).split()
)
"""Fields that hold what users have written: an address in them is theirs, and is kept digit for digit."""
_SECRET = re.compile(
    r"[?&;#](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|googleaccessid|awsaccesskeyid"
    r"|signature|sig|jwt|token|access_token|key-pair-id|policy)=",
    re.IGNORECASE,
)
"""Parameters that open an address: of S3, Google, Azure, CloudFront, and of LangSmith's own downloads."""
_ADDRESS = re.compile(r"^(?:https?:/)?/", re.IGNORECASE)
_PARAMETERS = re.compile(r"[?#]")
_STRING = re.compile(liberal.STRING.encode() + rb"?+(:?)", re.DOTALL)  # one that never ends is passed over as a whole, too


def without(fields: Mapping[str, jsontext.Text]) -> bytes | None:
    """A record as strict compact JSON, its addresses cut to plain references; None where it has none."""
    asked = {name: bytes(text) for name, text in fields.items() if name not in WRITTEN}
    looked_at = [name for name, text in asked.items() if b"/" in text or name in SHARED]
    changed = {name: plain for name in looked_at if (plain := _plain(name, asked[name])) != asked[name]}
    return jsontext.joined({**fields, **changed}) if changed else None


def _plain(name: str, text: bytes) -> bytes:
    """What stays of a field."""
    if name in SHARED:
        return b"null"
    if name in ADDRESSED and text.startswith(b"{"):
        text = jsontext.joined({key: _entry(one) for key, one in jsontext.members(text).items()})
    return _cut(text, always=name in ADDRESSED) if b"?" in text or b"#" in text or b"\\u00" in text else text


def _entry(text: bytes) -> bytes:
    """An address by name, without the signed form where the storage's own key stands beside it."""
    if not (text.startswith(b"{") and b'"s3_url":"' in text):
        return text
    return jsontext.joined({name: one for name, one in jsontext.members(text).items() if name != "presigned_url"})


def _cut(text: bytes, *, always: bool) -> bytes:
    """A field's text with each address in it cut before its parameters: always, or where they open it."""

    def plain(found: re.Match[bytes]) -> bytes:
        if found[1]:  # a member's name
            return found[0]
        address = jsontext.text(found[0])
        rest = _ADDRESS.sub("", address) if _ADDRESS.match(address) else ""
        ends = _PARAMETERS.search(rest)
        if ends is None or not (always or _SECRET.search(rest[ends.start() :])):
            return found[0]
        return jsontext.quoted(address[: len(address) - len(rest) + ends.start()])

    return _STRING.sub(plain, text)
