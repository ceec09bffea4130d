"""Connections of the pool that PostgreSQL has closed are replaced before they are used."""

import select
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db.utils import ConnectionHandler
from psycopg_pool import ConnectionPool

from config.postgresql.base import DatabaseWrapper
from tests import servers
from tests.waiting import wait_until


class Pool:
    """A pool of one connection, and a connection that is not of it."""

    def __init__(self) -> None:
        folder = str(servers.postgres().folder)
        options = {"pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
        settings = {
            "ENGINE": "config.postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "HOST": folder,
            "OPTIONS": options,
        }
        self.wrapper: Any = ConnectionHandler({"default": {}, "pooled": settings})["pooled"]
        assert isinstance(self.wrapper, DatabaseWrapper)
        self.other = psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True)

    def take(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = self.wrapper.get_new_connection(
            self.wrapper.get_connection_params()
        )
        return connection

    def give_back(self, connection: "psycopg.Connection[Any]") -> None:
        self.wrapper.pool.putconn(connection)


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.wrapper.close_pool()
    pool.other.close()


def test_a_connection_that_the_server_has_closed_is_replaced(pool: Pool) -> None:
    connection = pool.take()
    closed = connection.info.backend_pid
    pool.give_back(connection)
    pool.other.execute("SELECT pg_terminate_backend(%s, 10000)", [closed])
    connection = pool.take()
    assert connection.execute("SELECT pg_backend_pid()").fetchone() != (closed,)
    pool.give_back(connection)


def test_a_working_connection_is_used_without_asking_the_server(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = pool.take()
    pool.give_back(connection)
    monkeypatch.setattr(ConnectionPool, "check_connection", None)
    assert pool.take() is connection
    pool.give_back(connection)


def test_a_connection_on_which_the_server_said_something_else_is_kept(pool: Pool) -> None:
    connection = pool.take()
    connection.execute("LISTEN something")
    pool.give_back(connection)
    pool.other.execute("NOTIFY something")
    wait_until(lambda: bool(select.select([connection.fileno()], [], [], 0)[0]), "The notification")
    assert pool.take() is connection
    assert connection.execute("SELECT 1").fetchone() == (1,)
    pool.give_back(connection)
