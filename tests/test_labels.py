"""Classes by name, and names that come close."""

import numpy as np
import pytest

from tp_visualisation.labels import ClassLabel, find_class, imagenet_labels
from tp_visualisation.names import find_name, first_line, nearest


@pytest.fixture(scope="module")
def imagenet():
    return imagenet_labels()


@pytest.mark.parametrize(
    "query",
    ["African_elephant", "African elephant", "african elephant", "  AFRICAN_ELEPHANT ", "Loxodonta africana"]
    + ["n02504458", "386", 386, np.int64(386), np.array(386)],
)
def test_an_elephant_is_found_by_any_of_its_names(query, imagenet):
    assert find_class(query, imagenet) == 386


def test_every_label_wnid_and_index_of_imagenet_leads_to_its_class(imagenet):
    ambiguous = set()
    for entry in imagenet:
        assert find_class(entry.wnid, imagenet) == entry.index
        assert find_class(entry.index, imagenet) == find_class(str(entry.index), imagenet) == entry.index
        try:
            assert find_class(entry.label, imagenet) == entry.index
        except ValueError:
            ambiguous.add(entry.label)
    assert ambiguous == {"crane", "maillot"}


@pytest.mark.parametrize(
    ("query", "candidates"),
    [("crane", ["134 (n02012849", "517 (n03126707"]), ("maillot", ["638 (n03710637", "639 (n03710721"])],
)
def test_ambiguous_label_lists_its_candidates(query, candidates, imagenet):
    with pytest.raises(ValueError, match="names several classes") as caught:
        find_class(query, imagenet)
    assert all(candidate in str(caught.value) for candidate in candidates)
    assert "Give the index or wnid" in str(caught.value)


def test_names_that_differ_only_in_case_are_told_apart(imagenet):
    assert find_class("cardigan", imagenet) == 474  # the garment
    assert find_class("Cardigan", imagenet) == 264  # the Welsh corgi


def test_typo_gets_the_nearest_names(imagenet):
    with pytest.raises(ValueError, match='no class "African_elefant". Closest: "African_elephant"'):
        find_class("African_elefant", imagenet)
    with pytest.raises(ValueError, match='"dalmatian"'):
        find_class("dalmation", imagenet)
    with pytest.raises(ValueError, match="Closest: "):
        find_class("", imagenet)


@pytest.mark.parametrize("index", [1000, -1, "1000", "-1", np.int64(10**12)])
def test_index_out_of_range_is_refused(index, imagenet):
    with pytest.raises(ValueError, match=rf"target must be a class index in \[0, 999\], got {index}"):
        find_class(index, imagenet)


@pytest.mark.parametrize("query", [True, 386.0, np.float32(3), [386], np.array([386]), None, b"386", object()])
def test_other_types_are_refused(query, imagenet):
    with pytest.raises(ValueError, match="target must be a class index, a label or a WordNet id"):
        find_class(query, imagenet)


@pytest.mark.parametrize("query", ["²", "٣²", "1e2", "3.0"])
def test_what_only_looks_like_a_number_is_a_name(query, imagenet):
    with pytest.raises(ValueError, match="no class"):
        find_class(query, imagenet)


def test_labels_are_those_that_keras_prints(imagenet):
    keras = {  # from the file that decode_predictions downloads
        0: ("n01440764", "tench"),
        15: ("n01558993", "robin"),
        101: ("n01871265", "tusker"),
        134: ("n02012849", "crane"),
        152: ("n02085782", "Japanese_spaniel"),
        155: ("n02086240", "Shih-Tzu"),
        241: ("n02108000", "EntleBucher"),
        248: ("n02109961", "Eskimo_dog"),
        250: ("n02110185", "Siberian_husky"),
        263: ("n02113023", "Pembroke"),
        264: ("n02113186", "Cardigan"),
        282: ("n02123159", "tiger_cat"),
        386: ("n02504458", "African_elephant"),
        419: ("n02786058", "Band_Aid"),
        444: ("n02835271", "bicycle-built-for-two"),
        474: ("n02963159", "cardigan"),
        477: ("n02966687", "carpenter's_kit"),
        480: ("n02977058", "cash_machine"),
        485: ("n02988304", "CD_player"),
        517: ("n03126707", "crane"),
        521: ("n03133878", "Crock_Pot"),
        571: ("n03425413", "gas_pump"),
        605: ("n03584254", "iPod"),
        607: ("n03590841", "jack-o'-lantern"),
        638: ("n03710637", "maillot"),
        639: ("n03710721", "maillot"),
        657: ("n03773504", "missile"),
        661: ("n03777568", "Model_T"),
        664: ("n03782006", "monitor"),
        744: ("n04008634", "projectile"),
        782: ("n04152593", "screen"),
        836: ("n04355933", "sunglass"),
        837: ("n04356056", "sunglasses"),
        876: ("n04493381", "tub"),
        934: ("n07697537", "hotdog"),
        962: ("n07871810", "meat_loaf"),
        986: ("n12057211", "yellow_lady's_slipper"),
        999: ("n15075141", "toilet_tissue"),
    }
    assert {index: (imagenet[index].wnid, imagenet[index].label) for index in keras} == keras
    assert [entry.index for entry in imagenet] == list(range(1000))


def test_label_that_is_a_number_is_a_label_before_it_is_an_index():
    digits = [ClassLabel(index, None, label) for index, label in enumerate(["1", "2", "7"])]
    assert find_class("1", digits) == 0
    assert find_class("7", digits) == 2
    assert find_class(1, digits) == 1
    assert find_class("0", digits) == 0  # no such label: an index


def test_duplicate_labels_are_ambiguous_and_their_indices_are_not():
    labels = [ClassLabel(index, None, label) for index, label in enumerate(["cat", "dog", "cat"])]
    with pytest.raises(ValueError, match=r"0 \(cat\), 2 \(cat\)"):
        find_class("cat", labels)
    assert find_class(2, labels) == 2


def test_name_is_found_but_for_case_spaces_and_underscores():
    assert find_name("Conv 1", ["conv_1", "conv_2"], "layer") == "conv_1"
    assert find_name("a_b", ["A_B", "a_b"], "layer") == "a_b"
    with pytest.raises(ValueError, match='no layer "A b"'):
        find_name("A b", ["A_B", "a_b"], "layer")


def test_nearest_names_come_first():
    names = ["conv5_block3_out", "conv5_block3_add", "conv1_conv", "pool"]
    assert nearest("conv5_block3", names, n=2) in (
        '"conv5_block3_out", "conv5_block3_add"',
        '"conv5_block3_add", "conv5_block3_out"',
    )
    with pytest.raises(ValueError, match='no layer "conv5_block3". Closest: "conv5_block3'):
        find_name("conv5_block3", names, "layer")


def test_error_without_a_message_is_quoted_by_its_type():
    assert first_line(ValueError("first\nsecond")) == "first"
    assert first_line(NotImplementedError()) == "NotImplementedError"
