"""Many images in one call: the map of each, as they come; several at a time where the method can."""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from inspect import signature
from itertools import islice, repeat
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import WrongKind, check_choice
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image, image_files, load_image, resize
from tp_visualisation.labels import PREDICTED, Target, check_classes, check_scores
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.names import one_line
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.registry import check_options, find_batched, find_method

AT_ONCE = 16  # images that a method of `BATCHED` sees together, or what a GPU holds; bounds the memory


class Explained(NamedTuple):
    """An image and the map of it.

    Attributes:
        name: its path, or its number in the order given, from 0.
        image: uint8 (H, W, 3) as read from a file, or the array given.
        target: index of the class that is explained, or the target function.
        saliency_map: (H, W), as the method gives it.
    """

    name: str
    image: Image
    target: int | Callable
    saliency_map: SaliencyMap


def explain_many(
    classifier: Classifier,
    images: Iterable[Image | str | PathLike] | str | PathLike,
    method: str | Callable = "grad_cam",
    targets: Target | list[Target] = None,
    *,
    on_error: str = "raise",
    progress: bool = False,
    **options: Any,
) -> Iterator[Explained]:
    """Yield an `Explained` for each image, as they come, with the map that the method gives for this image alone.

    Args:
        classifier: `Classifier` under study.
        images: RGB arrays (H, W, 3), values in [0, 255], of any sizes, and paths of photographs, in any iterable, a
            generator too; or the path of a folder of photographs.
        method: name of `METHODS`, or function (classifier, image, target) → map (H, W). Those of `BATCHED` see up to 16
            images at a time, or on a GPU as many as its memory holds.
        targets: what to explain in all of them, as a method takes it: None is the class predicted for each image; or
            a list with one class for each. Many classes of one image, [image] * n, share a forward pass where they can.
        on_error: what becomes of an image that cannot be read or is none: "raise" gives the maps of those before it,
            then raises; "skip" warns and goes on.
        progress: show a progress bar on stderr when it takes longer than a second.
        **options: those of the method.

    Raises:
        ValueError: an argument is not as above, at once; an image is none, or the network does not have its class,
            when its turn comes.
        FileNotFoundError: no such folder, at once; no such file, when its turn comes.
    """
    method = find_method(method)
    check_options(method, options, "explain_many")
    check_choice(("raise", "skip"), on_error=on_error)
    images = _listed(images)
    n_images = len(images) if hasattr(images, "__len__") else None
    one_each = list(targets) if isinstance(targets, (list, tuple, np.ndarray)) else None
    if one_each is not None and n_images not in (None, len(one_each)):
        raise ValueError(f"targets must be one for all images, or one for each of the {n_images}, got {len(one_each)}.")
    if any(callable(target) for target in one_each or ()):
        raise WrongKind("targets must be one function for all images, or a list of classes: not a list of functions.")
    if isinstance(targets, (str, int)):
        classifier.class_index(targets)
    elif not callable(targets):
        check_classes(classifier.output_shape)
    subjects = zip(images, repeat(targets) if one_each is None else _enough(one_each), strict=False)
    batched = find_batched(method)
    at_once, explain = 1, partial(_one_by_one, classifier, partial(method, **options))
    if batched is not None and {"sizes", *options} <= signature(batched).parameters.keys():
        at_once = classifier.engine.batch_size(None, AT_ONCE)
        explain = partial(_together, classifier, partial(batched, **options))
    ahead = at_once if isinstance(images, (list, tuple, np.ndarray)) else 0  # a generator is asked when its turn comes
    results = _results(subjects, partial(_read, classifier.input_size), explain, at_once, ahead, on_error)
    return iter(tqdm(results, "images", n_images, delay=1, disable=not progress))


def _listed(images):
    """Images as an iterable of arrays and paths."""
    if isinstance(images, (str, PathLike)):
        folder = Path(images).expanduser()
        if not folder.is_dir():
            raise FileNotFoundError(f'there is no folder "{folder}" of images; one photograph is given as [path].')
        if not (images := image_files(folder)):
            raise ValueError(f'there is no photograph in the folder "{folder}".')
    if isinstance(images, np.ndarray) and images.ndim == 3:
        return [images]
    if not isinstance(images, Iterable):
        raise WrongKind(f"images must be an iterable of arrays and paths, or a folder, got {images!r:.80}.")
    return images


def _enough(targets):
    yield from targets
    raise ValueError(f"targets must be one for each image: {len(targets)} were given, and there are more images.")


class _Subject(NamedTuple):
    """An image that was read, without a map yet, and the same at the network's input size."""

    explained: Explained
    resized: np.ndarray


def _read(input_size, number, source, target):
    """The `_Subject` of an array or a path."""
    is_path = isinstance(source, (str, PathLike))
    name = fspath(source) if is_path else str(number)
    image = load_image(source) if is_path else source
    resized = resize(check_image(image, f"image {name}"), input_size)
    return _Subject(Explained(name, image, target, np.empty((0, 0), np.float32)), resized)


def _results(subjects, read, explain, at_once, ahead, on_error):
    """Explain, `at_once` images at a time; what was read before an error is explained before it is raised.

    While the network computes, `ahead` images are read in another thread. While the caller does something else none
    is: what a reader does to the filters of warnings, it does to those of the process.
    """
    coming, waiting = enumerate(subjects), deque()
    with ThreadPoolExecutor(1) as pool:

        def start(n_images):
            waiting.extend(pool.submit(read, number, *subject) for number, subject in islice(coming, n_images))

        failure, group = None, [None]
        while group and failure is None:
            group = []
            while len(group) < at_once and failure is None:
                if not waiting:
                    start(1)
                if not waiting:
                    break
                try:
                    group.append(waiting.popleft().result())
                except (ValueError, OSError) as error:
                    if on_error == "raise":
                        failure = error
                    else:
                        warnings.warn(f"skipped: {one_line(error)}", stacklevel=2)
            if failure is None:
                start(ahead)
            for explained in explain(group):
                wait(list(waiting)[-1:])  # one thread reads them in order
                yield explained
        if failure is not None:
            raise failure


def _one_by_one(classifier, method, read):
    for one, _ in read:
        target = one.target if callable(one.target) else classifier.check(one.image, one.target)[2]
        yield one._replace(target=target, saliency_map=method(classifier, one.image, target))


def _together(classifier, batched, read):
    if not read:
        return
    resized = np.stack([subject.resized for subject in read])
    read = [subject.explained for subject in read]
    targets = [one.target for one in read]
    sizes = [np.shape(one.image)[:2] for one in read]
    if callable(targets[0]):
        classifier = classifier.with_scalar(targets[0])
        maps = batched(classifier, resized, 0, sizes=sizes).saliency_maps
    else:
        maps, targets = _of_classes(classifier, batched, resized, targets, sizes)
    by_layer = "layer" in signature(batched).parameters
    for one, target, saliency_map in zip(read, targets, maps, strict=True):
        if by_layer:
            not_flat(saliency_map, one.image, classifier, batched.keywords.get("layer"))
        yield one._replace(target=target, saliency_map=saliency_map)


def _of_classes(classifier, batched, resized, targets, sizes):
    """Maps, and the classes that they explain: those predicted, where the target is None."""
    classifier.notice_new_weights()
    indices = np.array([PREDICTED if target is None else classifier.class_index(target) for target in targets])
    is_open = indices == PREDICTED
    finds_them = getattr(signature(batched).parameters.get("target"), "default", None) is PREDICTED
    if is_open.any() and not finds_them:
        indices[is_open] = classifier.input_scores(classifier.prepare(resized[is_open])).argmax(axis=-1)
    batch = batched(classifier, resized, indices.tolist(), sizes=sizes)
    if is_open.any() and finds_them:
        check_scores(batch.scores, classifier.name)
        indices[is_open] = batch.scores[is_open].argmax(axis=-1)
    return batch.saliency_maps, indices.tolist()
