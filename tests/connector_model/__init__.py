"""A strict model of Fivetran's Connector SDK: it hands a connector operations and a log, and applies what it is given to tables.

It refuses whatever the SDK raises for or Fivetran asks not to do, by the SDK's documentation and by what its MIT release 2.13.1
was seen to do. It imports nothing of the product, so that it is a second opinion.

    connection = Connection(clock.now, schema=lambda log: [...], update=lambda state, op, log: ...)
    connection.sync()
    connection.tables["langsmith_run"]["a-run-id"]["name"]
"""

from connector_model.coercion import Refused, coerced
from connector_model.connection import Connection, Log, RuleBroken, SyncFailed

__all__ = ["Connection", "Log", "Refused", "RuleBroken", "SyncFailed", "coerced"]
