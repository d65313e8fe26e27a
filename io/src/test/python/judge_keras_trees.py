"""Changes the HDF5 trees of Keras' files as h5py allows it, and lets Keras be the judge.

    python judge_keras_trees.py NETWORKS.zip OUT.zip COUNT SEED [PREFIX]

NETWORKS.zip is io/src/test/resources/keras/layers.zip, or another one of networks (NAME.h5 or
NAME.keras) and their probes (NAME.npy); those whose names begin with PREFIX are taken, by itself that
of the Keras that runs. Each is loaded and saved again by that Keras: whole, as weights beside model.json,
in the layout of Keras 1 and 2 or in that of Keras 3. Then groups, arrays and lists of names are
renamed, put in another order, exchanged, split, stored otherwise, added or taken away. OUT.zip is
added to, as judge_keras_mutants.py does, so that several releases of Keras can write into it: 1.2.2
and 2.2.4 on either backend (Python 3.7), TensorFlow 2.15.1, Keras 3. KerasJudgedCampaign reads it.
"""

import os
import random
import sys
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np
from judged_networks import asked, bytes_of, keep_judgement, networks, opened


def release():
    try:
        import keras

        return keras.__version__
    except ImportError:
        return "2"


OLD = release().startswith(("1.", "2.2."))
if OLD:
    from make_keras_old import ONE, PREFIX, THEANO, K, keras, last_axis_second
else:
    from make_keras_layers import PREFIX, THREE, answers, keras, last_axis_second

    ONE = THEANO = False
LAYERED = not OLD  # whether weights can be saved as layers/conv2d/vars/0
NAMES = ("layer_names", "weight_names")


def texts(owner, name):
    """A list of names, in one attribute or several."""
    parts = [name] if name in owner.attrs else []
    while name + str(len(parts)) in owner.attrs:
        parts.append(name + str(len(parts)))
    found = [text for part in parts for text in owner.attrs[part]]
    return [text.decode() if isinstance(text, bytes) else text for text in found], parts


def write_texts(owner, name, names, pieces=1, wide=False):
    for part in texts(owner, name)[1]:
        del owner.attrs[part]
    kind = h5py.special_dtype(vlen=str) if wide else None
    for piece in range(pieces):
        some = names[piece * len(names) // pieces : (piece + 1) * len(names) // pieces]
        data = some if wide else np.array([text.encode() for text in some] or [], "S%d" % longest(some))
        owner.attrs.create(name + (str(piece) if pieces > 1 else ""), data, dtype=kind)


def longest(names):
    return max([1] + [len(name.encode()) for name in names])


class Tree:
    """The arrays of a file and how to change them; a change says what it did, or None."""

    def __init__(self, file, draw):
        self.file, self.draw = file, draw
        self.root = file["model_weights"] if "model_weights" in file else file
        self.legacy = bool(texts(self.root, "layer_names")[1])
        self.arrays = []
        top = self.root if self.legacy else file
        top.visititems(lambda path, node: self.add(path, node))
        self.top = top

    def add(self, path, node):
        if isinstance(node, h5py.Dataset) and not path.startswith(("optimizer", "top_level")):
            self.arrays.append(path)

    def array(self):
        return self.draw.choice(self.arrays) if self.arrays else None

    def layers(self):
        """Layers that keep arrays."""
        return [name for name in texts(self.root, "layer_names")[0] if self.weights(name)]

    def weights(self, layer):
        return texts(self.root[layer], "weight_names")[0]

    def put(self, path, values, **how):
        attributes = dict(self.top[path].attrs)
        del self.top[path]
        made = self.top.create_dataset(path, data=values, **how)
        for name, value in attributes.items():
            made.attrs[name] = value

    def twins(self):
        """Two arrays of one shape."""
        pairs = [
            (a, b)
            for i, a in enumerate(self.arrays)
            for b in self.arrays[i + 1 :]
            if self.top[a].shape == self.top[b].shape and self.top[a].shape != ()
        ]
        return self.draw.choice(pairs) if pairs else None

    # of both layouts

    def stores_otherwise(self):
        path = self.array()
        values = self.top[path][()]
        if np.ndim(values) == 0:
            return None
        ways = [
            ("float64", values.astype("float64"), {}),
            ("float16", values.astype("float16"), {}),
            ("big-endian", values.astype(">f4"), {}),
            ("integers", np.round(values * 4).astype("int32"), {}),
            ("gzip", values, {"compression": "gzip", "shuffle": True, "fletcher32": True}),
            ("chunks", values, {"chunks": tuple(max(1, n // 2) for n in values.shape)}),
            ("another axis", values[None], {}),
            ("turned axes", values.transpose(), {}),
            ("one less", values[..., :-1], {}),
            ("flat", values.reshape(-1), {}),
        ]
        name, new, how = self.draw.choice(ways)
        if not new.size:
            return None
        self.put(path, new, **how)
        return "%s stored as %s" % (path, name)

    def exchanges_arrays(self):
        pair = self.twins()
        if pair is None:
            return None
        a, b = (self.top[path][()] for path in pair)
        self.put(pair[0], b)
        self.put(pair[1], a)
        return "%s and %s exchanged" % pair

    def links_one_to_another(self):
        pair = self.twins()
        if pair is None:
            return None
        soft = self.draw.random() < 0.3
        del self.top[pair[1]]
        self.top[pair[1]] = h5py.SoftLink(self.top.name + "/" + pair[0]) if soft else self.top[pair[0]]
        return "%s is %s, by a %s link" % (pair[1], pair[0], "soft" if soft else "hard")

    def adds_an_array(self):
        path = self.array().rsplit("/", 1)[0] if self.draw.random() < 0.7 else ""
        name = self.draw.choice(["kernel:0", "9", "vars", "extra", "bias_1"])
        path = path + "/" + name if path else name
        if path in self.top:
            return None
        self.top.create_dataset(path, data=np.ones((2, 3), "float32"))
        return "%s more" % path

    def takes_an_array(self):
        path = self.array()
        del self.top[path]
        return "%s is gone" % path

    def renames_an_array(self):
        path = self.array()
        folder, name = path.rsplit("/", 1)
        other = folder + "/" + self.draw.choice(["7", "1", "zeta:0", "kernel", name + "_1", "a b"])
        if other in self.top:
            return None
        self.top.move(path, other)
        told = "%s is %s" % (path, other)
        if self.legacy and self.draw.random() < 0.7:
            told += self.renames_in_list(path, other)
        return told

    def renames_in_list(self, path, other):
        for layer in self.layers():
            names = self.weights(layer)
            own = [layer + "/" + name for name in names]
            if path in own:
                names[own.index(path)] = other[len(layer) + 1 :]
                write_texts(self.root[layer], "weight_names", names)
                return ", in the list too"
        return ""

    # of Keras 1 and 2

    def renames_a_layer(self):
        layers = texts(self.root, "layer_names")[0]
        old = self.draw.choice(self.layers())
        new = self.draw.choice(["zeta", "a/b", old + "_1", "vars", "model_weights", "\u00e9t\u00e9"])
        if new in self.root or new in layers:
            return None
        how = self.draw.choice(["both", "both", "group", "list"])
        if how != "list":
            self.root.move(old, new)
        if how != "group":
            write_texts(self.root, "layer_names", [new if one == old else one for one in layers])
        return "layer %s is %s (%s)" % (old, new, how)

    def exchanges_layers(self):
        kept = self.layers()
        if len(kept) < 2:
            return None
        a, b = self.draw.sample(kept, 2)
        if a.startswith(b + "/") or b.startswith(a + "/"):
            return None
        self.root.move(a, "between")
        self.root.move(b, a)
        self.root.move("between", b)
        return "groups of %s and %s exchanged" % (a, b)

    def reorders_layers(self):
        layers = texts(self.root, "layer_names")[0]
        before = list(layers)
        how = self.draw.choice(["swap", "reverse", "sort", "drop", "twice", "more"])
        at = self.draw.randrange(len(layers))
        if how == "swap" and len(layers) > 1:
            other = self.draw.randrange(len(layers))
            layers[at], layers[other] = layers[other], layers[at]
        elif how == "reverse":
            layers.reverse()
        elif how == "sort":
            layers.sort()
        elif how == "drop":
            layers.pop(at)
        elif how == "twice":
            layers.insert(at, layers[self.draw.randrange(len(layers))])
        else:
            group = self.root.create_group("empty_one")
            write_texts(group, "weight_names", [])
            layers.insert(at, "empty_one")
        if layers == before:
            return None
        write_texts(self.root, "layer_names", layers)
        return "layer_names: %s at %d" % (how, at)

    def reorders_weights(self):
        layer = self.draw.choice(self.layers())
        names = self.weights(layer)
        before = list(names)
        how = self.draw.choice(["shuffle", "shuffle", "drop", "twice"])
        if how == "shuffle":
            self.draw.shuffle(names)
        elif how == "drop":
            names.pop(self.draw.randrange(len(names)))
        else:
            names.append(names[0])
        if names == before:
            return None
        write_texts(self.root[layer], "weight_names", names)
        return "weight_names of %s: %s" % (layer, how)

    def splits_names(self):
        layer = self.draw.choice([None] + self.layers())
        owner, name = (self.root, NAMES[0]) if layer is None else (self.root[layer], NAMES[1])
        names, pieces = texts(owner, name)[0], self.draw.choice([1, 2, 3])
        wide = self.draw.random() < 0.5
        if pieces > len(names):
            return None
        write_texts(owner, name, names, pieces, wide)
        return "%s of %s in %d pieces%s" % (name, layer, pieces, ", of any length" if wide else "")

    # of Keras 3

    def moves_a_group(self):
        groups = sorted({path.split("/vars/")[0] for path in self.arrays})
        a = self.draw.choice(groups)
        if self.draw.random() < 0.6:
            same = [b for b in groups if b != a and not b.startswith(a) and not a.startswith(b)]
            if not same:
                return None
            b = self.draw.choice(same)
            self.top.move(a, "between")
            self.top.move(b, a)
            self.top.move("between", b)
            return "%s and %s exchanged" % (a, b)
        b = a + self.draw.choice(["_1", "_7", "x"])
        if b in self.top:
            return None
        self.top.move(a, b)
        return "%s is %s" % (a, b)

    def change(self):
        both = [
            self.stores_otherwise,
            self.stores_otherwise,
            self.exchanges_arrays,
            self.links_one_to_another,
            self.adds_an_array,
            self.takes_an_array,
            self.renames_an_array,
        ]
        own = (
            [
                self.renames_a_layer,
                self.exchanges_layers,
                self.exchanges_layers,
                self.reorders_layers,
                self.reorders_layers,
                self.reorders_weights,
                self.reorders_weights,
                self.splits_names,
                self.splits_names,
            ]
            if self.legacy
            else [self.moves_a_group, self.moves_a_group, self.moves_a_group]
        )
        for _ in range(100):
            told = self.draw.choice(both + own)()
            if told:
                return told
        raise ValueError("nothing to change")


def saved(model, folder, form):
    """The file and, of weights alone, the architecture."""
    if form == "whole":
        file = os.path.join(folder, "model.h5")
        model.save(file)
        return file, None
    file = os.path.join(folder, "model.weights.h5" if form == "layered" else "weights.h5")
    model.save_weights(file)
    return file, model.to_json()


def told_by(file, architecture):
    """The architecture as text."""
    if architecture is None and file.endswith(".keras"):
        return zipfile.ZipFile(file).read("config.json").decode()
    if architecture is None:
        with h5py.File(file, "r") as opened:
            text = opened.attrs["model_config"]
            return text.decode() if isinstance(text, bytes) else text
    return architecture


def has_channels_first(text):
    return '"channels_first"' in text or '"dim_ordering": "th"' in text


def loaded(file, architecture):
    if ONE:  # some of its layers do not keep the order of axes
        first = has_channels_first(told_by(file, architecture))
        K.set_image_dim_ordering("th" if first else "tf")
    if architecture is None:
        return keras.models.load_model(file, **({} if ONE else {"compile": False}))
    model = keras.models.model_from_json(architecture)
    model.load_weights(file)
    return model


def old_answers(model, probes, form):
    """Of the layers' first calls."""
    kept = [one for one in model.layers if type(one).__name__ != "InputLayer" and not hasattr(one, "layers")]
    seen = K.function(model.inputs + [K.learning_phase()], [one.get_output_at(0) for one in kept])(
        [probes, 0]
    )
    return {one.name: form(np.asarray(value, "float32")) for one, value in zip(kept, seen)}


def judged(file, architecture, probes, first):
    if not THEANO:
        keras.backend.clear_session()
    model = loaded(file, architecture)
    form = np.ascontiguousarray if first else last_axis_second
    return (old_answers if OLD else answers)(model, probes, form)


def mutant(base, draw, folder):
    """One changed file of a network, and what Keras needs to judge it."""
    forms = ["whole", "legacy", "legacy"] if OLD else ["whole", "legacy", "layered"]
    if not OLD and THREE:
        forms = ["whole", "layered"]
    form = draw.choice(forms)
    if not THEANO:
        keras.backend.clear_session()
    model = loaded(base, None)
    file, architecture = saved(model, folder, form)
    told = [form]
    with h5py.File(file, "r+") as opened:
        for _ in range(draw.choice([1, 1, 1, 2])):
            told.append(Tree(opened, draw).change())
    return file, architecture, told


def main():
    source, target, count, seed = asked()
    prefix = sys.argv[5] if len(sys.argv) > 5 else PREFIX
    draw = random.Random(seed)
    with opened(source, target) as (folder, out):
        names = networks(folder, prefix)
        made = ran = 0
        while made < count:
            chosen = draw.choice(names)
            base = os.path.splitext(chosen)[0]
            with tempfile.TemporaryDirectory() as own:
                try:
                    file, architecture, told = mutant(os.path.join(folder, chosen), draw, own)
                except Exception:
                    continue  # it keeps no arrays, or this Keras cannot read or save it
                first = has_channels_first(told_by(file, architecture))
                made += 1
                name = "%s_tree_%s_%d" % (prefix, base[len(prefix) + 1 :], made)
                out.write(file, name + ".h5")
                out.writestr(name + ".txt", "\n".join(told))
                if architecture is not None:
                    out.writestr(name + ".json", architecture)
                shown = np.load(os.path.join(folder, base + ".npy"))
                out.writestr(name + ".npy", bytes_of(shown))
                probes = np.moveaxis(shown, 1, -1) if shown.ndim > 2 and not first else shown
                ran += keep_judgement(
                    out, name, lambda: judged(file, architecture, probes, first)
                )
        print("%s: %d mutants, %d of which Keras runs" % (prefix, made, ran))


if __name__ == "__main__":
    main()
