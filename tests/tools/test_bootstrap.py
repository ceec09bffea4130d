"""The environment is made once, and by the Python it needs."""

import sys

import pytest

from tools import bootstrap


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose environment is there, with both locks installed as they are now."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in ("base", "dev"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(f"{name}==1\n")
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(bootstrap, "PYTHON", sys.executable)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: "uv")
    monkeypatch.setattr(bootstrap, "run", lambda command, path: project_runs.append(path) or True)
    project_runs.clear()
    return tmp_path


project_runs: list[str] = []


def test_an_installed_lock_is_not_installed_again(project):
    assert bootstrap.main(["base"]) == 0
    assert bootstrap.main(["base"]) == 0
    assert len(project_runs) == 1


def test_who_can_test_can_also_run(project):
    bootstrap.main(["dev"])
    assert bootstrap.main(["base"]) == 0
    assert len(project_runs) == 1


def test_who_can_run_still_needs_more_to_test(project):
    bootstrap.main(["base"])
    bootstrap.main(["dev"])
    assert len(project_runs) == 2


def test_a_changed_lock_is_installed(project):
    bootstrap.main(["dev"])
    (project / "requirements" / "base.lock").write_text("base==2\n")
    bootstrap.main(["base"])
    assert len(project_runs) == 2


def test_without_uv_pip_installs_the_same_lock(project, monkeypatch):
    monkeypatch.setattr(bootstrap, "find_uv", lambda: None)
    monkeypatch.setattr(bootstrap, "has_pip", lambda: True)
    assert bootstrap.main(["base"]) == 0
    assert project_runs == [str(project / "requirements" / "base.lock")]


def test_a_failed_installation_is_reported_and_retried(project, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "run", lambda command, path: False)
    monkeypatch.setattr(bootstrap, "has_pip", lambda: True)
    assert bootstrap.main(["base"]) == 1
    assert "could not be installed" in capsys.readouterr().err
    assert not bootstrap.is_installed("base")


def test_an_unsupported_python_is_reported_with_the_supported_versions(project, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "VERSIONS", [(2, 4)])
    monkeypatch.setattr(bootstrap, "version_of", lambda python: None)
    assert bootstrap.main(["base"]) == 1
    assert "needs Python 3.11, 3.12 or 3.13" in capsys.readouterr().err
