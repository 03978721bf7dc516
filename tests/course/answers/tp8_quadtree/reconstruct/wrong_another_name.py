# The library's means by another name
from tp_visualisation.quadtree import leaf_means as means


def reconstruct(image, leaves):
    flat = np.zeros(image.shape)
    for (t, l, h, w), mean in zip(leaves, means(image, [Leaf(*leaf) for leaf in leaves])):
        flat[t : t + h, l : l + w] = mean
    return flat
