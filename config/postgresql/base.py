"""PostgreSQL as Django's, except that a connection from the pool is checked without asking the server.

After a restart of PostgreSQL all connections of the pool are broken. The pool's own check sends an empty
query whenever one is taken, that is with every page. But a server that closes a connection says so: there is
something to read on it, which on an idle connection there is not otherwise. So only then it is asked.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that works, as far as can be seen. Raises OperationalError without one."""
        while True:
            connection = super().get_new_connection(conn_params)
            pool = self.pool
            if pool is None or is_open(connection):
                return connection
            connection.close()
            pool.putconn(connection)  # which drops it and opens another


def is_open(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server has not closed an idle connection."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.OperationalError:
        return False
    return True
