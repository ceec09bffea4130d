"""Statements end after a while in what serves people, and in no management command."""

from django.db import connection

from common import database


def test_statements_of_a_server_end_and_those_of_commands_do_not(db, monkeypatch):
    without_pool = {
        name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"
    }
    assert "options" not in without_pool, "a command such as migrate takes as long as it needs"
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", without_pool)
    database.limit_statement_time()
    if connection.vendor == "sqlite":
        assert "options" not in without_pool
        return
    limited = connection.copy()
    try:
        with limited.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("15s",)
    finally:
        limited.close()


def test_options_of_the_administrator_are_kept(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql", raising=False)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"options": "-c lock_timeout=1000"})
    database.limit_statement_time()
    options = connection.settings_dict["OPTIONS"]["options"]
    assert options == "-c statement_timeout=15000 -c lock_timeout=1000"
