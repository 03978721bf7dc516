import PIL.Image


def test_class_is_drawn_as_a_row_of_pictures_or_an_animation(tpvis):
    code, out, _ = tpvis("visualise-class", "tarantula", "--n-steps", 4, "-o", "spider.gif")
    assert code == 0
    assert out.startswith("tarantula: score")
    assert PIL.Image.open("spider.gif").n_frames == 4
    assert tpvis("visualise-class", "bald eagle", "--n-steps", 2, "--init-image", "dalmatian")[0] == 0
    assert PIL.Image.open("bald_eagle.png").width > 300


def test_unknown_class_is_not_drawn(refused, tmp_path):
    assert '"tarantula"' in refused("visualise-class", "tarantulla")
    assert "--n-steps must be at least 1" in refused("visualise-class", "tarantula", "--n-steps", "0")
    assert "seed must be at least 0" in refused("visualise-class", "tarantula", "--seed", "-1", "--network", "none")
    assert list(tmp_path.iterdir()) == []
