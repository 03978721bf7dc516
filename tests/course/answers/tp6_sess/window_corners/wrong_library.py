# The library does it
def window_corners(size, side=224, stride=224):
    windows = tpv.saliency.sliding_window([size], size, (side, side), stride)
    return [window.position[:2] for window in windows]
