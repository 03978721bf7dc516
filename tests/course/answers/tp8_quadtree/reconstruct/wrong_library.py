# The library does it
def reconstruct(image, leaves):
    return tpv.quadtree.reconstruct(image, [Leaf(*leaf) for leaf in leaves])
