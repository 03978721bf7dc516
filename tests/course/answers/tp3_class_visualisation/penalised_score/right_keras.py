# keras.ops
import keras


def penalised_score(classifier, x, target, l2):
    scores = classifier.input_scores(np.expand_dims(x, 0))
    return scores[0, target] - l2 * keras.ops.sum(keras.ops.square(x))
