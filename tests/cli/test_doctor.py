from tp_visualisation import load_classifier


def test_doctor_says_what_is_here_which_engine_is_the_fastest_and_why_and_that_the_network_works(tpvis):
    code, out, _ = tpvis("doctor")
    assert code == 0
    assert "efficientnet_lite0   here" in out
    assert "\nengine           tensorflow: " in out
    engine = load_classifier(engine="fastest").engine
    assert engine.reason
    assert f"\nfastest engine   {engine.name}: {engine.reason} ({engine.description})\n" in out
    assert "seen as dalmatian" in out
