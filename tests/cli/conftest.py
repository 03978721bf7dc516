import sys

import pytest

from tp_visualisation import cli


@pytest.fixture
def tpvis(monkeypatch, capsys, tmp_path):
    """Run a command line in an empty folder; return its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_leave", lambda: None)  # it is not this process that ends

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tpvis", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        return exit_info.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def refused(tpvis):
    """Run a command line that must end in one line on stderr and exit code 2; return the line."""

    def run(*arguments):
        code, _, err = tpvis(*arguments)
        assert code == 2
        assert err.startswith("tpvis: ")
        assert len(err.strip().splitlines()) == 1
        return err

    return run
