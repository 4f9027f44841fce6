"""Four chat models as an application meets them: names, prices, speed. The prices are the demo's own, in US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

MILLION = 10**6


@dataclass(frozen=True)
class Model:
    """One chat model. Prices are dollars for a million tokens, times are seconds."""

    name: str
    provider: str
    chat_class: str  # LangChain's class, which names its runs
    price_read: Decimal
    price_written: Decimal
    first_token: float  # the usual time to the first token
    tokens_per_second: float

    def cost(self, read: int, written: int) -> tuple[Decimal, Decimal]:
        """Dollars for tokens read and for tokens written."""
        return read * self.price_read / MILLION, written * self.price_written / MILLION

    def invocation(self) -> dict[str, object]:
        """LangChain's `invocation_params`."""
        return {"model": self.name, "model_name": self.name, "temperature": 0.2, "stream": True, "_type": f"{self.provider}-chat"}

    def metadata(self) -> dict[str, object]:
        """LangChain's standard metadata of a chat model's run."""
        names = {"ls_provider": self.provider, "ls_model_name": self.name, "ls_model_type": "chat"}
        return {**names, "ls_temperature": 0.2}

    def waits(self, rng: Random, written: int, *, slower: float = 1.0) -> tuple[float, float]:
        """Seconds until the first token, and from there to the last. Now and then an answer is much later than usual."""
        first = self.first_token * slower * rng.lognormvariate(0, 0.35) * (4 if rng.random() < 0.03 else 1)
        return round(first, 3), round(written / self.tokens_per_second * rng.uniform(0.8, 1.25), 3)


MINI = Model("gpt-4.1-mini", "openai", "ChatOpenAI", Decimal("0.40"), Decimal("1.60"), 0.42, 95)
LARGE = Model("gpt-4.1", "openai", "ChatOpenAI", Decimal("2.00"), Decimal("8.00"), 0.71, 60)
SONNET = Model("claude-sonnet-4-5", "anthropic", "ChatAnthropic", Decimal("3.00"), Decimal("15.00"), 1.15, 55)
FLASH = Model("gemini-2.5-flash", "google_genai", "ChatGoogleGenerativeAI", Decimal("0.30"), Decimal("2.50"), 0.31, 140)
MODELS = (MINI, LARGE, SONNET, FLASH)
