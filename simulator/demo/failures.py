"""The errors of the demo's runs, as LangChain's tracer writes them: the exception's repr, then its traceback."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """One kind of error: the exception's module and class, and what it says."""

    module: str
    name: str
    message: str
    file: str
    line: str

    @property
    def text(self) -> str:
        """A run's `error`, in the form of langchain_core.tracers.core, which joins the lines of a traceback by empty ones."""
        lines = (
            "Traceback (most recent call last):\n",
            f'  File "/app/{self.file}", line 87, in invoke\n    {self.line}\n',
            f"{self.module}.{self.name}: {self.message}\n",
        )
        return (f'{self.name}("{self.message}")' + "\n\n".join(lines)).strip()


BUSY = Failure(
    "openai",
    "RateLimitError",
    "Error code: 429 - {'error': {'message': 'Rate limit reached', 'type': 'tokens', 'code': 'rate_limit_exceeded'}}",
    "shop/models.py",
    "response = self.client.create(**payload)",
)
OVERLOADED = Failure(
    "anthropic",
    "InternalServerError",
    "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}",
    "shop/models.py",
    "response = self._client.messages.create(**payload)",
)
TOO_LONG = Failure(
    "openai",
    "BadRequestError",
    "Error code: 400 - {'error': {'code': 'context_length_exceeded', 'message': 'The input is too long'}}",
    "shop/models.py",
    "response = self.client.create(**payload)",
)
TIMED_OUT = Failure("httpx", "ReadTimeout", "The read operation timed out", "shop/orders.py", "reply = http.get(url, timeout=5)")
NO_JSON = Failure(
    "langchain_core.exceptions",
    "OutputParserException",
    "Invalid json output: The total is 47.11 EUR",
    "shop/invoices.py",
    "return self.parse_result([Generation(text=text)])",
)
