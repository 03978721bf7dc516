# through TensorFlow
import tensorflow as tf


def penalised_score(classifier, x, target, l2):
    x = tf.cast(x, tf.float32)
    score = classifier.input_scores(x[None].numpy())[0, target]
    return score - l2 * 2 * tf.nn.l2_loss(x)
