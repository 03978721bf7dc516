"""The package as somebody meets it who has just imported it."""

import os
import subprocess
import sys

import pytest

ROOMS = [
    "adversarial",
    "class_model",
    "course",
    "engines",
    "evaluation",
    "explorer",
    "images",
    "labels",
    "maps",
    "networks",
    "plotting",
    "quadtree",
    "saliency",
    "samples",
]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_there_at_once(room):
    code = f"import sys, tp_visualisation as tpv; before = set(sys.modules); print(tpv.{room}.__name__, *before)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == f"tp_visualisation.{room}"
    assert "tensorflow" not in said  # which is imported when it is first needed


def test_ctrl_c_while_tensorflow_is_imported_does_what_it_does_elsewhere():
    code = (
        "import os, signal, sys; from tp_visualisation import later, processes; said = []\n"
        "signal.signal(signal.SIGINT, lambda *given: said.append(given) if sys.argv[1] == 'own' else None)\n"
        "if sys.argv[1] == 'none': signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "if sys.argv[1] == 'usual': signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n    with later._ctrl_c_put_off():\n        os.kill(os.getpid(), signal.SIGINT); said.append('inside')\n"
        "except KeyboardInterrupt:\n    said.append('interrupted')\n"
        "print(len(said), said[0], said[-1] == 'interrupted')"
    )
    for handler, expected in {"own": "2 inside False", "none": "1 inside False", "usual": "2 inside True"}.items():
        run = subprocess.run([sys.executable, "-c", code, handler], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected


def test_tensorflow_is_imported_without_its_log_lines():
    code = (
        "import sys, tp_visualisation as tpv; tpv.load_classifier, tpv.saliency; before = 'tensorflow' in sys.modules; "
        "tpv.load_classifier(); sys.exit(before or 'tensorflow' not in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (run.returncode, run.stderr) == (0, "")
