"""Half precision on a GPU: the model, copied under Keras' policy "mixed_float16"."""

import keras

from tp_visualisation.engines.gpu import gpus
from tp_visualisation.engines.tensorflow import TensorFlowEngine
from tp_visualisation.names import first_line


class HalfPrecisionEngine(TensorFlowEngine):
    """Frozen TensorFlow graphs that compute in float16. Forward passes only: a copy of the model has its weights.

    Raises:
        ValueError: there is no GPU, or the model cannot be copied.
    """

    name = "tensorflow-f16"
    exact = False
    description = "float16 on the GPU, probabilities to about three digits"

    def __init__(self, network):
        super().__init__(network)
        if not gpus():
            raise ValueError(
                'engine="tensorflow-f16" needs a GPU, and TensorFlow sees none: leave engine="tensorflow".'
            )
        self._traced = network.with_constant_weights().of_model(_in_half_precision(network.model))

    def forget(self):
        self._traced.model.set_weights(self.network.model.get_weights())
        self._traced.forget()
        super().forget()


def _in_half_precision(model):
    def copied(layer):
        return layer.__class__.from_config({**layer.get_config(), "dtype": "mixed_float16"})

    try:
        half = keras.models.clone_model(model, clone_function=copied, recursive=True)
        half.set_weights(model.get_weights())
    except Exception as error:  # whatever a layer of one's own can stumble on
        raise ValueError(
            f'{model.name} cannot be copied in half precision ({first_line(error)}): leave engine="tensorflow".'
        ) from error
    return half
