from tp_visualisation import networks


def test_networks_say_whether_they_are_here_or_how_to_get_them(tpvis, monkeypatch):
    family = networks.Family(("my_network",), None, lambda name: None, "comes from this test")
    monkeypatch.setattr(networks, "FAMILIES", [*networks.FAMILIES, family])
    code, out, _ = tpvis("networks")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == networks.names()
    assert all(line[20] == " " != line[21] for line in out.splitlines())  # a column
    assert "efficientnet_lite0   here" in out
    assert "resnet50v2" in out
    assert "my_network           comes from this test" in out
