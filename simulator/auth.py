"""Authentication: a personal key, a service key, and the workspace that a request names."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.messages import ApiError, Request
from simulator.recorded import LEGACY

FORBIDDEN = b'{"error":"Forbidden"}\n'
NEEDS_WORKSPACE = b'{"error":"org_scoped_key_requires_workspace"}'


@dataclass(frozen=True)
class Keys:
    """The valid keys, and the workspace that they open."""

    personal: str
    service: str
    tenant_id: str

    def check(self, request: Request) -> None:
        """Refuse a wrong key or workspace with LangSmith's own answer. Raises ApiError 401 or 403."""
        key = request.headers.get("X-API-Key") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        tenant = request.headers.get("X-Tenant-Id")
        if key.startswith("ls__"):
            raise ApiError(401, LEGACY)
        if key not in {self.personal, self.service}:
            raise ApiError(401, "Invalid token")
        if tenant is None and key.startswith("lsv2_sk_"):
            raise ApiError(403, "no workspace", body=NEEDS_WORKSPACE)
        if tenant is not None and tenant.lower() != self.tenant_id:
            raise ApiError(403, "wrong workspace", body=FORBIDDEN)
