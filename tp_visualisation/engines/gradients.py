"""The engine of gradients: TensorFlow, and one forward pass for many classes of one image."""

import numpy as np

from tp_visualisation import steps
from tp_visualisation.engines.tensorflow import TensorFlowEngine


class GradientEngine(TensorFlowEngine):
    """Traced functions that are not frozen: to freeze them costs more than it gains."""

    def __init__(self, network):
        super().__init__(network, frozen=False)
        self._one_image = TensorFlowEngine(network.of_one_image(), frozen=False)

    def run(self, step, *arrays, **options):
        """Return what `TensorFlowEngine.run` does; of images that are all the same only the first goes forward.

        On a GPU each of them does: it is faster there.
        """
        can_share = self.network.can_share_passes and not self._on_gpu
        if can_share and step in steps.OF_CLASSES and _are_the_same(arrays[0]):
            return self._one_image.run(step, *arrays, **options)
        return super().run(step, *arrays, **options)

    def forget(self):
        super().forget()
        self._one_image.forget()


def _are_the_same(images):
    return len(images) > 1 and all(np.array_equal(image, images[0]) for image in images[1:])
