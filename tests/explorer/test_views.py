"""Each view without a browser: its numbers are the library's, its code makes its figure."""

import functools
import io
import re
import threading

import ipywidgets
import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.explorer import dream, fool, hide, live_rise, parts
from tp_visualisation.explorer.ask import Question, ask
from tp_visualisation.explorer.language import Language
from tp_visualisation.explorer.page import VIEWS
from tp_visualisation.saliency import BalancedBlocks, upsampling

from .conftest import settled

STROKES = [[6, [[10, 10], [30, 20]]], [4, [[50, 30]]]]


def percents(html):
    return [float(number) for number in re.findall(r"([\d.]+)%</td>", html)]


def pixels(png):
    return np.asarray(PIL.Image.open(png).convert("RGB"), np.float32)


def figure_of(view):
    png = io.BytesIO()
    view.figure().savefig(png, format="png")
    return pixels(png)


def use(explorer, name):
    """Do in a view what leaves something to keep."""
    view = explorer.view
    if name == "hide":
        view.brush.strokes = STROKES
    elif name == "rise":
        view.n_masks.value, view.grid_size.value = 256, 3
    elif name == "fool":
        view.target.value = "class 2"
        settled(explorer)
        view.all_steps()
    elif name == "dream":
        view.n_steps.value = 20
    return settled(explorer)


@pytest.mark.parametrize("name", VIEWS)
def test_the_code_of_a_view_runs_as_it_stands_and_makes_its_figure(
    name, opened, small, photograph, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    explorer = use(opened(name), name)
    made = {"clf": small, "image": photograph}
    exec(explorer.keep.code, made)
    np.testing.assert_allclose(pixels(tmp_path / f"image_{name}.png"), figure_of(explorer.view), atol=3)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_keeps_what_it_shows_as_png(name, opened, monkeypatch):
    explorer = use(opened(name), name)
    sent = []
    monkeypatch.setattr(explorer.keep, "download", lambda png, file: sent.append((png, file)))
    explorer.keep._handle_custom_msg({"kind": "save"}, [])
    settled(explorer)
    ((png, file),) = sent
    assert file == f"image_{name}.png"
    np.testing.assert_array_equal(pixels(io.BytesIO(png)), figure_of(explorer.view))


@pytest.mark.parametrize("name", VIEWS)
def test_a_browser_that_arrives_late_is_told_what_every_widget_holds(name, opened, monkeypatch):
    explorer = settled(opened(name))
    told = []
    monkeypatch.setattr(ipywidgets.Widget, "send_state", lambda widget, key=None: told.append(widget))
    explorer.keep._handle_custom_msg({"kind": "here"}, [])
    assert {explorer.keep, explorer.photograph, explorer.class_name, explorer.view.widget} <= set(told)
    pictures = [made for made in vars(explorer.view).values() if isinstance(made, ipywidgets.DOMWidget)]
    assert pictures
    assert set(pictures) <= set(told)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_changes_with_the_photograph_and_the_class(name, opened, photograph):
    explorer = use(opened(name), name)
    before = explorer.keep.code
    explorer.chosen.value = "by_name"
    explorer.class_name.value = "class 1"
    settled(explorer)
    assert explorer.session.target(explorer.session.classifier) == 1
    assert name == "fool" or explorer.keep.code != before  # an attack has its own class


def test_a_photograph_of_ones_own_can_be_chosen_again(opened, photograph):
    explorer = opened("ask")
    explorer.photograph.value = "jeep"
    assert settled(explorer).session.image.shape == (512, 512, 3)
    explorer.photograph.value = "image"
    np.testing.assert_array_equal(settled(explorer).session.image, photograph)
    stream = io.BytesIO()
    PIL.Image.fromarray(255 - photograph).save(stream, format="PNG")
    explorer._open_file(stream.getvalue(), "negative.png")
    np.testing.assert_array_equal(settled(explorer).session.image, 255 - photograph)
    explorer.photograph.value = "jeep"
    explorer.photograph.value = "negative.png"
    np.testing.assert_array_equal(settled(explorer).session.image, 255 - photograph)
    explorer._open_file(b"no photograph", "text.png")
    assert "text.png" in explorer.keep.problem
    assert explorer.photograph.value == "negative.png"


def test_ask_shows_the_five_most_probable_classes_and_the_map_of_the_method(opened, small, photograph):
    explorer = opened("ask")
    view = explorer.view
    top = small.top(photograph)
    shown, bars = view._panels[0]
    assert percents(bars.value) == [round(100 * prediction.probability, 1) for prediction in top]
    assert f"grad_cam: {top[0].label}" in shown.value
    np.testing.assert_allclose(view.maps[0].saliency_map, tpv.saliency.grad_cam(small, photograph), atol=1e-5)
    view.method.method.value = "smoothgrad"
    view.method._made_for().controls["n_samples"].value = 7
    settled(explorer)
    expected = tpv.saliency.smoothgrad(small, photograph, n_samples=7)
    np.testing.assert_allclose(view.maps[0].saliency_map, expected, rtol=1e-4, atol=1e-6)
    assert "n_samples=7" in explorer.keep.code


def test_ask_shows_two_methods_or_two_classes_side_by_side(opened, small, photograph):
    explorer = opened("ask")
    view = explorer.view
    view.compare.value = "other_method"
    view.second_method.value = "gradient"
    settled(explorer)
    np.testing.assert_allclose(view.maps[1].saliency_map, tpv.saliency.gradient(small, photograph), rtol=1e-4)
    view.compare.value = "other_class"
    settled(explorer)
    assert view.maps[1].target == small.top(photograph)[1].index
    view.second_class.value = "class 0"
    settled(explorer)
    assert view.maps[1].target == 0
    assert all(shown.value for shown, _ in view._panels)
    view.compare.value = "nothing"
    settled(explorer)
    assert len(view.maps) == 1
    assert view._rows[1].layout.display == "none"


def test_ask_shows_two_networks_side_by_side(opened, photograph, monkeypatch):
    explorer = opened("ask")
    other = tpv.course.small_classifier(seed=1)
    named = explorer.session.network._replace(value=other, name="other", code="clf = another")
    monkeypatch.setattr(explorer.session, "other_network", lambda name: named)
    explorer.view.second_network.options = ["other"]
    explorer.view.second_network.value = "other"
    explorer.view.compare.value = "other_network"
    settled(explorer)
    expected = tpv.saliency.grad_cam(other, photograph)
    np.testing.assert_allclose(explorer.view.maps[1].saliency_map, expected, atol=1e-5)
    assert "other = another" in explorer.keep.code


def test_opacity_and_colours_are_drawn_without_asking_again(opened):
    explorer = opened("ask")
    found, before = explorer.view.maps, explorer.view._panels[0][0].value
    explorer.view.opacity.value = 0.9
    explorer.view.colours.value = "jet"
    assert explorer.view.maps is found
    assert explorer.view._panels[0][0].value != before
    assert "cmap='jet'" in explorer.keep.code


def test_every_method_can_be_asked(opened):
    explorer = opened("ask")
    for name in tpv.saliency.METHODS:
        question = Question(name, {"n_steps": 20} if "perturbation" in name else {}, "predicted")
        found = ask(explorer.session, explorer.session.classifier, question)
        assert found.saliency_map.shape == (40, 60)


def test_hidden_pixels_are_those_under_the_brush():
    hidden = hide.hidden_pixels((40, 60), [[5, [[20, 10]]]], keeps=False)
    y, x = np.mgrid[:40, :60]
    distance = np.hypot(x - 20, y - 10)
    assert hidden[distance <= 4].all()
    assert not hidden[distance > 6.5].any()
    kept = hide.hidden_pixels((40, 60), [[5, [[20, 10]]]], keeps=True)
    np.testing.assert_array_equal(kept, ~hidden)
    assert not hide.hidden_pixels((40, 60), [], keeps=True).any()  # nothing painted, nothing hidden


def test_what_is_hidden_is_grey_blurred_or_zero(small, photograph):
    hidden = np.zeros((40, 60), bool)
    hidden[:, 30:] = True
    shown, answers = hide.answers_with_hidden(small, photograph, hidden, "grey")
    assert (shown[:, 30:] == 128).all()
    np.testing.assert_array_equal(shown[:, :30], photograph[:, :30])
    np.testing.assert_array_equal(answers, small.probabilities(shown)[0])
    shown, _ = hide.answers_with_hidden(small, photograph, hidden, "blur")
    assert shown[:, 30:].std() < photograph[:, 30:].std() / 2
    everything, answers = hide.answers_with_hidden(small, photograph, np.ones((40, 60), bool), "zero")
    assert (everything == 0).all()
    np.testing.assert_allclose(answers, small.input_probabilities(np.zeros((1, 24, 32, 3), np.float32))[0], atol=1e-6)


def test_the_share_of_a_map_counts_what_is_positive_above_its_floor():
    hidden = np.array([[True, False]])
    assert hide.share_hidden(np.array([[3.0, 1.0]]), hidden) == 1  # a floor of 1 says nothing
    assert hide.share_hidden(np.array([[1.0, 3.0], [0.0, 4.0]]), np.array([[True, False]] * 2)) == 1 / 8
    assert hide.share_hidden(np.array([[2.0, 6.0], [-9.0, 0.0]]), np.array([[True, False]] * 2)) == 2 / 8
    assert hide.share_hidden(np.zeros((1, 2)), hidden) == 0


def test_hide_follows_the_strokes_and_says_what_they_cost(opened, small, photograph):
    explorer = use(opened("hide"), "hide")
    view = explorer.view
    hidden = hide.hidden_pixels((40, 60), STROKES, False)
    after = small.probabilities(np.where(hidden[..., None], 128, photograph))[0]
    np.testing.assert_allclose(view.seen.after, after, atol=1e-6)
    assert percents(view._bars.value) == [round(100 * p.probability, 1) for p in small.predictions(after)]
    share = hide.share_hidden(tpv.saliency.grad_cam(small, photograph), hidden)
    assert f"hiding this should cost {100 * share:.1f}% of" in view._cost.value
    assert f"{100 * hidden.mean():.1f}% of the photograph is hidden" in view._cost.value
    before, after = small.probabilities(photograph)[0].max(), view.seen.after[view.seen.target]
    assert f"from {100 * before:.1f}% to {100 * after:.1f}%" in view._cost.value
    view.mode.value = "keeps"
    settled(explorer)
    np.testing.assert_array_equal(view.seen.hidden, ~hidden)
    view._undo()
    assert view.brush.strokes == STROKES[:1]
    view.clear()
    settled(explorer)
    assert "Nothing is hidden yet" in view._cost.value
    np.testing.assert_array_equal(view.seen.after, view.seen.before)


def test_a_new_photograph_has_no_strokes(opened):
    explorer = use(opened("hide"), "hide")
    explorer.photograph.value = "bald_eagle"
    settled(explorer)
    assert explorer.view.brush.strokes == []
    assert explorer.view.brush.size == [512, 512]


def test_strokes_on_an_older_sheet_are_dropped(opened):
    """What the browser sent of a stroke while the strokes were taken back, or the photograph became another one."""
    explorer = opened("hide")
    brush = explorer.view.brush
    sent = {"painted": {"sheet": brush.painted["sheet"], "strokes": STROKES}}
    brush.set_state(sent)
    assert settled(explorer).view.brush.strokes == STROKES
    explorer.view.clear()
    brush.set_state({**sent, "radius": 8})
    assert (brush.strokes, brush.radius) == ([], 8)
    assert not settled(explorer).view.seen.hidden.any()
    explorer.photograph.value = "jeep"
    brush.set_state(sent)
    assert settled(explorer).view.brush.strokes == []


@pytest.mark.parametrize(
    ("name", "of", "made"), [("rise", "race", "laps"), ("dream", "visualise_class_steps", "snapshots")]
)
def test_what_an_old_request_still_finds_is_not_kept_with_what_the_new_one_finds(name, of, made, opened, monkeypatch):
    explorer = use(opened(name), name)
    module, found = {"rise": live_rise, "dream": dream}[name], getattr(explorer.view, made)
    found = list(found.values()) if name == "rise" else found
    begun, go_on = threading.Event(), threading.Event()

    def late(*arguments, **options):
        begun.set()
        go_on.wait(60)
        yield found[0]

    monkeypatch.setattr(module, of, late)
    explorer.view.refresh()
    assert begun.wait(60)
    monkeypatch.setattr(module, of, lambda *arguments, **options: iter([]))
    explorer.view.refresh()
    go_on.set()
    settled(explorer)
    assert not getattr(explorer.view, made)
    assert explorer.keep.code == ""


def test_the_race_is_even_and_ends_where_rise_does(small, photograph):
    laps = list(live_rise.race(small, photograph, 1, n_masks=256, grid_size=3, seed=2))
    assert laps[0].design == "random"
    behind = {"random": 0, "balanced": 0}
    for lap in laps:
        if not lap.ended:
            assert behind[lap.design] <= min(behind.values()) + 1e-9  # the one with fewer masks goes next
        behind[lap.design] = np.inf if lap.ended else lap.estimate.n_masks
    last = {lap.design: lap for lap in laps}
    for design, lap in last.items():
        assert lap.ended
        expected = tpv.saliency.rise(small, photograph, 1, n_masks=256, grid_size=3, seed=2, design=design)
        np.testing.assert_allclose(lap.estimate.saliency_map, expected, atol=1e-5)


def test_the_mask_that_is_shown_is_the_one_of_rise(small, photograph):
    lap = next(live_rise.race(small, photograph, 1, n_masks=1, grid_size=3, seed=5))
    expected = tpv.saliency.rise(small, photograph, 1, masks=lap.mask[None])
    np.testing.assert_allclose(lap.estimate.saliency_map, expected, atol=1e-6)


def test_every_cell_is_kept_by_a_mask_of_balanced_blocks_or_by_its_complement(small, photograph):
    laps = live_rise.race(small, photograph, 1, n_masks=1, grid_size=3, seed=5)
    mask = next(lap.mask for lap in laps if lap.design == "balanced")
    cells, shift = next(iter(BalancedBlocks(3, 5)))
    dy, dx = np.floor(shift * np.ceil(np.array(small.input_size) / 3)).astype(int)
    rows, columns = (upsampling(length, 3) for length in small.input_size)
    first, complement = ((rows @ c @ columns.T)[dy : dy + 24, dx : dx + 32] for c in (cells[0], cells[len(cells) // 2]))
    np.testing.assert_allclose(mask, first, atol=1e-6)
    np.testing.assert_allclose(mask + complement, 1, atol=1e-6)


def estimates_of(maps, batch=16):
    """Estimates after each of some batches with these maps."""
    means = np.cumsum(maps, axis=0) / np.arange(1, len(maps) + 1)[:, None, None]
    return [live_rise.Estimate(mean, mean, batch * number) for number, mean in enumerate(means, start=1)]


def test_certainty_is_what_the_noise_of_the_batches_leaves_of_the_signal():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(200, 200))
    maps = signal + 2 * rng.normal(size=(50, 200, 200))
    certainty, shifted, sure = live_rise.Certainty(), live_rise.Certainty(), live_rise.Certainty()
    found = [certainty.after(estimate) for estimate in estimates_of(maps)]
    assert found[:3] == [None] * 3
    limit = np.corrcoef(maps.mean(0)[::4, ::4].ravel(), signal[::4, ::4].ravel())[0, 1]
    assert found[-1] == pytest.approx(limit, abs=0.01)  # √(1 / (1 + 4/50)) = 0.962
    assert found[-1] == pytest.approx(0.962, abs=0.01)
    constants = 9 * rng.normal(size=(50, 1, 1))  # which no correlation sees
    assert [shifted.after(estimate) for estimate in estimates_of(maps + constants)][-1] == pytest.approx(found[-1])
    assert [sure.after(estimate) for estimate in estimates_of(np.stack([signal] * 5))][-1] == pytest.approx(1)


def test_steps_one_at_a_time_are_those_of_the_attack(opened, small, photograph):
    explorer = opened("fool")
    view = explorer.view
    view.target.value = "class 2"
    view.attack.value = "pgd"
    settled(explorer)
    for n_steps in (1, 2):
        if view.example is not None and view.example.success:
            break
        view.one_step()
        settled(explorer)
        expected = tpv.adversarial.pgd(small, photograph, "class 2", epsilon=4, n_steps=n_steps, step_size=0.5)
        np.testing.assert_array_equal(view.example.image, expected.image)
    view.all_steps()
    settled(explorer)
    example = tpv.adversarial.pgd(small, photograph, "class 2", epsilon=4)
    np.testing.assert_array_equal(view.example.image, example.image)
    assert percents(view._after.value) == [round(100 * p.probability, 1) for p in example.adversarial_top]
    verdict = tpv.adversarial.survives_jpeg(example, small, quality=75)
    assert (explorer.say("survives") in view._said.value) == (verdict.fooled and example.success)
    answers = small.probabilities(fool.compressed(example.image, 75))[0]
    assert percents(view._jpeg.value) == [round(100 * p.probability, 1) for p in small.predictions(answers)]
    before = view._jpeg.value
    view.quality.value = 5
    settled(explorer)
    assert view._jpeg.value != before


def test_each_click_is_a_step_however_fast_they_come(opened, small, photograph):
    explorer = opened("fool")
    view = explorer.view
    view.target.value, view.attack.value, view.epsilon.value = "class 2", "pgd", 1
    settled(explorer)
    for _ in range(3):
        view.one_step()
    settled(explorer)
    expected = tpv.adversarial.pgd(small, photograph, "class 2", epsilon=1, n_steps=3, step_size=0.125)
    np.testing.assert_array_equal(view.example.image, expected.image)
    view.refresh()
    view.one_step()
    settled(explorer)
    first = tpv.adversarial.pgd(small, photograph, "class 2", epsilon=1, n_steps=1, step_size=0.125)
    np.testing.assert_array_equal(view.example.image, first.image)


def test_another_quality_does_not_end_an_attack_and_stop_does(opened, small, photograph, monkeypatch):
    explorer = opened("fool")
    view = explorer.view
    view.target.value, view.attack.value, view.epsilon.value = "class 2", "pgd", 2
    settled(explorer)
    whole, attack = tpv.adversarial.pgd(small, photograph, "class 2", epsilon=2), tpv.adversarial.pgd
    begun, go_on = threading.Event(), threading.Event()

    @functools.wraps(attack)
    def slow(*arguments, **options):
        begun.set()
        go_on.wait(60)
        return attack(*arguments, **options)

    monkeypatch.setitem(tpv.adversarial.ATTACKS, "pgd", slow)
    monkeypatch.setattr(fool, "shown_steps", lambda name: [None])
    view.all_steps()
    assert begun.wait(60)
    view.quality.value = 5
    go_on.set()
    settled(explorer)
    np.testing.assert_array_equal(view.example.image, whole.image)
    assert "after JPEG, 5" in view._jpeg.value
    view.refresh()
    settled(explorer)
    begun.clear(), go_on.clear()
    view.all_steps()
    assert begun.wait(60)
    view.stop()
    view.quality.value = 50
    go_on.set()
    settled(explorer)
    assert view.example is None


@pytest.mark.parametrize("attack", ["fool", "fgsm", "pgd", "deepfool", "confined_attack"])
def test_all_the_way_shows_the_steps_as_they_come(attack, opened, small, photograph, monkeypatch):
    explorer = opened("fool")
    view = explorer.view
    view.attack.value, view.target.value, view.epsilon.value = attack, "class 2", 2
    settled(explorer)
    shown, maps, show = [], [], view._show
    monkeypatch.setattr(view, "_show", lambda result: (show(result), shown.append((view.example, view._asked[2]))))
    cameras = tpv.saliency.METHODS["cameras"]
    monkeypatch.setitem(tpv.saliency.METHODS, "cameras", lambda *a: maps.append(1) or cameras(*a))
    view.all_steps()
    settled(explorer)
    assert len(maps) == (attack == "confined_attack")
    for example, options in shown:  # each is what its code makes
        expected = tpv.adversarial.ATTACKS[attack](small, photograph, "class 2", **options)
        np.testing.assert_array_equal(example.image, expected.image)
        assert (example.n_steps, example.success, example.reason) == expected[-3:]
    assert not any(example.success for example, _ in shown[:-1])
    steps = [example.n_steps for example, _ in shown]
    assert steps == sorted(steps)
    whole = tpv.adversarial.ATTACKS[attack](small, photograph, "class 2", **fool.options_of_attack(attack, 2, None))
    assert shown[-1][0].success == whole.success


def test_the_steps_that_are_shown_are_all_at_first_and_then_fewer():
    assert fool.shown_steps("pgd") == [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, None]
    assert fool.shown_steps("fgsm") == [None]


def test_an_attack_that_cannot_be_is_a_sentence_in_the_page(opened, small, photograph):
    explorer = opened("fool")
    explorer.view.target.value = small.top(photograph)[0].label
    settled(explorer)
    explorer.view.all_steps()
    explorer.worker.wait(60)
    assert "already predicted as the target" in explorer.keep.problem


def test_the_dream_grows_and_its_probability_is_the_networks(opened, small):
    explorer = use(opened("dream"), "dream")
    view = explorer.view
    assert [snapshot.step for snapshot in view.snapshots] == list(range(1, 21))
    last = view.snapshots[-1]
    assert last.probability == pytest.approx(small.probabilities(last.image)[0, view.target], abs=1e-5)
    assert f"step 20: {small.labels[view.target].label} {100 * last.probability:.1f}%" in view._image.value
    expected = tpv.class_model.visualise_class(small, view.target, n_steps=20)
    np.testing.assert_allclose(last.image, expected, atol=2)
    points = [
        tuple(map(float, point.split(","))) for point in re.search(r'points="([^"]+)"', view._curve.value)[1].split()
    ]
    steps, probabilities = zip(*[(shot.step, shot.probability) for shot in view.snapshots], strict=True)
    np.testing.assert_allclose(np.transpose(points)[0], 66 + 234 / 20 * np.array(steps), atol=0.06)
    np.testing.assert_allclose(np.transpose(points)[1], 106 - 96 * np.array(probabilities), atol=0.06)
    view.start.value = "this_photograph"
    settled(explorer)
    assert "init_image=start" in explorer.keep.code


def test_a_curve_of_scores_goes_from_the_least_to_the_largest():
    html = parts.curve([(1, -2.0), (2, 6.0), (4, 2.0)], 8, Language("fr"), "a < b", is_score=True)
    assert 'points="95.2,106.0 124.5,10.0 183.0,58.0"' in html
    assert re.findall(r">([^<>]+)</text>", html) == ["-2,00", "6,00", "0", "8"]
    assert 'aria-label="a &lt; b"' in html
    assert 'points="183.0,58.0"' in parts.curve([(4, 3.0)], 8, Language(), "", is_score=True)  # one, of no height
