# a tape for the penalty, a tensor returned
import tensorflow as tf


def penalised_gradient(classifier, x, target, l2):
    variable = tf.Variable(np.asarray(x, np.float32))
    with tf.GradientTape() as tape:
        penalty = l2 * tf.reduce_sum(tf.square(variable))
    score_part = classifier.input_gradient(variable.numpy()[None], target)[0]
    return score_part - tape.gradient(penalty, variable)
