# TensorFlow's tensors all the way
import tensorflow as tf


def masked_probabilities(probability_of, x, masks, batch_size=32):
    answers = []
    for start in range(0, len(masks), batch_size):
        batch = tf.convert_to_tensor(masks[start : start + batch_size])[..., None]
        answers.append(tf.convert_to_tensor(probability_of(tf.convert_to_tensor(x) * batch)))
    return tf.concat(answers, axis=0)
