# while loops
def window_corners(size, side=224, stride=224):
    corners = []
    top = 0
    while True:
        top = min(top, size[0] - side)
        left = 0
        while True:
            left = min(left, size[1] - side)
            corners.append((top, left))
            if left == size[1] - side:
                break
            left += stride
        if top == size[0] - side:
            return corners
        top += stride
