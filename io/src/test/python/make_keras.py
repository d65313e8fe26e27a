"""Makes io/src/test/resources/keras: small networks, and what Keras itself answers layer by layer.

Run with Keras 3 (written with 3.15.1 on TensorFlow 2.21.0):  python make_keras.py OUT

unet3.h5, classifier3.h5, sequence3.h5   saved by Keras 3: model.save("….h5")
unet3.weights.h5, unet3.keras            the two newer formats of Keras 3
unet2.h5            unet3.h5 in the layout that Keras 2 wrote (architecture as Keras 2 has it,
                    weights named "…:0"), made here with h5py since Keras 2 is not to be had
unet2.json, unet2_weights.h5   the same in two files, as model.to_json() and model.save_weights()
classifier1.h5      the classifier as Keras 1 wrote it (made here with h5py, too)
expected.h5         per network: the input and the answer of every layer, channels last, from Keras 3
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py
import keras
import numpy as np
from keras import layers as L

out = sys.argv[1]
keras.utils.set_random_seed(7)


def unet():
    image = L.Input((8, 8, 2), name="image")
    x = L.Conv2D(4, 3, padding="same", name="enc_conv")(image)
    x = L.BatchNormalization(name="enc_norm")(x)
    skip = L.ReLU(name="enc_relu")(x)
    x = L.MaxPooling2D(name="pool")(skip)
    x = L.Conv2D(6, 3, padding="same", activation="relu", name="bottom")(x)
    x = L.Dropout(0.5, name="drop")(x)
    up = L.UpSampling2D(name="up")(x)
    up_conv = L.Conv2DTranspose(4, 2, strides=2, padding="same", name="up_conv")(x)
    x = L.Concatenate(name="join")([up, up_conv, skip])
    x = L.Conv2D(1, 1, activation="sigmoid", name="head")(x)
    return keras.Model(image, x, name="unet")


def classifier():
    return keras.Sequential(
        [
            L.Input((6, 6, 2)),
            L.Conv2D(3, 3, padding="valid", activation="relu", name="conv"),
            L.MaxPooling2D(2, name="pool"),
            L.Flatten(name="flat"),
            L.Dense(5, activation="tanh", name="hidden"),
            L.Dense(3, activation="softmax", name="classes"),
        ],
        name="classifier",
    )


def sequence():
    return keras.Sequential(
        [
            L.Input((7, 3)),
            L.Conv1D(4, 3, padding="same", activation="relu", name="conv"),
            L.LSTM(5, return_sequences=True, name="lstm"),
            L.Dense(2, name="head"),
        ],
        name="sequence",
    )


def shake(model):
    """Makes running statistics and biases other than their zeros and ones."""
    random = np.random.default_rng(3)
    model.set_weights(
        [w + random.uniform(0.05, 0.4, w.shape).astype("float32") for w in model.get_weights()]
    )


def expect(file, name, model):
    random = np.random.default_rng(11)
    x = random.normal(size=(3,) + model.input_shape[1:]).astype("float32")
    group = file.create_group(name)
    group["input"] = x
    layers = [l for l in model.layers if not isinstance(l, L.InputLayer)]
    answers = keras.Model(model.inputs, [l.output for l in layers]).predict(x, verbose=0)
    for layer, answer in zip(layers, answers):
        group["layers/" + layer.name] = np.asarray(answer, dtype="float32")


def plain(value):
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        kept = {k: plain(v) for k, v in value.items() if k not in ("module", "registered_name")}
        if "batch_shape" in kept:
            kept["batch_input_shape"] = kept.pop("batch_shape")
        return kept
    return [plain(v) for v in value] if isinstance(value, list) else value


def sources(value):
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value["config"]["keras_history"] + [{}]]
        return [s for v in value.values() for s in sources(v)]
    return [s for v in value for s in sources(v)] if isinstance(value, list) else []


def keras2_architecture(model):
    config = plain(json.loads(model.to_json()))
    for layer in config["config"]["layers"]:
        layer["inbound_nodes"] = [sources(node["args"]) for node in layer["inbound_nodes"]]
    for end in ("input_layers", "output_layers"):
        config["config"][end] = [config["config"][end]]
    return {
        "class_name": "Functional",
        "config": config["config"],
        "keras_version": "2.15.0",
        "backend": "tensorflow",
    }


def keras2_weights(group, model):
    group.attrs["layer_names"] = [l.name.encode() for l in model.layers]
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.15.0"
    for layer in model.layers:
        own = group.create_group(layer.name)
        names = [f"{layer.name}/{w.name}:0" for w in layer.weights]
        own.attrs["weight_names"] = [n.encode() for n in names]
        for name, weight in zip(names, layer.weights):
            own[name] = weight.numpy()


def keras1_layer(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def keras1_classifier(path, model):
    window = {"border_mode": "valid", "dim_ordering": "tf"}
    architecture = [
        keras1_layer(
            "Convolution2D", "conv", nb_filter=3, nb_row=3, nb_col=3, subsample=[1, 1],
            activation="relu", bias=True, init="glorot_uniform",
            batch_input_shape=[None, 6, 6, 2], input_dtype="float32", **window,
        ),
        keras1_layer("MaxPooling2D", "pool", pool_size=[2, 2], strides=[2, 2], **window),
        keras1_layer("Flatten", "flat"),
        keras1_layer("Dense", "hidden", output_dim=5, activation="tanh", bias=True,
                     init="glorot_uniform", input_dim=None),
        keras1_layer("Dense", "classes", output_dim=3, activation="softmax", bias=True,
                     init="glorot_uniform", input_dim=None),
    ]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"1.2.2"
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": architecture}
        ).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [l.name.encode() for l in model.layers]
        for layer in model.layers:
            own = group.create_group(layer.name)
            names = [layer.name + "_" + role + ":0" for role in ("W", "b")][: len(layer.weights)]
            own.attrs["weight_names"] = [n.encode() for n in names]
            for name, weight in zip(names, layer.weights):
                own[name] = weight.numpy()


with h5py.File(os.path.join(out, "expected.h5"), "w") as expected:
    models = {"unet": unet(), "classifier": classifier(), "sequence": sequence()}
    for name, model in models.items():
        shake(model)
        model.save(os.path.join(out, name + "3.h5"))
        expect(expected, name, model)

model = models["unet"]
model.save(os.path.join(out, "unet3.keras"))
model.save_weights(os.path.join(out, "unet3.weights.h5"))
architecture = keras2_architecture(model)
with open(os.path.join(out, "unet2.json"), "w") as file:
    json.dump(architecture, file)
with h5py.File(os.path.join(out, "unet2.h5"), "w") as file:
    file.attrs["keras_version"] = b"2.15.0"
    file.attrs["backend"] = b"tensorflow"
    file.attrs["model_config"] = json.dumps(architecture).encode()
    keras2_weights(file.create_group("model_weights"), model)
with h5py.File(os.path.join(out, "unet2_weights.h5"), "w") as file:
    keras2_weights(file, model)
keras1_classifier(os.path.join(out, "classifier1.h5"), models["classifier"])
