"""`make run` says in one sentence why a port will not do, and does nothing twice."""

import socket

import pytest

from tools import run


def test_a_taken_port_is_reported_with_another_one():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        problem = run.problem_with_port(str(port))
    assert f"Port {port} is taken" in problem
    assert "make run PORT=" in problem
    assert "\n" not in problem
    assert run.problem_with_port(str(port)) is None


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1", "80 80"])
def test_an_invalid_port_is_reported(port):
    assert "PORT is a number" in run.problem_with_port(port)


def test_static_files_are_collected_again_only_when_one_changed(tmp_path, monkeypatch, settings, capsys):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "page.css").write_text("p { margin: 0 }")
    for name in run.STATIC_CODE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    settings.STATIC_BUNDLES = {}
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    run.collect_static()
    assert (tmp_path / "collected" / "page.css").exists()
    assert "Collecting" in capsys.readouterr().out
    run.collect_static()
    assert not capsys.readouterr().out
    (tmp_path / "static" / "page.css").write_text("p { margin: 1rem }")
    run.collect_static()
    assert "1rem" in (tmp_path / "collected" / "page.css").read_text()


def test_it_says_what_to_open_under_both_names_of_the_server():
    welcome = run.welcome("8080")
    assert "http://localhost:8080/demo/" in welcome
    assert "http://127.0.0.1:8080/demo/" in welcome
    assert "make demo" in welcome
