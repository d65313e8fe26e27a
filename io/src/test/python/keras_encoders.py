"""Holds encoders of keras.applications, layer by layer, against Keras in single and double precision.

    python keras_encoders.py make DIR NAME [SIZE]
    java -jar palimpsest.jar capture DIR/NAME.keras --probes DIR/NAME.npy -o DIR/NAME_here.npz
    python keras_encoders.py compare DIR NAME

`make` writes the encoder with random weights (DIR/NAME.keras), one image of SIZE pixels a side (96 by
itself; channels second), and what Keras answers for every layer in float32 and in float64 of the
same weights. `compare` prints the largest differences of a layer's scale: of this library from
Keras, and of either from Keras in float64, which is what both are to compute. Written for Keras 3
and for TensorFlow 2.12 and later.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

WORST = 5


def encoder(keras, name, size):
    return getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(size, size, 3))


def randomised(weights):
    random = np.random.RandomState(7)
    changed = []
    for name, value in weights:
        shape = value.shape
        if name == "gamma":
            value = random.uniform(0.5, 1.5, shape)
        elif name == "moving_variance":
            value = random.uniform(0.5, 2.0, shape)
        elif name in ("beta", "moving_mean", "bias"):
            value = random.normal(0, 0.2, shape)
        changed.append(value.astype("float32"))
    return changed


def last_name(weight):
    return getattr(weight, "path", weight.name).split("/")[-1].split(":")[0]


def make(folder, name, size):
    from make_keras_layers import answers, keras, last_axis_second

    os.makedirs(folder, exist_ok=True)
    kept = {}
    image = np.random.RandomState(1).uniform(0, 255, (1, size, size, 3)).astype("float32")
    np.save("%s/%s.npy" % (folder, name), last_axis_second(image))
    for precision in ("float32", "float64"):
        keras.backend.clear_session()
        keras.backend.set_floatx(precision)
        model = encoder(keras, name, size)
        if not kept:
            names = [last_name(weight) for weight in model.weights]
            kept["weights"] = randomised(zip(names, model.get_weights()))
        model.set_weights(kept["weights"])
        if precision == "float32":
            model.save("%s/%s.keras" % (folder, name))
        seen = answers(model, image.astype(precision), second)
        arrays = {key.replace("/", "|"): value for key, value in seen.items()}
        np.savez("%s/%s_%s.npz" % (folder, name, precision), **arrays)
        print(name, precision, len(seen), "layers")


def second(array):
    array = np.asarray(array)
    return np.ascontiguousarray(np.moveaxis(array, -1, 1) if array.ndim > 2 else array)


def difference(a, b):
    a, b = a.astype("float64"), b.astype("float64")
    return np.abs(a - b).max() / max(np.abs(b).max(), 1e-6)


def compare(folder, name):
    here = np.load("%s/%s_here.npz" % (folder, name))
    single = np.load("%s/%s_float32.npz" % (folder, name))
    double = np.load("%s/%s_float64.npz" % (folder, name))
    rows = []
    for key in single.files:
        own = here[key.replace("|", "/")]
        pairs = (own, single[key]), (own, double[key]), (single[key], double[key])
        rows.append([difference(a, b) for a, b in pairs] + [key])
    print("%d layers; largest differences of a layer's scale" % len(rows))
    print("here from Keras  here from float64  Keras from float64  layer")
    for row in sorted(rows, reverse=True)[:WORST]:
        print("%-17.1e%-19.1e%-20.1e%s" % tuple(row))
    print("%-17.1e%-19.1e%-20.1eof all" % tuple(max(row[i] for row in rows) for i in range(3)))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 96)
    else:
        compare(sys.argv[2], sys.argv[3])
