"""Authentication: the simulator refuses wrong keys and workspaces with LangSmith's own answers."""

import pytest

from simulator import DEFAULT_SERVICE_KEY
from simulator.client import Api, make

OTHER_TENANT = "00000000-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({"X-API-Key": "lsv2_pt_wrong"}, 401, '{"detail":"Invalid token"}'),
        ({"X-API-Key": ""}, 401, '{"detail":"Invalid token"}'),
        (
            {"X-API-Key": "ls__legacy"},
            401,
            '{"detail":"Using legacy API key. Please generate a new API key."}',
        ),
        ({"X-Tenant-Id": OTHER_TENANT}, 403, '{"error":"Forbidden"}\n'),
        ({"X-API-Key": DEFAULT_SERVICE_KEY, "X-Tenant-Id": OTHER_TENANT}, 403, '{"error":"Forbidden"}\n'),
    ],
)
def test_wrong_credentials_are_refused_in_langsmiths_words(headers: dict[str, str], status: int, text: str) -> None:
    """A wrong key or workspace gets the answer that LangSmith gives."""
    sim, _ = make()
    answer = Api(sim, **headers).get("/sessions", limit=1)
    assert (answer.status_code, answer.text) == (status, text)


def test_service_key_has_to_name_the_workspace_and_personal_key_has_not() -> None:
    """Without X-Tenant-Id a personal key silently reads its own workspace, a service key is refused."""
    sim, api = make()
    del api.session.headers["X-Tenant-Id"]
    assert api.get("/sessions").status_code == 200
    api.session.headers["X-API-Key"] = DEFAULT_SERVICE_KEY
    refused = api.get("/sessions")
    assert (refused.status_code, refused.json()) == (403, {"error": "org_scoped_key_requires_workspace"})
    assert Api(sim, **{"X-API-Key": DEFAULT_SERVICE_KEY}).get("/sessions").status_code == 200


def test_bearer_token_is_a_key_too() -> None:
    """The specification also declares Authorization: Bearer."""
    sim, api = make()
    del api.session.headers["X-API-Key"]
    api.session.headers["Authorization"] = f"Bearer {sim.api_key}"
    assert api.get("/sessions").status_code == 200


def test_v2_refuses_with_problem_details() -> None:
    """On v2 the answer to a wrong key has the shape of RFC 7807."""
    sim, _ = make("smithdb")
    answer = Api(sim, **{"X-API-Key": "no"}).post("/api/v2/runs/query", {})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Invalid token",
        "instance": "/api/v2/runs/query",
    }
