"""Gives layers of Keras networks other settings, one or two at a time, and lets Keras be the judge.

    python judge_keras_mutants.py LAYERS.zip OUT.zip COUNT SEED

LAYERS.zip is io/src/test/resources/keras/layers.zip; OUT.zip is added to, so that it can be run with
Keras 3 (3.15.1) and once more with TensorFlow 2.15.1 into the same file. Any setting is changed to any
value of its kind: Keras says which of them are legal. Of each mutant there are NAME.keras or NAME.h5,
NAME.txt (what was changed), NAME.npy (the probes), and either NAME.npz (the answer of every layer) or
NAME.refused (why Keras does not load or run it). KerasJudgedCampaign reads them.
"""

import json
import os
import random
import shutil
import zipfile

import h5py
import numpy as np
from judged_networks import asked, bytes_of, keep_judgement, networks, opened
from make_keras_layers import PREFIX, answers, keras, last_axis_second

CHOICES = [
    ["valid", "same", "causal"],
    ["channels_last", "channels_first"],
    ["nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"],
    ["sum", "mul", "concat", "ave", None],
    ["dot", "concat"],
    "linear relu elu selu gelu silu softplus softsign tanh sigmoid hard_sigmoid exponential softmax"
    " leaky_relu relu6 mish".split(),
]
NO_LAYERS = {"InputLayer", "DTypePolicy", "__keras_tensor__"}
OF_TRAINING = ("initializer", "regularizer", "constraint")
NO_SETTINGS = {"name", "dtype", "batch_shape", "batch_input_shape", "layers", "input_layers"}
NO_SETTINGS |= {"output_layers", "shared_object_id", "seed", "quantization_config", "registered_name"}


def layers(configuration):
    """Configurations of all layers, those within networks and wrappers too."""
    if isinstance(configuration, dict):
        if "class_name" in configuration and isinstance(configuration.get("config"), dict):
            own = configuration["config"]
            if configuration["class_name"] not in NO_LAYERS and "layers" not in own:
                yield configuration["class_name"], own
        for value in configuration.values():
            yield from layers(value)
    elif isinstance(configuration, list):
        for value in configuration:
            yield from layers(value)


def other(value, draw):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw.choice([value - 2, value - 1, value + 1, value + 2, 1, 2, None])
    if isinstance(value, float):
        return draw.choice([value * 2, value / 3 + 0.1, 0.0, 1.5])
    if isinstance(value, str):
        fitting = [choice for choice in CHOICES if value in choice]
        return draw.choice(fitting[-1]) if fitting else value
    if isinstance(value, list) and value:
        if draw.random() < 0.2 and all(isinstance(one, int) for one in value):
            return draw.choice([value[0], value[::-1], [value[0]] * len(value)])
        at = draw.randrange(len(value))
        return value[:at] + [other(value[at], draw)] + value[at + 1 :]
    if value is None:
        return draw.choice([0, 1, 2, 0.5, [1, 1], "relu", True])
    return value


def mutate(configuration, draw):
    """Changes one setting in place and says which."""
    for _ in range(100):
        kind, settings = draw.choice(list(layers(configuration)))
        names = [
            name
            for name in settings
            if name not in NO_SETTINGS and not name.endswith(OF_TRAINING)
        ]
        name = draw.choice(names) if names else "trainable"
        if name in settings and (name != "trainable" or draw.random() < 0.1):
            before = settings[name]
            after = other(before, draw)
            if after != before or isinstance(after, bool) != isinstance(before, bool):
                settings[name] = after
                return "%s %s: %r instead of %r" % (kind, name, after, before)
    raise ValueError("nothing to change")


def changed(source, target, draw):
    """A copy of a network's file with other settings."""
    told = []

    def text(before):
        configuration = json.loads(before)
        for _ in range(draw.choice([1, 1, 2])):
            told.append(mutate(configuration, draw))
        return json.dumps(configuration)

    if source.endswith(".h5"):
        shutil.copy(source, target)
        with h5py.File(target, "r+") as file:
            file.attrs["model_config"] = text(file.attrs["model_config"])
    else:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for entry in old.namelist():
                content = old.read(entry)
                new.writestr(entry, text(content) if entry == "config.json" else content)
    return told


def judged(file, probes, first):
    """What Keras answers; as it is in a network with channels first, else with the last axis second."""
    keras.backend.clear_session()
    model = keras.models.load_model(file, compile=False)
    return answers(model, probes, np.asarray if first else last_axis_second)


def main():
    source, target, count, seed = asked()
    draw = random.Random(seed)
    with opened(source, target) as (folder, out):
        names = networks(folder, PREFIX)
        ran = 0
        for number in range(count):
            chosen = draw.choice(names)
            base, ending = os.path.splitext(chosen)
            file = os.path.join(folder, "mutant" + ending)
            told = changed(os.path.join(folder, chosen), file, draw)
            name = "%s_%s_%d" % (PREFIX, base.split("_")[1], number)
            out.write(file, name + ending)
            out.writestr(name + ".txt", "\n".join(told))
            shown = np.load(os.path.join(folder, base + ".npy"))
            probes = np.moveaxis(shown, 1, -1) if shown.ndim > 2 else shown
            first = any("'channels_first' instead" in change for change in told)
            out.writestr(name + ".npy", bytes_of(np.ascontiguousarray(probes if first else shown)))
            ran += keep_judgement(out, name, lambda: judged(file, probes, first))
        print("%s: %d mutants, %d of which Keras runs" % (PREFIX, count, ran))


if __name__ == "__main__":
    main()
