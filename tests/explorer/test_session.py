"""What the views share: which class is meant, and the Python that makes network and photograph."""

import io

import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.explorer import session as sessions
from tp_visualisation.explorer.session import Named, Session


@pytest.fixture
def session(small, photograph):
    return Session(Named(small, "small", "clf = small"), Named(photograph, "noise", "image = noise"))


def png(image):
    stream = io.BytesIO()
    PIL.Image.fromarray(image).save(stream, format="PNG")
    return stream.getvalue()


def test_the_class_is_the_first_the_second_or_one_by_name(session, small, photograph):
    order = [prediction.index for prediction in small.top(photograph, 4)]
    assert session.target(small) == order[0]
    session.chosen = "second"
    assert session.target(small) == order[1]
    session.chosen = "class 3"
    assert session.target(small) == 3
    session.chosen = "clas 3"
    with pytest.raises(ValueError, match='no class "clas 3". Closest: "class 3"'):
        session.target(small)


def test_answers_are_those_of_the_photograph_and_the_network_of_the_moment(session, small, photograph):
    np.testing.assert_array_equal(session.answers(small), small.probabilities(photograph)[0])
    other = 255 - photograph
    session.photograph = Named(other, "negative", "")
    np.testing.assert_array_equal(session.answers(small), small.probabilities(other)[0])
    another = tpv.course.small_classifier(seed=1)
    np.testing.assert_array_equal(session.answers(another), another.probabilities(other)[0])


def test_a_network_without_probabilities_answers_with_its_outputs(small, photograph):
    regression = tpv.Classifier(small.model, small.preprocess, input_size=(24, 32), activation=None)
    assert not sessions.has_probabilities(regression)
    np.testing.assert_array_equal(sessions.answers_of(regression, photograph), regression.scores(photograph)[0])


def test_code_names_a_class_by_its_label_if_no_other_is_called_so(small):
    labels = ["crane", "crane", "7", "dog"]
    clf = tpv.Classifier(small.model, small.preprocess, labels, (24, 32))
    session = Session(Named(clf, "", ""), Named(None, "", ""))
    assert [session.spelled(index) for index in range(4)] == [0, 1, 2, "dog"]
    assert [clf.class_index(session.spelled(index)) for index in range(4)] == [0, 1, 2, 3]


def test_a_script_begins_with_its_imports_once_each(session):
    script = session.script(["import numpy as np", "x = np.ones(3)", "import numpy as np", "figure = x"], "x.png")
    assert script == (
        "import numpy as np\nimport tp_visualisation as tpv\n\nclf = small\nimage = noise\n\n"
        'x = np.ones(3)\nfigure = x\ntpv.plotting.save_figure(figure, "x.png")\n'
    )


def test_samples_and_files_come_with_the_code_that_reads_them(tmp_path, monkeypatch, photograph):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "it's mine.png").write_bytes(png(photograph))
    for name in ("bald eagle", "it's mine.png"):
        named = sessions.photograph_called(name)
        made: dict = {}
        exec(f"import tp_visualisation as tpv\n{named.code}", made)
        np.testing.assert_array_equal(made["image"], named.value)


def test_a_large_photograph_is_shrunk_as_its_code_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    large = np.random.default_rng(0).integers(0, 256, (700, 1536, 3), dtype=np.uint8)
    named = sessions.photograph_in(png(large), "large.png")
    assert named.value.shape == (467, 1024, 3)
    assert named.value.dtype == np.uint8
    (tmp_path / "large.png").write_bytes(png(large))
    made: dict = {}
    exec(f"import tp_visualisation as tpv\n{named.code}", made)
    np.testing.assert_array_equal(made["image"], named.value)
    assert large.shape == (700, 1536, 3)


def test_an_array_that_was_given_is_left_alone(photograph):
    before = photograph.copy()
    named = sessions.given_array(photograph)
    named.value[:] = 0
    np.testing.assert_array_equal(photograph, before)


def test_what_is_no_photograph_is_named():
    with pytest.raises(ValueError, match=r"^holiday\.txt: .*not an image"):
        sessions.photograph_in(b"no photograph", "holiday.txt")
    stream = io.BytesIO()
    PIL.Image.new("1", (20000, 20000)).save(stream, format="PNG")  # a small file, and 400 million pixels
    with pytest.raises(ValueError, match=r"^panorama\.png: .*is too large: make it smaller first"):
        sessions.photograph_in(stream.getvalue(), "panorama.png")
    with pytest.raises(ValueError, match='no sample "dalmatien"'):
        sessions.photograph_called("dalmatien")


def test_another_network_is_loaded_once(session, monkeypatch, small):
    loaded = []

    def load(name, engine):
        loaded.append(name)
        return small

    monkeypatch.setattr(sessions, "load_classifier", load)
    first = session.other_network("efficientnet_lite1")
    assert session.other_network("efficientnet_lite1") is first
    assert first.code == 'clf = tpv.load_classifier("efficientnet_lite1")'
    session.other_network("efficientnet_lite2")
    session.other_network("efficientnet_lite1")
    assert loaded == ["efficientnet_lite1", "efficientnet_lite2", "efficientnet_lite1"]  # one at a time in memory
