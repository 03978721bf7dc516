"""A network from the folder of a SavedModel, the graph that `model.export` and `tf.saved_model.save` write."""

from pathlib import Path

import keras
import tensorflow as tf

from tp_visualisation.names import first_line

FILE = "saved_model.pb"  # what makes a folder a SavedModel
ENDPOINTS = ("serve", "serving_default")  # what Keras, and everybody else, calls the function that answers


def load_saved_model(folder: Path, trusted: bool = False) -> keras.Model:
    """Return the network of a SavedModel: one layer around its graph, with the inputs that it asks for.

    Nothing of the graph runs before its inputs and outputs are found to be those of a classifier of images.

    Args:
        folder: that of the SavedModel.
        trusted: read it at all: "TensorFlow models are programs", says its security policy, and their operations
            can read and write files.

    Raises:
        ValueError: it is no SavedModel, it is not trusted, or it does not take one batch of images.
    """
    if not (folder / FILE).is_file():
        raise ValueError(
            f'the network file "{folder}" is a folder without {FILE}: give a .keras or .h5 file, or the folder of a '
            "SavedModel, which model.export writes."
        )
    if not trusted:
        raise ValueError(
            f'"{folder}" holds a program (a SavedModel: its graph can read and write files), which would run on this '
            "computer: if you trust whoever made it, say so (trusted=True; --trust at the shell)."
        )
    endpoint, spec = _read_signature(folder)
    try:
        inputs = keras.Input(batch_shape=spec.shape, dtype=spec.dtype.name)
        layer = _Graph(folder, endpoint, spec.shape)
        return keras.Model(inputs, layer(inputs), name=folder.resolve().name)
    except Exception as error:
        raise ValueError(
            f'the SavedModel "{folder}" cannot be used as a layer ({first_line(error)[:200]}): make a keras.Model of '
            "it yourself, and the Classifier from that."
        ) from error


class _Graph(keras.layers.TFSMLayer):
    """The graph as a layer. It insists on the size of its images, which a step may not know, and may want a list."""

    def __init__(self, folder, endpoint, shape):
        super().__init__(str(folder), call_endpoint=endpoint, name="graph")
        self._taken = shape
        function = getattr(self.call_endpoint_fn, "concrete_functions", [self.call_endpoint_fn])[0]
        self._in_a_list = isinstance(next(iter(function.structured_input_signature[0]), None), (list, tuple))

    def call(self, inputs, training=False):
        inputs = tf.identity(inputs)
        inputs.set_shape(self._taken)
        return super().call([inputs] if self._in_a_list else inputs, training=training)


def _read_signature(folder):
    """Name and `tf.TensorSpec` of the endpoint that takes images, read without loading the graph."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    way_out = f'make a keras.Model around keras.layers.TFSMLayer("{folder}", ...), and the Classifier from that.'
    try:
        graphs = SavedModel.FromString((folder / FILE).read_bytes()).meta_graphs
        signatures = {
            name: signature
            for name, signature in graphs[0].signature_def.items()
            if not name.startswith("__") and signature.outputs
        }
    except Exception as error:  # protobuf's own, which differ between its versions
        raise ValueError(f'"{folder / FILE}" is damaged: it is not a SavedModel that can be read.') from error
    known = [name for name in ENDPOINTS if name in signatures] or list(signatures)
    if not known:
        raise ValueError(
            f'the SavedModel "{folder}" has no endpoint that could be called: write it with model.export, or with '
            "tf.saved_model.save(module, folder, signatures=...)."
        )
    if len(known) > 1 and not set(known) <= set(ENDPOINTS):
        raise ValueError(
            f'the SavedModel "{folder}" has several endpoints, {", ".join(sorted(known))}, and none is called '
            f'"{ENDPOINTS[0]}" or "{ENDPOINTS[1]}": {way_out}'
        )
    endpoint, taken = known[0], signatures[known[0]].inputs
    if len(taken) != 1:
        raise ValueError(
            f'a classifier must have one input, images (N, h, w, C): "{endpoint}" of the SavedModel "{folder}" takes '
            f"{len(taken)}, {', '.join(sorted(taken))}: {way_out}"
        )
    (tensor,) = taken.values()
    shape, dtype = tf.TensorShape(tensor.tensor_shape), tf.dtypes.as_dtype(tensor.dtype)
    if shape.rank != 4 or shape[0] is not None:
        raise ValueError(
            f'"{endpoint}" of the SavedModel "{folder}" takes inputs of shape {shape}: (None, h, w, C) was expected, '
            f"any number of images with channels last: {way_out}"
        )
    if not dtype.is_floating:
        raise ValueError(
            f'"{endpoint}" of the SavedModel "{folder}" takes {dtype.name}, through which no gradient passes: export '
            "it with inputs of float32."
        )
    return endpoint, tf.TensorSpec(shape, dtype)
