"""Adds networks of Keras 1, of Keras 2.1 and of Keras 2.2 to io/src/test/resources/keras/layers.zip, and
what Keras itself answers layer by layer.

    KERAS_BACKEND=theano python make_keras_old.py OUT.zip [FAMILY...]

Run with Keras 1.2.2 and with Keras 2.2.4, both on TensorFlow 1.15.5 and on Theano 1.0.5, and with
Keras 2.1.4 on Theano, into the same file (Python 3.7, h5py 2.10). Of each network there are NAME.h5, NAME.npy (the probes,
channels second) and NAME.npz, as make_keras_layers.py has them.
"""

import io
import os
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
from keras import backend as K
from keras import layers as L
from keras.layers import advanced_activations as A

ONE = keras.__version__.startswith("1")
THEANO = K.backend() == "theano"
if THEANO:
    import theano.ifelse  # Keras 1 uses it without
EARLY = keras.__version__.startswith("2.1.")
PREFIX = ("one" if ONE else "twoone" if EARLY else "two") + ("th" if THEANO else "tf")


def planes(order):
    """Both orders of axes on either backend."""

    def layers(x):
        here = {"dim_ordering": order}
        return [
            L.Convolution2D(3, 3, 2, subsample=(2, 1), border_mode="same", **here)(x),
            L.Convolution2D(2, 2, 3, activation="relu", **here)(x),
            L.MaxPooling2D((2, 3), strides=(2, 2), border_mode="same", **here)(x),
            L.AveragePooling2D((3, 2), strides=(2, 1), border_mode="same", **here)(x),
            L.UpSampling2D((2, 3), **here)(x),
        ]

    return layers


def transposed(order):
    """Results are as large as their convolution may have been."""

    def layers(x):
        found = []
        for mode, rows, columns in (("same", 9, 8), ("same", 10, 7), ("valid", 12, 9), ("valid", 11, 8)):
            place = (None, 3, rows, columns) if order == "th" else (None, rows, columns, 3)
            wide = L.Deconvolution2D(
                3, 3, 2, place, border_mode=mode, subsample=(2, 2), activation="relu", dim_ordering=order
            )
            found.append(wide(x))
        return found

    return layers


def volumes(x):
    here = {"dim_ordering": "th"}
    return [
        L.Convolution3D(2, 2, 3, 2, border_mode="same", **here)(x),
        L.Convolution3D(2, 1, 2, 2, subsample=(1, 2, 1), **here)(x),
    ]


def separable(order):
    """Channels first, the multiplier is the first axis of the kernel and not the last."""

    def layers(x):
        here = {"dim_ordering": order}
        return [
            L.SeparableConvolution2D(3, 2, 3, depth_multiplier=2, subsample=(2, 2), border_mode="same", **here)(x),
            L.SeparableConvolution2D(2, 3, 2, bias=False, activation="relu", **here)(x),
        ]

    return layers


def recurrent(x):
    """Arrays of each gate by themselves: refused, so that its file alone is kept."""
    return [L.ConvLSTM2D(2, 2, 2, border_mode="same", dim_ordering="tf")(x)]


def sequences(x):
    gpu = [] if THEANO else [L.LSTM(3, consume_less="gpu")(x), L.GRU(3, consume_less="gpu")(x)]
    return gpu + [
        L.Convolution1D(3, 3, border_mode="same")(x),
        L.AtrousConvolution1D(2, 2, atrous_rate=2)(x),
        L.SimpleRNN(2, return_sequences=True)(x),
        L.GRU(3, go_backwards=True, return_sequences=True)(x),
        L.GRU(2, inner_activation="sigmoid", activation="relu")(x),
        L.LSTM(3, return_sequences=True)(x),
        L.LSTM(2, inner_activation="sigmoid", consume_less="mem")(x),
        L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode="sum")(x),
    ]


def steps(x):
    """Layers of one dimension know no order of axes: steps come first, whatever planes do."""
    y = L.Convolution2D(6, 3, 3, border_mode="same", dim_ordering="th")(x)
    rows = L.Reshape((6, 36))(y)
    inner = [
        L.Convolution1D(6, 3, border_mode="same"),
        L.Convolution1D(3, 2),
        L.MaxPooling1D(2),
        L.AveragePooling1D(3, stride=1),
        L.UpSampling1D(2),
        L.ZeroPadding1D((1, 0)),
        L.Cropping1D((1, 2)),
        L.GlobalMaxPooling1D(),
        L.GlobalAveragePooling1D(),
    ]
    return [y] + [L.TimeDistributed(one)(y) for one in inner] + [
        L.Convolution1D(3, 2, border_mode="same")(rows),
        L.AtrousConvolution1D(2, 2, atrous_rate=2)(rows),
        L.MaxPooling1D(2, stride=1, border_mode="same")(rows),
    ]


def activations(x):
    return [A.SReLU()(x), A.SReLU(shared_axes=[1])(x), A.ParametricSoftplus()(x), A.PReLU()(x)]


def normalised(x):
    norm = L.BatchNormalization
    return [norm()(x), norm(axis=1, epsilon=0.1)(x), norm(mode=1)(x), norm(mode=1, epsilon=0.2)(x)]


def handed(x):
    """Keras 1 calls the input by the second layer, whose result is the same tensor."""
    y = L.ActivityRegularization(0.1)(L.Activation("linear")(x))
    return [y, L.Dense(2)(y)]


def bare(x):
    """Without arrays, by whose names the backend is told."""
    return [L.AveragePooling2D((2, 3))(x), L.UpSampling2D((1, 2))(L.MaxPooling2D((3, 2))(x))]


def depthwise(x):
    """Theano turns the kernels of other convolutions, not these."""
    return [
        L.DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2)(x),
        L.DepthwiseConv2D(2, padding="same", use_bias=False)(x),
        L.SeparableConv2D(3, (3, 1), padding="same", depth_multiplier=2)(x),
        L.Conv2D(3, (3, 2), strides=2, padding="same", activation="elu")(x),
        L.Conv2DTranspose(2, 3, strides=2, padding="valid")(x),
    ]


def rectified(x):
    """A maximum bounds what is above the threshold, from 0 on, and not what is below."""
    return [
        L.ReLU(6.0, 0.3, -0.1)(x),
        L.ReLU(None, 0.2, -0.3)(x),
        L.ReLU(1.0, 0.1, 0.4)(x),
        L.ReLU(0.7)(x),
    ]


def pooling(axes):
    """Theano pads by its own rule."""

    def layers(x):
        known = {1: (L.MaxPooling1D, L.AveragePooling1D), 2: (L.MaxPooling2D, L.AveragePooling2D)}
        known[3] = (L.MaxPooling3D, L.AveragePooling3D)
        found = []
        for pool in known[axes]:
            for size, strides in ((2, None), (3, 2), (3, 1), (4, 3), (2, 1)):
                found.append(pool(size, strides=strides, padding="same")(x))
        return found

    return layers


def biased(x):
    """As many steps as units: the bias goes along the steps where channels come first."""
    return [L.Dense(6)(L.Reshape((6, 6))(L.Conv2D(4, 1, data_format="channels_first")(x)))]


def stepped(x):
    """Fewer steps than units: the bias can only go along the units."""
    return [L.Dense(6, activation="relu")(x), L.Dense(1)(x), L.TimeDistributed(L.Dense(4))(x)]


if ONE:
    NETWORKS = {
        "planes": ((3, 7, 6), planes("th"), True),
        "lastplanes": ((7, 6, 3), planes("tf"), False),
        "sequences": ((6, 3), sequences, False),
        "activations": ((4, 3), activations, False),
        "normalised": ((5, 4, 3), normalised, False),
        "bare": ((6, 7, 2), bare, False),
        "handed": ((3,), handed, False),
        "steps": ((2, 6, 6), steps, True),
    }
    if not THEANO:
        NETWORKS["transposed"] = ((2, 5, 4), transposed("th"), True)
        NETWORKS["lasttransposed"] = ((5, 4, 2), transposed("tf"), False)
        NETWORKS["volumes"] = ((2, 4, 5, 3), volumes, True)
        NETWORKS["separable"] = ((3, 6, 5), separable("th"), True)
        NETWORKS["lastseparable"] = ((6, 5, 3), separable("tf"), False)
        NETWORKS["recurrent"] = ((2, 3, 4, 2), recurrent, False)
elif EARLY:
    NETWORKS = {
        "biased": ((2, 3, 3), biased, True),
        "stepped": ((4, 3), stepped, False),
        "pooling1": ((7, 2), pooling(1), False),
        "pooling2": ((7, 6, 2), pooling(2), False),
        "pooling3": ((4, 5, 6, 2), pooling(3), False),
    }
else:
    NETWORKS = {
        "depthwise": ((7, 6, 3), depthwise, False),
        "rectified": ((9, 8), rectified, False),
        "pooling1": ((7, 2), pooling(1), False),
        "pooling2": ((7, 6, 2), pooling(2), False),
        "pooling3": ((4, 5, 6, 2), pooling(3), False),
    }


def randomise(model):
    random = np.random.RandomState(7)
    for weight in model.weights:
        shape = K.get_value(weight).shape
        low, high = (0.5, 2.0) if "running_std" in weight.name else (-0.6, 0.6)
        K.set_value(weight, random.uniform(low, high, shape).astype("float32"))


def last_axis_second(array):
    return np.ascontiguousarray(np.moveaxis(array, -1, 1) if array.ndim > 2 else array)


def main():
    with zipfile.ZipFile(sys.argv[1], "a", zipfile.ZIP_DEFLATED) as out:
        for place, (name, (shape, branches, first)) in enumerate(sorted(NETWORKS.items())):
            if sys.argv[2:] and name not in sys.argv[2:]:
                continue
            form = np.ascontiguousarray if first else last_axis_second
            if ONE:
                K.set_image_dim_ordering("th" if first else "tf")
            else:
                K.set_image_data_format("channels_first" if first else "channels_last")
            x = L.Input(shape)
            results = branches(x)
            model = keras.models.Model(x, results)
            randomise(model)
            probes = np.random.RandomState(place).normal(size=(2,) + shape).astype("float32")
            seen = K.function([x, K.learning_phase()], results)([probes, 0])
            names = [result._keras_history[0].name for result in results]
            with tempfile.TemporaryDirectory() as folder:
                file = os.path.join(folder, "network.h5")
                model.save(file)
                out.write(file, "%s_%s.h5" % (PREFIX, name))
            if name in ("recurrent", "biased"):
                continue
            for ending, save in (
                (".npy", lambda kept: np.save(kept, form(probes))),
                (".npz", lambda kept: np.savez(kept, **dict(zip(names, map(form, seen))))),
            ):
                kept = io.BytesIO()
                save(kept)
                out.writestr("%s_%s%s" % (PREFIX, name, ending), kept.getvalue())
            print(PREFIX, name)


if __name__ == "__main__":
    main()
