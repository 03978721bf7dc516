# a plain list of rows
def make_mask(grid, shift, size):
    s = len(grid)
    big = ((s + 1) * -(-size[1] // s), (s + 1) * -(-size[0] // s))
    rows = cv2.resize(np.array(grid, dtype=np.float64), big, interpolation=cv2.INTER_LINEAR).tolist()
    top, left = int(shift[0]), int(shift[1])
    return [row[left : left + size[1]] for row in rows[top : top + size[0]]]
