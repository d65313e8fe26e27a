"""Makes io/src/test/resources/keras/operators.zip: every operator that is known of Keras, with settings that its defaults do
not have, and what Keras itself answers.

    KERAS_BACKEND=torch python make_keras_operators.py OUT.zip      Keras 3 (written with 3.15.1 on PyTorch)
    python make_keras_operators.py OUT.zip                          once more with TensorFlow 2.15.1, whose tf.keras is Keras 2

Files are as those of make_keras_layers.py. Left out is what Keras gives otherwise on PyTorch than on TensorFlow: symmetric
padding of more than one place and means over padded places.
"""

import io
import os
import sys
import tempfile
import zipfile

import numpy as np

from make_keras_layers import THREE, PREFIX, answers, keras, last_axis_second

if not THREE:
    import tensorflow as tf

SHAPE = (4, 4, 4)  # of which a network sees some negative numbers, some beyond 1 and none that are equal


def numbers(x):
    """Of each number alone. Roots and logarithms are of positive ones, inverse functions of those within their bounds."""
    if not THREE:
        p, u, m = tf.abs(x) + 0.25, tf.tanh(x), tf.math
        return [tf.abs(x), m.negative(x), tf.exp(x), m.expm1(x), m.log(p), m.log1p(p), tf.sqrt(p), m.rsqrt(p), tf.square(x),
                m.reciprocal(p), tf.sin(x), tf.cos(x), tf.tan(u), tf.atan(x), tf.sinh(x), tf.cosh(x), tf.sign(x), tf.floor(x),
                m.ceil(x), m.rint(x * 2), tf.round(x * 2), tf.asin(u), tf.acos(u), tf.asinh(x), tf.acosh(p + 1), tf.atanh(u * 0.9),
                m.erf(x), m.erfc(x), tf.nn.relu(x), tf.nn.relu6(x * 5), tf.nn.elu(x), tf.nn.selu(x), tf.sigmoid(x), tf.tanh(x),
                tf.nn.silu(x), tf.nn.softplus(x * 9), tf.nn.softsign(x), m.log_sigmoid(x), tf.nn.gelu(x, approximate=True),
                tf.nn.gelu(x), tf.nn.leaky_relu(x, 0.3), tf.nn.leaky_relu(x), tf.clip_by_value(x, -0.5, 0.25), tf.zeros_like(x),
                tf.ones_like(x), tf.stop_gradient(x), tf.identity(x)]
    o = keras.ops
    p, u = o.abs(x) + 0.25, o.tanh(x)
    return [o.absolute(x), o.negative(x), o.exp(x), o.expm1(x), o.log(p), o.log1p(p), o.log2(p), o.log10(p), o.sqrt(p), o.rsqrt(p),
            o.square(x), o.reciprocal(p), o.sin(x), o.cos(x), o.tan(u), o.arctan(x), o.sinh(x), o.cosh(x), o.sign(x), o.floor(x),
            o.ceil(x), o.trunc(x * 2), o.arcsin(u), o.arccos(u), o.arcsinh(x), o.arccosh(p + 1), o.arctanh(u * 0.9), o.exp2(x),
            o.erf(x), o.erfc(x), o.fabs(x), o.relu(x), o.relu6(x * 5), o.selu(x), o.sigmoid(x), o.tanh(x), o.silu(x), o.softplus(x * 9), o.softsign(x),
            o.log_sigmoid(x), o.hard_sigmoid(x * 4), o.hard_silu(x * 4), o.hard_tanh(x), o.tanh_shrink(x), o.sparse_plus(x),
            o.sparse_sigmoid(x), o.leaky_relu(x, negative_slope=0.3), o.leaky_relu(x), o.elu(x, alpha=0.4), o.elu(x),
            o.celu(x, alpha=0.4), o.gelu(x, approximate=True), o.gelu(x, approximate=False), o.squareplus(x, b=2), o.squareplus(x),
            o.clip(x, -0.5, 0.25), o.hard_shrink(x, threshold=0.7), o.hard_shrink(x), o.soft_shrink(x, threshold=0.7),
            o.soft_shrink(x), o.threshold(x, 0.2, -3.0), o.round(x * 3), o.zeros_like(x), o.ones_like(x), o.stop_gradient(x)]


def pairs(x):
    """Of two numbers, with signs of all kinds and constants on either side."""
    y = keras.ops.flip(x, axis=1) if THREE else tf.reverse(x, [1])
    if not THREE:
        m, p = tf.math, tf.abs(y) + 0.25
        return [tf.add(x, y), tf.subtract(x, y), tf.multiply(x, y), tf.divide(x, p), m.truediv(x, p), x / p, x - y, x * y, x + y,
                2 - x, 2 / p, m.floordiv(x, p), m.floordiv(x, -p), m.mod(x, p), m.floormod(x, -p), x % 0.7, tf.pow(p, x), p**x,
                p**0.5, tf.maximum(x, y), tf.minimum(x, 0.25), tf.atan2(x, y), m.squared_difference(x, y),
                m.divide_no_nan(x, tf.nn.relu(y)), tf.greater(x, y), tf.greater_equal(x, 0.5), tf.less(x, y), tf.less_equal(x, y),
                tf.where(x > y, x, y * 2), tf.where(x < 0.3, x, 0.5), tf.add_n([x, y, y]), tf.nn.bias_add(x, np.arange(4.0, dtype="float32"))]
    o = keras.ops
    p = o.abs(y) + 0.25
    return [o.add(x, y), o.subtract(x, y), o.multiply(x, y), o.divide(x, p), o.true_divide(x, p), x - y, 2 - x, 2 / p,
            o.floor_divide(x, p), o.floor_divide(x, -p), o.mod(x, p), o.mod(x, -p), x % 0.7, o.power(p, x), 2**x, p**0.5,
            o.maximum(x, y), o.minimum(x, 0.25), o.fmod(x, -p), o.fmax(x, y), o.fmin(x, 0.25), o.arctan2(x, y), o.hypot(x, y),
            o.logaddexp(x, y), o.logaddexp2(x, y), o.divide_no_nan(x, o.relu(y)),
            o.greater(x, y), o.greater_equal(x, 0.5), o.less(x, y), o.less_equal(x, y), o.equal(o.floor(x), o.floor(y)),
            o.not_equal(o.floor(x), o.floor(y)), o.where(x > y, x, y * 2), o.where(x < 0.3, x, 0.5)]


def reductions(x):
    """Over one axis, several, the last and the first but the samples', with and without keeping it."""
    if not THREE:
        m = tf.math
        return [tf.reduce_mean(x, 1), tf.reduce_mean(x, [1, 2], keepdims=True), tf.reduce_sum(x, -1), tf.reduce_sum(x, [-1, 1]),
                tf.reduce_max(x, 2), tf.reduce_min(x, [2, 3]), m.reduce_logsumexp(x, -1, keepdims=True), m.reduce_variance(x, [1, 2]),
                m.reduce_std(x, -1), tf.reduce_prod(x, 2), tf.reduce_prod(x, -1, keepdims=True), tf.cumsum(x, 1), tf.cumsum(x, -1),
                m.cumprod(x, 2), tf.nn.softmax(x, 1), tf.nn.softmax(x), tf.nn.log_softmax(x, 2), tf.nn.crelu(x), tf.nn.crelu(x, 1),
                m.l2_normalize(x, -1), m.l2_normalize(x, [1, 2], epsilon=3.0), tf.norm(x, axis=1), tf.norm(x, axis=2, keepdims=True)]
    o = keras.ops
    return [o.mean(x, axis=1), o.mean(x, axis=(1, 2), keepdims=True), o.sum(x, axis=-1), o.sum(x, axis=(-1, 1)), o.max(x, axis=2),
            o.min(x, axis=(2, 3)), o.amax(x, axis=1, keepdims=True), o.amin(x, axis=-1), o.logsumexp(x, axis=-1, keepdims=True),
            o.logsumexp(x, axis=(1, 2)), o.var(x, axis=(1, 2)), o.std(x, axis=-1), o.std(x, axis=(2, 3), keepdims=True),
            o.prod(x, axis=2), o.prod(x, axis=-1, keepdims=True), o.cumsum(x, axis=1), o.cumsum(x, axis=-1), o.cumprod(x, axis=2),
            o.softmax(x, axis=1), o.softmax(x), o.log_softmax(x, axis=2), o.sparsemax(x, axis=-1), o.glu(x, axis=1), o.glu(x),
            o.normalize(x, axis=1), o.normalize(x, axis=-1, epsilon=2.0), o.normalize(x), o.norm(x, axis=1),
            o.norm(x, axis=-1, keepdims=True), o.average(x, axis=1), o.sort(x, axis=1), o.sort(x), o.diff(x, axis=1),
            o.argmax(x, axis=1), o.argmin(x, axis=-1, keepdims=True)]


def shapes(x):
    """Which numbers stand where."""
    y = x * 2
    if not THREE:
        return [tf.concat([x, y], 1), tf.concat([x, y, x], -1), tf.stack([x, y], 1), tf.stack([x, y], -1), tf.reshape(x, [-1, 8, 8]),
                tf.reshape(x, [-1, 4, 2, 2, 4]), tf.transpose(x, [0, 3, 1, 2]), tf.expand_dims(x, 1), tf.expand_dims(x, -1),
                tf.squeeze(tf.reduce_mean(x, 2, keepdims=True), 2), tf.squeeze(x[:, 1:2, :, :1], [1, -1]),
                tf.pad(x, [[0, 0], [2, 1], [0, 3], [1, 0]]), tf.pad(x, [[0, 0], [2, 1], [3, 0], [0, 0]], "REFLECT"),
                tf.pad(x, [[0, 0], [2, 1], [3, 0], [0, 0]], "SYMMETRIC"), tf.pad(x, [[0, 0], [1, 1], [0, 0], [0, 0]], constant_values=1.5),
                tf.tile(x, [1, 2, 1, 3]), tf.roll(x, 2, 1), tf.roll(x, -1, 3), tf.gather(x, [3, 0, 0], axis=1), tf.gather(x, 2, axis=2),
                tf.image.flip_left_right(x), tf.image.flip_up_down(x), tf.reverse(x, [1, 3]), tf.split(x, 2, axis=1)[1] * 1.0,
                tf.split(x, [1, 2, 1], axis=-1)[1] * 1.0, tf.unstack(x, axis=1)[2] * 1.0, tf.unstack(x, axis=-1)[3] * 1.0,
                x[:, 1:-1, ::2], x[:, -3:, :, 1:4:2], x[:, tf.newaxis, 2], x[:, :, :, -1], tf.nn.depth_to_space(x, 2),
                tf.nn.space_to_depth(x, 2), tf.image.resize(x, [7, 5]), tf.image.resize(x, [7, 9], method="nearest"),
                tf.image.resize(x, [3, 3], antialias=True), tf.nn.max_pool2d(x, [2, 3], [1, 2], "VALID"), tf.nn.avg_pool2d(x, 3, 2, "SAME"),
                tf.matmul(x, y, transpose_a=True), tf.matmul(x, tf.transpose(y, [0, 1, 3, 2]))]
    o = keras.ops
    return [o.concatenate([x, y], axis=1), o.concatenate([x, y, x], axis=-1), o.stack([x, y], axis=1), o.stack([x, y], axis=-1),
            o.reshape(x, (-1, 8, 8)), o.reshape(x, (-1, 4, 2, 2, 4)), o.transpose(x, (0, 3, 1, 2)), o.swapaxes(x, 1, 3),
            o.swapaxes(x, -1, 2), o.expand_dims(x, 1), o.expand_dims(x, -1), o.squeeze(o.mean(x, axis=2, keepdims=True), axis=2),
            o.squeeze(x[:, 1:2, :, :1], axis=(1, -1)), o.pad(x, ((0, 0), (2, 1), (0, 3), (1, 0))),
            o.pad(x, ((0, 0), (2, 1), (3, 0), (0, 0)), mode="reflect"), o.pad(x, ((0, 0), (1, 1), (1, 0), (0, 0)), mode="symmetric"),
            o.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)), constant_values=1.5), o.tile(x, (1, 2, 1, 3)), o.repeat(x, 3, axis=1),
            o.repeat(x, 2, axis=-1), o.roll(x, 2, axis=1), o.roll(x, -1, axis=3), o.moveaxis(x, 1, 3), o.moveaxis(x, -1, 1),
            o.take(x, [3, 0, 0], axis=1), o.take(x, -2, axis=2), o.flip(x, axis=1), o.flip(x, axis=(2, 3)), o.split(x, 2, axis=1)[1] * 1.0,
            o.split(x, [1, 3], axis=-1)[1] * 1.0, o.unstack(x, axis=1)[2] * 1.0, o.unstack(x, axis=-1)[3] * 1.0, x[:, 1:-1, ::2], x[:, -3:, ..., 1:4:2],
            x[:, None, 2], x[..., -1], o.image.resize(x, (7, 5)), o.image.resize(x, (7, 9), interpolation="nearest"),
            o.image.resize(x, (3, 3), antialias=True), o.max_pool(x, (2, 3), strides=(1, 2)), o.average_pool(x, 3, strides=2),
            o.matmul(x, o.swapaxes(y, 2, 3)), o.einsum("bijc,bikc->bijk", x, y),
            o.depth_to_space(x, 2), o.space_to_depth(x, 2)]


def network(make):
    x = keras.Input(SHAPE)
    results = make(x)
    return keras.Model(x, results)


def save(model, name, place, out):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "network.keras")
        model.save(file)
        out.write(file, name + ".keras")
    probes = (np.random.RandomState(40 + place).normal(size=(2, *SHAPE)) * 1.3).astype("float32")
    kept = io.BytesIO()
    np.save(kept, last_axis_second(probes))
    out.writestr(name + ".npy", kept.getvalue())
    kept = io.BytesIO()
    found = {key.replace("/", "|"): value for key, value in answers(model, probes).items()}
    np.savez_compressed(kept, **found)
    out.writestr(name + ".npz", kept.getvalue())
    print(name, len(found))


def main():
    with zipfile.ZipFile(sys.argv[1], "a", zipfile.ZIP_DEFLATED) as out:
        for place, make in enumerate((numbers, pairs, reductions, shapes)):
            save(network(make), "%s_%s" % (PREFIX, make.__name__), place, out)


if __name__ == "__main__":
    main()
