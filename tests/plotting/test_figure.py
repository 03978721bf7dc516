import io

import numpy as np
import PIL.Image
import pytest
from matplotlib.figure import Figure

from tp_visualisation import plotting
from tp_visualisation.class_model import Snapshot
from tp_visualisation.plotting.figure import panels


def test_figures_stay_out_of_pyplot(photograph, ramp):
    import matplotlib.pyplot

    plotting.plot_maps(photograph, {"RISE": ramp})
    assert matplotlib.pyplot.get_fignums() == []


def test_a_notebook_shows_a_figure_without_pyplot(photograph, ramp):
    figure = plotting.plot_explanation(photograph, ramp)
    figure.set_dpi(40)
    picture = PIL.Image.open(io.BytesIO(figure._repr_jpeg_()))
    assert picture.format == "JPEG"
    np.testing.assert_allclose(picture.size, figure.bbox.size, atol=1)


@pytest.mark.parametrize(("n_panels", "n_columns", "shape"), [(5, 3, (2, 3)), (2, 4, (1, 2)), (4, 1, (4, 1))])
def test_panels_stand_in_rows_of_at_most_so_many(n_panels, n_columns, shape):
    figure, axes = panels(n_panels, n_columns, np.zeros((30, 60, 3)), "a title")
    assert axes.shape == shape
    width, height = figure.get_size_inches()
    assert width == pytest.approx(3.2 * shape[1])
    assert height == pytest.approx((1.6 + 0.3) * shape[0] + 0.4), "panels half as high as wide, like the image"
    assert figure.get_suptitle() == "a title"
    assert not any(axis.axison for axis in axes.flat)


def test_no_columns_are_no_figure(photograph, ramp):
    with pytest.raises(ValueError, match="n_columns must be at least 1"):
        plotting.plot_maps(photograph, {"RISE": ramp}, n_columns=0)


# Files


def test_saving_writes_the_array_or_the_figure_and_nothing_else(photograph, tmp_path):
    plotting.save_figure(photograph, tmp_path / "array.png")
    np.testing.assert_array_equal(np.array(PIL.Image.open(tmp_path / "array.png")), photograph)
    plotting.save_figure(Figure(), tmp_path / "figure.pdf")
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert {path.name for path in tmp_path.iterdir()} == {"array.png", "figure.pdf"}


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("figure.foo", ValueError, "suffix must be one of .*png"),
        ("nowhere/figure.png", FileNotFoundError, '"nowhere" does not exist'),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_before(name, error, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        plotting.check_figure_path(name)
    with pytest.raises(error, match=message):
        plotting.save_figure(Figure(), name)
    assert list(tmp_path.iterdir()) == []


def test_an_animation_holds_every_image_and_its_last_one_longest(tmp_path):
    images = [np.full((8, 10, 3), level, np.uint8) for level in (0, 100, 200)]
    path = tmp_path / "grey.gif"
    plotting.save_gif([Snapshot(1, image, 0.0, 0.0) for image in images], path, seconds=0.05, hold=1)
    with PIL.Image.open(path) as gif:
        shown = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            shown.append((np.array(gif.convert("RGB"))[0, 0, 0], gif.info["duration"]))
        assert gif.info["loop"] == 0
    assert shown == [(0, 50), (100, 50), (200, 1000)]


def test_an_animation_that_cannot_be_written_leaves_nothing(tmp_path):
    def images():
        yield np.zeros((4, 4, 3), np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plotting.save_gif(images(), tmp_path / "a.gif")
    for wrong, path in [([], "a.gif"), ([np.zeros((4, 4, 3))], "a.png"), (np.zeros((2, 4, 4, 3)), "no/a.gif")]:
        with pytest.raises((ValueError, OSError)):
            plotting.save_gif(wrong, tmp_path / path)
    assert list(tmp_path.iterdir()) == []
