"""What `--help` says, and that it says it at once: the names come from the library's tables, without importing them."""

import re
import subprocess
import sys

import pytest

from tp_visualisation.cli.options import DEFAULT_NETWORK, names_in


@pytest.fixture
def help_of(tpvis, monkeypatch):
    """A function: the words of a command's help."""
    monkeypatch.setenv("COLUMNS", "500")

    def words(*command):
        code, out, _ = tpvis(*command, "--help")
        assert code == 0
        return set(re.findall(r"[\w-]+", out))

    return words


def test_help_answers_without_tensorflow_or_matplotlib():
    code = (
        "import sys, tp_visualisation.cli; sys.argv = ['tpvis', *sys.argv[1:]]\n"
        "try: tp_visualisation.cli.main()\n"
        "finally: print(*[name in sys.modules for name in ('tensorflow', 'keras', 'matplotlib', 'numpy')])"
    )
    for command in ([], ["explain"], ["attack"], ["visualise-class"], ["evaluate"]):
        run = subprocess.run([sys.executable, "-c", code, *command, "--help"], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        assert run.stdout.splitlines()[-1] == "False False False False", command


def test_help_shows_a_command_to_try(tpvis):
    code, out, _ = tpvis("--help")
    assert code == 0
    assert "tpvis explain dalmatian" in out


def test_the_package_runs_as_a_module():
    run = subprocess.run([sys.executable, "-m", "tp_visualisation.cli", "samples"], capture_output=True, text=True)
    assert run.returncode == 0
    assert "dalmatian" in run.stdout


def test_names_that_help_lists_are_those_of_the_tables():
    from tp_visualisation import networks
    from tp_visualisation.adversarial import ATTACKS
    from tp_visualisation.engines import ENGINES
    from tp_visualisation.evaluation import METRICS
    from tp_visualisation.saliency import METHODS

    for name, table in (("ATTACKS", ATTACKS), ("ENGINES", ENGINES), ("METHODS", METHODS), ("METRICS", METRICS)):
        assert names_in(name) == list(table)
    assert networks.DEFAULT == DEFAULT_NETWORK


def test_help_names_every_attack_method_metric_and_engine(help_of):
    from tp_visualisation.adversarial import ATTACKS
    from tp_visualisation.engines import ENGINES
    from tp_visualisation.evaluation import METRICS
    from tp_visualisation.saliency import METHODS

    assert set(ATTACKS) <= help_of("attack")
    assert {*METHODS, *ENGINES} <= help_of("explain")
    assert {*METHODS, *METRICS, *ENGINES} <= help_of("evaluate")


def test_help_shows_defaults_that_are_no_values(help_of):
    assert "IMAGE_METHOD" in help_of("explain")
    assert "TARGET" in help_of("visualise-class")
