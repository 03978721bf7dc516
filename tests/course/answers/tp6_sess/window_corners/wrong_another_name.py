# The library's windows by another name
from tp_visualisation.saliency import sliding_window as slide


def window_corners(size, side=224, stride=224):
    return [window.position[:2] for window in slide([size], size, (side, side), stride)]
