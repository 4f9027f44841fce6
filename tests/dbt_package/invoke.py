"""Run dbt commands one after the other in one process of dbt's own Python, and print what each test and model came to.

Input: a JSON list of argument lists. Output: the last line, a JSON list with an object for each command, from node to [status,
failures, message]. A command that dbt refuses has the one entry `dbt`. To start dbt takes longer than to run it, so tests ask for
all they need at once.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from dbt.cli.main import dbtRunner


def outcome(runner: dbtRunner, arguments: list[str]) -> dict[str, list[Any]]:
    """Run one command."""
    done = runner.invoke(arguments)
    if done.exception or not hasattr(done.result, "results"):
        return {"dbt": ["error", 0, str(done.exception or done.result)]}
    return {
        one.node.name: [str(one.status), getattr(one, "failures", None) or 0, one.message or ""] for one in done.result.results
    }


if __name__ == "__main__":
    one_runner = dbtRunner()
    outcomes = [outcome(one_runner, arguments) for arguments in json.loads(sys.stdin.read())]
    sys.stdout.write(f"\n{json.dumps(outcomes)}\n")
