import io

import matplotlib
import numpy as np
import PIL.Image
import pytest
from matplotlib.figure import Figure

from tp_visualisation import plotting


@pytest.fixture
def photograph():
    return np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)


@pytest.fixture
def ramp():
    return np.linspace(0.2, 0.8, 240, dtype=np.float32).reshape(12, 20)


def test_one_sided_map_runs_through_viridis_and_a_signed_one_is_white_at_zero(ramp):
    viridis = np.rint(np.array(matplotlib.colormaps["viridis"]([0.0, 1.0]))[:, :3] * 255)
    np.testing.assert_array_equal(plotting.colourise(ramp)[[0, -1], [0, -1]], viridis)

    signed = np.array([[-1.0, 0.0, 0.5]])
    red_white_blue = plotting.colourise(signed)[0].astype(int)
    assert red_white_blue[0, 2] > red_white_blue[0, 0], "negative values are blue"
    assert red_white_blue[1].min() > 240, "zero is white"
    assert red_white_blue[2, 0] > red_white_blue[2, 2], "positive values are red"


def test_one_very_bright_pixel_does_not_leave_the_rest_dark(ramp):
    with_peak = ramp.copy()
    with_peak[0, 0] = 1000
    assert plotting.colour_limits(with_peak)[1] <= 0.8
    assert plotting.colour_limits(np.eye(30)) == (0, 1), "a map with few pixels above 0 keeps its highest value"
    assert plotting.colour_limits(np.full((3, 4), 7.0)) == (7, 7)


def test_colour_map_is_a_choice_and_a_typo_gets_the_nearest(ramp):
    jet = np.rint(np.array(matplotlib.colormaps["jet"](1.0))[:3] * 255)
    np.testing.assert_array_equal(plotting.colourise(ramp, "jet")[-1, -1], jet)
    with pytest.raises(ValueError, match='"viridis"'):
        plotting.colourise(ramp, "virdis")


def test_overlay_is_the_weighted_mean_of_photograph_and_heatmap(photograph, ramp):
    expected = 0.75 * photograph + 0.25 * plotting.colourise(ramp)
    before = photograph.copy()
    laid = plotting.overlay(photograph, ramp, alpha=0.25)
    assert laid.dtype == np.uint8
    np.testing.assert_allclose(laid, expected, atol=0.5)
    np.testing.assert_array_equal(photograph, before)


@pytest.mark.parametrize(
    "draw", [plotting.overlay, plotting.plot_explanation, lambda i, m: plotting.plot_maps(i, {"a": m})]
)
def test_map_of_another_size_or_with_nan_is_refused(draw, photograph, ramp):
    with pytest.raises(ValueError, match="size .* of its image"):
        draw(photograph, ramp[:5])
    with pytest.raises(ValueError, match="NaN"):
        draw(photograph, ramp * np.nan)


def test_three_panels_show_photograph_map_and_overlay_with_their_title(photograph, ramp):
    figure = plotting.plot_explanation(photograph, ramp, title="dalmatian, probability 0.65")
    panels = [axis for axis in figure.axes if axis.images]
    np.testing.assert_array_equal(panels[0].images[0].get_array(), photograph)
    np.testing.assert_array_equal(panels[1].images[0].get_array(), ramp)
    np.testing.assert_array_equal(panels[2].images[0].get_array(), plotting.overlay(photograph, ramp))
    assert figure.get_suptitle() == "dalmatian, probability 0.65"


def test_grid_has_the_photograph_then_each_map_under_its_name(photograph, ramp):
    figure = plotting.plot_maps(photograph, {"RISE": ramp, "gradient": -ramp}, n_columns=2)
    titles = [axis.get_title() for axis in figure.axes if axis.images]
    assert titles == ["photograph", "RISE", "gradient"]
    assert figure.axes[2].images[0].get_clim() == pytest.approx((-0.8, 0.8), rel=0.01), "a signed map is centred on 0"


def test_figures_stay_out_of_pyplot(photograph, ramp):
    import matplotlib.pyplot

    plotting.plot_maps(photograph, {"RISE": ramp})
    assert matplotlib.pyplot.get_fignums() == []


def test_saving_writes_the_array_or_the_figure_and_nothing_else(photograph, tmp_path):
    plotting.save_figure(photograph, tmp_path / "array.png")
    np.testing.assert_array_equal(np.array(PIL.Image.open(tmp_path / "array.png")), photograph)
    plotting.save_figure(Figure(), tmp_path / "figure.pdf")
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    assert {path.name for path in tmp_path.iterdir()} == {"array.png", "figure.pdf"}


def test_a_notebook_shows_a_figure_without_pyplot(photograph, ramp):
    figure = plotting.plot_explanation(photograph, ramp)
    figure.set_dpi(40)
    picture = PIL.Image.open(io.BytesIO(figure._repr_png_()))
    assert picture.format == "PNG"
    np.testing.assert_allclose(picture.size, figure.bbox.size, atol=1)
