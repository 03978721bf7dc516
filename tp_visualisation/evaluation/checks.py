"""What the measures check before they begin."""

from tp_visualisation.images import resize


def map_at_input(classifier, saliency_map):
    """Return a map at the network's input size (h, w), bilinear without antialiasing; see `images.resize`.

    Raises:
        ValueError: it is constant there, as the map of a single pixel may become when it is made smaller.
    """
    if saliency_map.shape == classifier.input_size:
        return saliency_map
    resized = resize(saliency_map, classifier.input_size)
    if resized.min() == resized.max():
        raise ValueError(f"saliency_map is constant at the network's input size {classifier.input_size}.")
    return resized


def check_positive(**counts):
    """Raise a ValueError that names the first of `counts` that is less than 1."""
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}.")
