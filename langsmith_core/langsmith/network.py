"""Map network errors (DNS, TLS, proxy, timeout, reset) to our errors; each message says what to check.

Here: connections to LangSmith and to its object storage. Not here: what an answer means (answers), sending (client).
"""

from __future__ import annotations

import requests
import urllib3

from langsmith_core.errors import ConfigError, StorageError, TooHeavyError, UpstreamError
from langsmith_core.langsmith.answers import Failure, Meaning

WAY_OUT = "check LANGSMITH_BASE_URL and this network's way out (firewall, VPC egress, proxy), else call again in a few minutes"
NO_REQUEST = Meaning(ConfigError, "LANGSMITH_BASE_URL: it is not a valid address; correct it")
NETWORK: tuple[tuple[type[Exception], Meaning], ...] = (
    # Most specific first.
    (
        requests.exceptions.SSLError,
        Meaning(
            ConfigError,
            "LANGSMITH_BASE_URL: the host's certificate is not valid; check the address, and what answers there",
        ),
    ),
    (
        requests.exceptions.ProxyError,
        Meaning(
            UpstreamError,
            "the proxy does not reach LangSmith; check HTTPS_PROXY and NO_PROXY, and which hosts the proxy allows",
            retry=True,
            status=503,
        ),
    ),
    (
        urllib3.exceptions.NameResolutionError,
        Meaning(
            UpstreamError,
            "LANGSMITH_BASE_URL: its host name does not resolve; check its spelling, and this network's DNS",
            retry=True,
            status=503,
        ),
    ),
    (
        requests.exceptions.ConnectTimeout,
        Meaning(UpstreamError, f"LangSmith's host does not answer; {WAY_OUT}", retry=True, status=503),
    ),
    (
        requests.exceptions.Timeout,
        Meaning(TooHeavyError, "LangSmith did not answer in time; lower PAGE_SIZE if it continues", retry=True, status=503),
    ),
    (
        requests.exceptions.ConnectionError,
        Meaning(UpstreamError, f"the connection to LangSmith failed; {WAY_OUT}", retry=True, status=503),
    ),
    (
        requests.exceptions.ChunkedEncodingError,
        Meaning(UpstreamError, "LangSmith's answer broke off; call again in a few minutes, or check the proxy", retry=True),
    ),
    (
        requests.exceptions.ContentDecodingError,
        Meaning(UpstreamError, "LangSmith's answer could not be unpacked; check the proxy, if there is one", retry=True),
    ),
    (requests.exceptions.RequestException, NO_REQUEST),
    # What requests does not translate: a host that is no name of a host is a ValueError of urllib3's or of the idna codec.
    (ValueError, NO_REQUEST),
    (
        urllib3.exceptions.HTTPError,
        Meaning(UpstreamError, f"the connection to LangSmith failed; {WAY_OUT}", retry=True, status=503),
    ),
)


def unreachable(error: Exception, host: str) -> Exception:
    """Return the error that a network error means: a Failure where asking again can help, else the error itself."""
    within = error.args[0] if error.args else None
    if isinstance(reason := getattr(within, "reason", None), urllib3.exceptions.NameResolutionError):
        error = reason
    elif isinstance(within, urllib3.exceptions.TimeoutError):
        error = requests.exceptions.ReadTimeout()  # a timeout within the body comes as a ConnectionError
    meaning = next(meaning for kind, meaning in NETWORK if isinstance(error, kind))
    # The library's own text holds addresses with their parameters; its class says enough.
    made = meaning.error(f"{meaning.text} ({type(error).__name__}, {host})", meaning.status)
    return Failure(made) if meaning.retry else made


def unreachable_storage(error: Exception, host: str) -> Exception:
    """Return the same for object storage, whose address no setting names."""
    if isinstance(error, Failure):
        return Failure(StorageError(f"object storage answers too slowly ({host}); the next sync asks again"))
    reached = UpstreamError(
        f"object storage cannot be reached ({type(error).__name__}, {host}); let this function reach that host"
    )
    return Failure(StorageError(str(reached))) if isinstance(unreachable(error, host), Failure) else reached
