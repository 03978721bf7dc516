import re

import pytest

from tp_visualisation import load_classifier


def test_doctor_says_what_is_here_which_engine_is_the_fastest_and_why_and_that_the_network_works(tpvis):
    code, out, _ = tpvis("doctor")
    assert code == 0
    assert "\nefficientnet_lite0 here, with its ImageNet weights\n" in out
    assert re.search(r"\nother networks   \d+, see tpvis networks\n", out)
    assert "\nengine           tensorflow: " in out
    engine = load_classifier(engine="fastest").engine
    assert engine.reason
    assert f"\nfastest engine   {engine.name}: {engine.reason} ({engine.description})\n" in out
    assert "seen as dalmatian" in out
    assert "\nOpenVINO         converts a graph and computes it right\n" in out


def test_doctor_says_what_openvino_stumbles_on(tpvis, monkeypatch):
    openvino = pytest.importorskip("openvino")

    def stumble(*arguments):
        raise NameError("name 'tensorflow' is not defined")

    monkeypatch.setattr(openvino.Core, "read_model", stumble)
    code, out, _ = tpvis("doctor")
    assert code == 0
    assert (
        "\nOpenVINO         fails here, TensorFlow runs instead (NameError: name 'tensorflow' is not defined)\n" in out
    )
