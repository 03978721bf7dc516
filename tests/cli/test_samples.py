def test_samples_are_listed_with_their_classes_and_files(tpvis):
    code, out, _ = tpvis("samples")
    assert code == 0
    assert len(out.splitlines()) == 20
    assert "dalmatian        class 251" in out
