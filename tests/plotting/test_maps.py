import tracemalloc

import matplotlib
import numpy as np
import pytest

from tp_visualisation import plotting
from tp_visualisation.plotting import maps
from tp_visualisation.quadtree import decompose
from tp_visualisation.saliency import Window


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


def test_colour_map_is_a_choice_and_a_typo_gets_the_nearest(photograph, ramp):
    jet = np.rint(np.array(matplotlib.colormaps["jet"](1.0))[:3] * 255)
    np.testing.assert_array_equal(plotting.colourise(ramp, "jet")[-1, -1], jet)
    for draw in (
        lambda cmap: plotting.colourise(ramp, cmap),
        lambda cmap: plotting.plot_maps(photograph, {}, cmap=cmap),
    ):
        with pytest.raises(ValueError, match='"viridis"'):
            draw("virdis")


def test_overlay_is_the_weighted_mean_of_photograph_and_heatmap(photograph, ramp):
    expected = 0.75 * photograph + 0.25 * plotting.colourise(ramp)
    before = photograph.copy()
    laid = plotting.overlay(photograph, ramp, alpha=0.25)
    assert laid.dtype == np.uint8
    np.testing.assert_allclose(laid, expected, atol=0.5)
    np.testing.assert_array_equal(photograph, before)


@pytest.mark.parametrize("alpha", [-0.1, 1.5, np.nan])
def test_a_weight_that_is_none_is_refused(alpha, photograph, ramp):
    with pytest.raises(ValueError, match=r"alpha must lie in \[0, 1\]"):
        plotting.overlay(photograph, ramp, alpha=alpha)


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


def test_windows_stand_in_a_panel_a_scale_each_with_its_probability():
    image = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
    whole = Window(0, (12, 20), (0, 0, 12, 20), (0, 0, 24, 40), 0.5, np.full((12, 20), 0.5, np.float32))
    corners = [(0, 0), (0, 16), (10, 0), (10, 16)]
    parts = [
        Window(1, (22, 36), (y, x, y + 12, x + 20), (y, x, y + 12, x + 20), 0.1 * k, None if k else whole.saliency_map)
        for k, (y, x) in enumerate(corners)
    ]
    figure = plotting.plot_windows(image, [whole, *parts])
    panels = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in panels] == ["12 × 20", "22 × 36"]
    assert [text.get_text() for axis in panels for text in axis.texts] == ["50%", "0%", "10%", "20%", "30%"]

    mosaic = np.asarray(panels[1].images[0].get_array())
    assert mosaic.shape == (2 * 12 + 1, 2 * 20 + 2, 3)
    np.testing.assert_array_equal(mosaic[:, 20:22], 255)
    shown = [mosaic[y : y + 12, x : x + 20] for y in (0, 13) for x in (0, 22)]
    assert [part.max() < 64 for part in shown] == [False, True, True, True], "dropped windows are dark"

    with pytest.raises(ValueError, match="windows is empty"):
        plotting.plot_windows(image, [])


def test_an_image_is_checked_once_for_all_panels(photograph, ramp, monkeypatch):
    checked = []

    def counted(image, check_image=maps.check_image):
        checked.append(image.shape)
        return check_image(image)

    monkeypatch.setattr(maps, "check_image", counted)
    window = Window(0, (12, 20), (0, 0, 12, 20), (0, 0, 12, 20), 0.5, ramp)
    for draw in (
        lambda: plotting.overlay(photograph, ramp),
        lambda: plotting.plot_explanation(photograph, ramp),
        lambda: plotting.plot_maps(photograph, {"a": ramp, "b": -ramp}, overlays=True),
        lambda: plotting.plot_windows(photograph, [window, window._replace(scale=1), window._replace(scale=2)]),
    ):
        checked.clear()
        draw()
        assert checked == [photograph.shape]


def test_overlays_in_panels_are_those_of_overlay(photograph, ramp):
    figure = plotting.plot_maps(photograph, {"a": ramp, "b": -ramp}, overlays=True, cmap="jet")
    for axis, saliency_map in zip(figure.axes[1:], (ramp, -ramp), strict=False):
        expected = plotting.overlay(photograph, saliency_map, cmap="jet")
        np.testing.assert_array_equal(axis.images[0].get_array(), expected)
    window = Window(0, (12, 20), (0, 0, 12, 20), (0, 0, 12, 20), 0.5, ramp)
    (axis,) = plotting.plot_windows(photograph, [window]).axes
    np.testing.assert_array_equal(axis.images[0].get_array(), plotting.overlay(photograph, ramp))


def test_a_window_with_a_map_of_another_size_is_refused(photograph, ramp):
    window = Window(0, (12, 20), (0, 0, 12, 20), (0, 0, 12, 20), 0.5, ramp[:5])
    with pytest.raises(ValueError, match="size .* of its image"):
        plotting.plot_windows(photograph, [window])


def test_no_leaves_are_refused_with_a_sentence(photograph):
    for leaves in ([], np.zeros((0, 4), int)):
        with pytest.raises(ValueError, match="leaves is empty: take those that quadtree.decompose"):
            plotting.plot_leaves(photograph, leaves)


def test_figure_outlines_every_leaf_and_shows_their_means():
    image = np.zeros((8, 12, 3), np.uint8)
    image[:4, :6] = 200
    axes = plotting.plot_leaves(image, decompose(image)).axes
    outlines = axes[1].collections[0].get_segments()
    assert axes[1].get_title() == "4 leaves for 96 pixels"
    np.testing.assert_array_equal(outlines[1], [[5.5, -0.5], [11.5, -0.5], [11.5, 3.5], [5.5, 3.5], [5.5, -0.5]])
    np.testing.assert_array_equal(axes[2].images[0].get_array(), image)


@pytest.fixture(scope="module")
def large():
    """A photograph of 12 megapixels whose blocks of 4 × 4 pixels have known means, and a map of its size."""
    means = np.random.default_rng(0).integers(9, 247, (720, 1040, 3), dtype=np.uint8)
    image = means.repeat(4, axis=0).repeat(4, axis=1)
    image[::2] += 9
    image[1::2] -= 9
    return image, np.linspace(0, 1, image[..., 0].size, dtype=np.float32).reshape(image.shape[:2]), means


def test_a_large_photograph_is_averaged_to_what_a_panel_shows(large, monkeypatch):
    image, saliency_map, means = large
    monkeypatch.setattr("tp_visualisation.plotting.figure.LONGEST_DRAWN", 1040)
    before = image.copy()
    axes = plotting.plot_explanation(image, saliency_map).axes
    np.testing.assert_array_equal(axes[0].images[0].get_array(), means)
    np.testing.assert_allclose(
        axes[1].images[0].get_array(), saliency_map.reshape(720, 4, 1040, 4).mean((1, 3)), atol=1e-5
    )
    for axis in axes[:3]:  # places in the photograph keep their coordinates
        assert axis.images[0].get_array().shape[:2] == (720, 1040)
        assert (axis.get_xlim(), axis.get_ylim()) == ((-0.5, 4159.5), (2879.5, -0.5))
    np.testing.assert_array_equal(image, before)


def test_a_large_photograph_is_drawn_without_copies_of_it(large, tmp_path):
    image, saliency_map, _ = large
    tracemalloc.start()
    plotting.save_figure(plotting.plot_explanation(image, saliency_map), tmp_path / "large.png")
    plotting.save_figure(plotting.plot_maps(image, {"a": saliency_map}, overlays=True), tmp_path / "maps.png")
    plotting.overlay(image, saliency_map)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_an_overlay_is_computed_in_pieces_that_do_not_show(large, kind):
    image, saliency_map = large[0][:1100, :1100].astype(kind), large[1][:1100, :1100] - 0.1
    low, high = plotting.colour_limits(saliency_map)
    colours = matplotlib.colormaps["RdBu_r"](np.clip((saliency_map - low) / (high - low), 0, 1))
    colours = np.rint(colours[..., :3] * 255)
    np.testing.assert_array_equal(plotting.colourise(saliency_map), colours)
    np.testing.assert_array_equal(
        plotting.overlay(image, saliency_map, alpha=0.3), np.rint(0.7 * image.astype(np.float32) + 0.3 * colours)
    )


def test_a_large_map_of_another_size_is_refused(large):
    with pytest.raises(ValueError, match="size .* of its image"):
        plotting.plot_explanation(large[0], large[1][:-1])
