"""Which network a request comes from, with a proxy and without, and with one that nobody told us of."""

import logging

import pytest
from django.http import HttpRequest
from django.urls import reverse

from common import networks
from common.networks import is_proxy_unknown, network_of
from tests.cast import person


def request_with(remote: str = "", **headers: str) -> HttpRequest:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": remote, **headers}
    return request


def forwarded(remote: str, named: str) -> HttpRequest:
    return request_with(remote, HTTP_X_FORWARDED_FOR=named)


@pytest.mark.parametrize(
    ("request_", "network"),
    [
        (request_with("198.51.100.7"), "198.51.100.7"),
        (request_with("192.168.1.5"), "192.168.1.5"),
        (request_with("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::"),
        (request_with("::ffff:198.51.100.7"), "198.51.100.7"),
        (request_with("127.0.0.1"), ""),
        (request_with("::1"), ""),
        (request_with(""), ""),
        (request_with("a socket"), ""),
        (forwarded("8.8.8.8", "9.9.9.9"), "8.8.8.8"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.META["REMOTE_ADDR"],
)
def test_without_a_proxy_it_is_who_connected(request_, network, settings):
    settings.BEHIND_PROXY = False
    assert network_of(request_) == network


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "172.17.0.1", "10.0.0.2"])
def test_a_proxy_nobody_told_us_of_does_not_make_all_visitors_one(remote, settings):
    settings.BEHIND_PROXY = False
    assert network_of(forwarded(remote, "9.9.9.9")) == "9.9.9.9"
    assert network_of(forwarded(remote, "1.1.1.1, 8.8.8.8")) == "8.8.8.8", "what the proxy saw itself"
    assert is_proxy_unknown(forwarded(remote, "9.9.9.9"))


@pytest.mark.parametrize(
    ("request_", "network"),
    [
        (forwarded("10.0.0.2", "9.9.9.9"), "9.9.9.9"),
        (forwarded("8.8.8.8", "made up, 9.9.9.9"), "9.9.9.9"),
        (forwarded("10.0.0.2", "9.9.9.9:50123"), "9.9.9.9"),
        (forwarded("10.0.0.2", "[2001:db8:1:2::9]:443"), "2001:db8:1:2::"),
        (forwarded("10.0.0.2", "2001:db8:1:2:3::9"), "2001:db8:1:2::"),
        (forwarded("10.0.0.2", "not an address"), ""),
        (forwarded("10.0.0.2", "unknown"), ""),
        (forwarded("10.0.0.2", ""), ""),
        (request_with("10.0.0.2"), ""),
    ],
    ids=str,
)
def test_behind_a_proxy_it_is_what_the_proxy_says(request_, network, settings):
    settings.BEHIND_PROXY = True
    assert network_of(request_) == network
    assert not is_proxy_unknown(request_)


def test_an_unknown_proxy_is_logged_once(settings, caplog):
    settings.BEHIND_PROXY = False
    networks.warn_of_unknown_proxy.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _time in range(3):
            network_of(forwarded("127.0.0.1", "9.9.9.9"))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "AFTERCOURSE_BEHIND_PROXY" in caplog.text
    assert "9.9.9.9" not in caplog.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Proto", "Via"])
def test_the_administrator_sees_that_the_setting_is_missing(header, as_, db, settings):
    administrator = as_(person("Ada Administrator", is_staff=True, is_superuser=True))
    index, name = reverse("admin:index"), f"HTTP_{header.upper().replace('-', '_')}"
    assert "AFTERCOURSE_BEHIND_PROXY" not in administrator.get(index).content.decode()
    assert "AFTERCOURSE_BEHIND_PROXY" in administrator.get(index, **{name: "9.9.9.9"}).content.decode()
    settings.PROXY_FORGOTTEN = True
    assert "AFTERCOURSE_BEHIND_PROXY" in administrator.get(index).content.decode()


def test_behind_an_unknown_proxy_nobody_locks_everybody_out(client, db, settings):
    settings.BEHIND_PROXY = False
    user = person("Anna Known")
    user.set_password("seven-blue-chairs")
    user.save()
    login = reverse("account_login")
    for number in range(12):
        wrong = {"login": f"a{number % 2}@school.test", "password": "wrong-password"}
        client.post(login, wrong, HTTP_X_FORWARDED_FOR="9.9.9.9")
    right = {"login": user.email, "password": "seven-blue-chairs"}
    assert client.post(login, right, HTTP_X_FORWARDED_FOR="8.8.8.8").status_code == 302
