"""Which layers give feature maps: arrays in which every place is a place of the image.

A convolution gives them as (N, rows, columns, C). A transformer cuts the image into patches and gives tokens,
(N, tokens, C): a grid of patches, row by row, behind one or two tokens for the whole image. Only layers on the way from
the input to the output count. What is inside an attention layer is none, for there (tokens, heads, C) takes the place
of (rows, columns, C); nor is what only prepares the image.
"""

from math import isqrt
from typing import NamedTuple

import keras
import tensorflow as tf

from tp_visualisation.engines.tracing import layers_by_name, operations_before, operations_by_name

NO_FEATURES = ("Pooling", "Dropout", "Flatten", "Reshape", "Padding", "Cropping", "Permute", "InputLayer")
# What they give is a sequence, of bands of the image for instance; what is inside them sees one of its members.
SEQUENCES = (keras.layers.TimeDistributed, keras.layers.Bidirectional, keras.layers.RNN)
ELEMENTWISE = ("Add", "Subtract", "Multiply", "Maximum", "Relu", "Relu6", "Silu", "Gelu", "Elu", "LeakyRelu")  # x + y
MOST_TOKENS_FOR_ALL = 2  # tokens for the whole image: the class, the teacher of a distilled transformer


class Grid(NamedTuple):
    """How tokens lie on the image: the first `first` are for the whole image, the others `rows` of `columns`."""

    first: int
    rows: int
    columns: int


def lay_out(tensor, grid: Grid | None):
    """Return tokens (N, tokens, C) as a feature map (N, rows, columns, C); what is one already, as it is."""
    if grid is None:
        return tensor
    return tf.reshape(tensor[:, grid.first :], [-1, grid.rows, grid.columns, tensor.shape[-1]])


class Features:
    """The layers that give feature maps, found while a network is traced.

    Args:
        model: Keras model.
        calls: (layer name, output) of each call in the trace, as `recording` gives them.
        inputs: symbolic inputs (N, h, w, C).
        outputs: symbolic outputs (N, K), made of them.
        replaced: operations that others stand for on the way to the outputs, as `folding` gives them.

    Attributes:
        reach: symbolic booleans, one for each layer of tokens: do the patches have a say in the output?
    """

    def __init__(self, model, calls, inputs, outputs, replaced=frozenset()):
        on_the_way, inside = operations_before(outputs) | replaced, _inside(model)
        kinds, written = _kinds(model)
        self._found, maps = {}, [inputs]  # layer → output; all that is (N, rows, columns, C), poolings among it
        for name, output in calls:
            is_wide = len(getattr(output, "shape", ())) in (3, 4) and output.graph is outputs.graph
            if not is_wide or output.op not in on_the_way or name in inside:
                continue
            if len(output.shape) == 4:
                maps.append(output)
            if name in kinds or (name in written and self._found):
                self._found.pop(name, None)
                self._found[name] = output  # a layer that is called twice counts where it is called last
        tokens = {name: output for name, output in self._found.items() if len(output.shape) == 3}
        self._grids = {name: _grid(output, maps[-1]) for name, output in tokens.items()}
        for name in [name for name, grid in self._grids.items() if grid is None]:
            del self._found[name], self._grids[name]
        gradients = tf.gradients(outputs, [self._found[name] for name in self._grids]) if self._grids else []
        self.reach = [_reach(g, grid) for g, grid in zip(gradients, self._grids.values(), strict=True)]

    def layers(self, reach) -> dict[str, Grid | None]:
        """Return the names of the layers in the order of the computation, each with the `Grid` of its tokens.

        Maps of a single position, as a 1 × 1 convolution gives after global pooling, count only where there are no
        others. Tokens of patches that no longer matter, as behind the last attention of a transformer that answers
        from its class token, do not count.

        Args:
            reach: the values of `reach`.
        """
        idle = {name for name, reached in zip(self._grids, reach, strict=True) if not reached}
        names = [name for name in self._found if name not in idle]
        wide = [name for name in names if name in self._grids or self._found[name].shape[1:3] != (1, 1)]
        return {name: self._grids.get(name) for name in wide or names}


def _inside(model):
    """The layers inside an attention layer, or inside one that reads a sequence, and the latter itself."""
    inside = set()
    for layer in model._flatten_layers():
        reads = isinstance(layer, SEQUENCES)
        if reads or "Attention" in type(layer).__name__:
            inside |= {id(part) for part in layer._flatten_layers(include_self=reads)}
    return {name for name, layer in layers_by_name(model).items() if id(layer) in inside}


def _kinds(model):
    """The layers whose output may be a feature map, by what they are, and what is written between such layers."""
    layers = operations_by_name(model)
    kinds = {
        name
        for name, layer in layers.items()
        if isinstance(layer, keras.layers.Layer)
        and not any(word in type(layer).__name__ for word in NO_FEATURES)
        and ".layers.preprocessing." not in type(layer).__module__
    }
    return kinds, {name for name, operation in layers.items() if type(operation).__name__ in ELEMENTWISE}


def _grid(tokens, feature_map):
    """The `Grid` of tokens (N, tokens, C) in the proportions of the last feature map, or the image; else None."""
    n_tokens = tokens.shape[1]
    height, width = feature_map.shape[1:3]
    if n_tokens is None or n_tokens < 2 or n_tokens in (height, width):  # rows or columns, one after the other
        return None
    for first in range(MOST_TOKENS_FOR_ALL + 1):
        patches = n_tokens - first
        rows = isqrt(patches * height // width)
        if rows > 1 and rows * rows * width == patches * height and patches % rows == 0:
            return Grid(first, rows, patches // rows)
    return None


def _reach(gradient, grid):
    """Whether the patches, tokens for the whole image apart, have a say in the output."""
    return tf.constant(False) if gradient is None else tf.reduce_any(gradient[:, grid.first :] != 0)
