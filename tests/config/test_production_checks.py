"""Production refuses to start with what was forgotten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import production_checks

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "2f9d8e7c6b5a4938271605f4e3d2c1b0-a-random-key"
SAFE = {
    "MODE": "production",
    "SECRET_KEY": KEY,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["aftercourse.example"],
    "SITE_URL": "https://aftercourse.example",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "CLOCK_OFFSET_FILE": "",
    "DEMO_SIGN_IN": False,
    "METRICS_TOKEN": "",
    "CSRF_TRUSTED_ORIGINS": [],
    "DEFAULT_FROM_EMAIL": "Aftercourse <follow-up@aftercourse.example>",
}


def test_complete_settings_are_safe():
    assert production_checks.problems(SAFE) == []
    production_checks.refuse_to_start(SAFE)


@pytest.mark.parametrize(
    ("forgotten", "named"),
    [
        ({"SECRET_KEY": ""}, "AFTERCOURSE_SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "AFTERCOURSE_SECRET_KEY"),
        ({"SECRET_KEY": "x" * 44}, "AFTERCOURSE_SECRET_KEY"),
        ({"SECRET_KEY": "secret-key" * 5}, "AFTERCOURSE_SECRET_KEY"),
        ({"SECRET_KEY": production_checks.DEMO_KEY_PREFIX + "x" * 40}, "AFTERCOURSE_SECRET_KEY"),
        ({"DEBUG": True}, "AFTERCOURSE_DEBUG"),
        ({"ALLOWED_HOSTS": []}, "AFTERCOURSE_HOSTS"),
        ({"ALLOWED_HOSTS": ["*"]}, "AFTERCOURSE_HOSTS"),
        ({"ALLOWED_HOSTS": ["aftercourse.example", ".example"]}, "AFTERCOURSE_HOSTS"),
        ({"SITE_URL": ""}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://aftercourse.example/sub"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://aftercourse.example?x=1"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://name@aftercourse.example"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://aftercourse.example:port"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://[aftercourse.example"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "aftercourse.example"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://iskolánk.example"}, "AFTERCOURSE_URL"),
        ({"SITE_URL": "https://other.example"}, "AFTERCOURSE_HOSTS"),
        ({"ALLOWED_HOSTS": ["inner", "127.0.0.1"]}, "AFTERCOURSE_HOSTS"),
        ({"CSRF_TRUSTED_ORIGINS": ["other.example"]}, "AFTERCOURSE_TRUSTED_ORIGINS"),
        ({"CSRF_TRUSTED_ORIGINS": ["https://*.example"]}, "AFTERCOURSE_TRUSTED_ORIGINS"),
        ({"CSRF_TRUSTED_ORIGINS": ["https://other.example/"]}, "AFTERCOURSE_TRUSTED_ORIGINS"),
        ({"DEFAULT_FROM_EMAIL": ""}, "AFTERCOURSE_MAIL_FROM"),
        ({"DEFAULT_FROM_EMAIL": "Aftercourse <aftercourse@localhost>"}, "AFTERCOURSE_MAIL_FROM"),
        ({"DEFAULT_FROM_EMAIL": "Aftercourse"}, "AFTERCOURSE_MAIL_FROM"),
        ({"DEFAULT_FROM_EMAIL": "root@server"}, "AFTERCOURSE_MAIL_FROM"),
        ({"SESSION_COOKIE_SECURE": False}, "AFTERCOURSE_URL"),
        ({"CSRF_COOKIE_SECURE": False}, "AFTERCOURSE_URL"),
        ({"CLOCK_OFFSET_FILE": "clock"}, "AFTERCOURSE_CLOCK_OFFSET_FILE"),
        ({"DEMO_SIGN_IN": True}, "AFTERCOURSE_DEMO_SIGN_IN"),
        ({"METRICS_TOKEN": "short"}, "AFTERCOURSE_METRICS_TOKEN"),
    ],
)
def test_each_problem_is_reported_by_its_setting(forgotten, named):
    [problem] = production_checks.problems(SAFE | forgotten)
    assert named in problem
    with pytest.raises(ImproperlyConfigured, match=named):
        production_checks.refuse_to_start(SAFE | forgotten)
    production_checks.refuse_to_start(SAFE | forgotten | {"MODE": "demo"})


def test_a_forgotten_proxy_is_no_problem_but_a_warning():
    assert production_checks.forgets_proxy(SAFE | {"BEHIND_PROXY": False})
    assert not production_checks.forgets_proxy(SAFE | {"BEHIND_PROXY": True})
    assert not production_checks.forgets_proxy({"MODE": "demo", "BEHIND_PROXY": False})


def test_all_problems_are_reported_at_once():
    unsafe = SAFE | {"SECRET_KEY": "", "DEBUG": True, "ALLOWED_HOSTS": []}
    assert len(production_checks.problems(unsafe)) == 3


def test_a_malformed_setting_is_refused_in_every_mode():
    with pytest.raises(ImproperlyConfigured, match="it is malformed"):
        production_checks.refuse_to_start(SAFE | {"MODE": "demo"}, ["it is malformed"])


@pytest.mark.parametrize("url", ["https://aftercourse.example", "https://aftercourse.example:8443"])
def test_a_port_in_the_address_is_allowed(url):
    assert production_checks.problems(SAFE | {"SITE_URL": url}) == []


@pytest.mark.parametrize(("name", "value"), [("AFTERCOURSE_MODE", "staging"), ("AFTERCOURSE_LOG", "jsonl")])
def test_an_unknown_word_is_refused_with_those_that_are_known(tmp_path, name, value):
    needed = {"AFTERCOURSE_MODE": "demo"} if name != "AFTERCOURSE_MODE" else {}
    done = check(tmp_path, **needed | {name: value})
    assert done.returncode != 0
    assert f"{name} is '{value}'; it can be" in done.stderr


def check(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=clean | {"AFTERCOURSE_VAR": str(folder)} | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_nothing_set_the_mode_is_production_and_does_not_start(tmp_path):
    done = check(tmp_path)
    assert done.returncode != 0
    assert "AFTERCOURSE_SECRET_KEY" in done.stderr
    assert "AFTERCOURSE_HOSTS" in done.stderr


def test_production_starts_with_all_that_is_needed_and_not_over_plain_http(tmp_path):
    needed = {
        "AFTERCOURSE_SECRET_KEY": KEY,
        "AFTERCOURSE_URL": "https://aftercourse.example",
        "AFTERCOURSE_MAIL_FROM": "follow-up@aftercourse.example",
    }
    assert check(tmp_path, **needed).returncode == 0
    plain = check(tmp_path, **needed | {"AFTERCOURSE_URL": "http://aftercourse.example"})
    assert plain.returncode != 0
    assert "https://" in plain.stderr


def test_forms_come_from_the_address_people_know_us_by(tmp_path):
    ask = "from django.conf import settings; print(settings.CSRF_TRUSTED_ORIGINS)"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    mine = {"AFTERCOURSE_MODE": "test", "AFTERCOURSE_VAR": str(tmp_path)}
    for url, trusted in (("https://aftercourse.example/", "['https://aftercourse.example']"), ("", "[]")):
        done = subprocess.run(
            [sys.executable, "-c", ask],
            cwd=ROOT,
            env=clean | mine | {"AFTERCOURSE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == trusted


@pytest.mark.parametrize("version", [(3, 31, 1), (3, 34, 9)])
def test_a_sqlite_that_is_too_old_is_named(version):
    with pytest.raises(ImproperlyConfigured, match=r"SQLite here is 3\.3"):
        production_checks.require_sqlite(version)


def test_a_sqlite_that_is_new_enough_will_do():
    production_checks.require_sqlite((3, 35, 0))
