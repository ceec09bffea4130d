"""A setting that cannot be meant is a sentence that names it, never a traceback or a wrong installation."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import Environment

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDED = {
    "AFTERCOURSE_SECRET_KEY": "$abc-2f9d8e7c6b5a4938271605f4e3d2c1b0",
    "AFTERCOURSE_URL": "https://aftercourse.example",
    "AFTERCOURSE_MAIL_FROM": "Aftercourse <follow-up@aftercourse.example>",
    "AFTERCOURSE_BEHIND_PROXY": "true",
}


def problems(method: str, *arguments: object, **values: str) -> list[str]:
    """What is said about X when it is read in this way."""
    environment = Environment(values)
    getattr(environment, method)("X", *arguments)
    return environment.problems


@pytest.mark.parametrize("value", ["true", "True", "yes", "on", "1", "false", "NO", "off", "0", ""])
def test_words_for_yes_and_no_are_understood(value):
    environment = Environment({"X": value})
    assert environment.flag("X", default=False) is (value.lower() in ("true", "yes", "on", "1"))
    assert not environment.problems


@pytest.mark.parametrize("value", ["maybe", "tru", "2", "ture", "ja", "-"])
def test_no_other_word_is_taken_for_no(value):
    environment = Environment({"X": value})
    environment.flag("X", default=True)
    assert environment.problems == [f"X is {value!r}; it can be true or false."]


@pytest.mark.parametrize("value", ["ten", "", "-1", "0", "1.5", "1e3", "10k", "٣", "9" * 30])
def test_what_is_no_number_is_named(value):
    [problem] = problems("number", 10, X=value)
    assert problem.startswith(f"X is {value!r}")


def test_numbers_are_read():
    assert Environment({"X": " 12 "}).number("X", 10) == 12
    assert Environment({}).number("X", 10) == 10


@pytest.mark.parametrize(
    "url",
    [
        "smtp://localhost:25",
        "smtp+tls://name:p%2Fa%23s%40s%25@mail.example.org:587",
        "smtp+ssl://name%40example.org:password@mail.example.org:465",
        "filemail:///var/mails",
        "consolemail://",
        "smtp://[::1]:25",
    ],
)
def test_the_usual_mail_servers_are_understood(url):
    assert not problems("mail", "smtp://localhost:25", X=url)


def test_a_password_that_is_written_in_percents_arrives_as_it_is():
    config = Environment({"X": "smtp+tls://me:p%2Fa%23s%40s%25@mail.example.org:587"}).mail(
        "X", "dummymail://"
    )
    assert config["EMAIL_HOST_PASSWORD"] == "p/a#s@s%"
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert config["EMAIL_USE_TLS"] is True


@pytest.mark.parametrize(
    "url",
    [
        "smtp+tls://name:pa/ss@mail.example.org:587",
        "smtp+tls://name:pa#ss@mail.example.org:587",
        "smtp+tls://name:pa@ss@mail.example.org:587",
        "smtp+tls://name:pa?ss@mail.example.org:587",
        "smtp+tls://name:100%@mail.example.org:587",
        "smtp+tls://name:password@mail.example.org:port",
        "smtp+tls://name:password@mail.example.org:99999",
        "smtp+tls://",
        "smtp+tls:mail.example.org",
        "smtps://name:password@mail.example.org:465",
        "mail.example.org",
        "mail.example.org:587",
        "http://mail.example.org",
        "smtp://[mail.example.org",
        "submission://mail.example.org",
    ],
)
def test_a_mistyped_mail_server_is_named_without_the_password(url):
    [problem] = problems("mail", "smtp://localhost:25", X=url)
    assert problem.startswith("X ")
    assert "pass" not in problem.replace("password", "")


@pytest.mark.parametrize("url", ["redis://localhost", "redis://:key@host:6379/1", "rediss://host:6380/0", ""])
def test_the_usual_addresses_of_redis_are_understood(url):
    environment = Environment({"X": url})
    assert environment.redis("X") == url
    assert not environment.problems


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6379",
        "localhost",
        "redis:6379",
        "redis:/localhost",
        "redis://",
        "redis://host:port",
        "redis://host:6379/one",
        "redis+sentinel://host:26379/main",
        "unix:///run/redis.sock",
        "valkey://host",
        "http://host:6379",
    ],
)
def test_a_mistyped_address_of_redis_is_named(url):
    [problem] = problems("redis", X=url)
    assert problem.startswith("X ")


@pytest.mark.parametrize("url", ["postgres://a:b@host/name", "sqlite:////a/b.sqlite3", "postgresql:///name"])
def test_the_usual_databases_are_understood(url):
    assert not problems("database", "sqlite:///x", X=url)


@pytest.mark.parametrize(
    "url",
    ["postgres:name", "host/name", "mysql://a:b@host/name", "postgres://a:b/c@host/name", "postgres://h:x/n"],
)
def test_a_mistyped_database_is_named(url):
    [problem] = problems("database", "sqlite:///x", X=url)
    assert problem.startswith("X ")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    [problem] = problems("folder", tmp_path, X=str(tmp_path / "file" / "var"))
    assert "Not a directory" in problem


def test_a_folder_that_is_made_is_ours_alone(tmp_path):
    made = Environment({"X": str(tmp_path / "new")}).folder("X", tmp_path)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def run(folder: Path, *command: str, **values: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=clean | {"AFTERCOURSE_VAR": str(folder)} | values,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_wrong_is_said_at_once_and_without_a_traceback(tmp_path):
    wrong = {
        "AFTERCOURSE_URL": "https://aftercourse.example/sub",
        "AFTERCOURSE_HOSTS": "inner",
        "AFTERCOURSE_BEHIND_PROXY": "maybe",
        "AFTERCOURSE_SOCKETS": "ten",
        "AFTERCOURSE_DATABASE_URL": "aftercourse",
        "AFTERCOURSE_REDIS_URL": "127.0.0.1:6379",
        "AFTERCOURSE_MAIL_URL": "smtps://mail.example.org",
        "AFTERCOURSE_LOG": "xml",
    }
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file" / "var", "serve", **wrong)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in [*wrong, "AFTERCOURSE_VAR", "AFTERCOURSE_SECRET_KEY", "AFTERCOURSE_MAIL_FROM"]:
        if name != "AFTERCOURSE_HOSTS":  # the URL is named first
            assert f"- {name} " in done.stderr


def test_a_key_may_begin_with_a_dollar_sign_and_what_is_written_is_for_us_alone(tmp_path):
    folder = tmp_path / "var"
    done = run(folder, "migrate", "community", "0001", "--verbosity=0", **NEEDED)
    assert done.returncode == 0, done.stderr
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert folder / "aftercourse.sqlite3" in modes
    assert {mode & 0o077 for mode in modes.values()} == {0}
