"""The workloads in public tools' own code, found in the folders under one folder:

    svcca        google/svcca                              torch_cka  AntixK/PyTorch-Model-Compare
    pytorch-cka  ryusudol/pytorch-cka                      anatome    moskomule/anatome
    ckatorch     RistoAle97/centered-kernel-alignment      netrep     ahwillia/netrep
    resi         mklabunde/resi

Each is called as its documentation shows; nothing of it is copied or changed. Where a package that
only draws, logs or shows progress is missing, an empty stand-in takes its place.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import io
import os
import sys
from unittest import mock

import numpy as np

from harness import main

COSMETIC = ["tqdm", "matplotlib", "mpl_toolkits", "seaborn", "loguru", "pandas", "yaml", "safetensors"]
INCIDENTAL = {
    "netrep": ["sklearn"],  # a base class without behaviour
    "resi": ["einops", "sklearn"],  # not used by linear CKA of matrices
}
FOLDERS = {
    "svcca": ["svcca"],
    "torch_cka": ["torch_cka", "PyTorch-Model-Compare"],
    "pytorch-cka": ["pytorch-cka"],
    "ckatorch": ["ckatorch", "centered-kernel-alignment"],
    "anatome": ["anatome"],
    "netrep": ["netrep"],
    "resi": ["resi"],
}


def use(tool, tools):
    for folder in FOLDERS[tool]:
        path = os.path.join(tools, folder)
        if os.path.isdir(path):
            sys.path.insert(0, path)
            break
    else:
        sys.exit(f"no folder {' or '.join(FOLDERS[tool])} in {tools}")
    sys.meta_path.append(StandIns(COSMETIC + INCIDENTAL.get(tool, [])))
    import tqdm

    if isinstance(tqdm, mock.MagicMock):
        tqdm.tqdm = lambda iterable, *_, **__: iterable


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Empty modules in place of cosmetic ones that are not installed; asked after all real ones."""

    def __init__(self, packages):
        self.packages = packages

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.packages:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = mock.MagicMock(name=spec.name)
        module.BaseEstimator = object
        module.__path__ = []
        return module

    def exec_module(self, module):
        pass


def tensors(layers):
    import torch

    torch.set_num_threads(2)
    return [torch.from_numpy(layer) for layer in layers]


def each_matched(of, a, b):
    """Linear CKA alone, of pairs that are read one after the other."""
    return [[float(of(*tensors([x.load(), y.load()])))] for x, y in zip(a, b)]


def each_pair(of, a, b):
    return [[float(of(x, y)) for y in b] for x in a]


def svcca():
    import cca_core

    def truncated(layer, fraction=0.99):
        x = layer.T - layer.T.mean(axis=1, keepdims=True)
        _, s, v = np.linalg.svd(x, full_matrices=False)
        kept = int(np.searchsorted(np.cumsum(s**2) / np.sum(s**2), fraction)) + 1
        return s[:kept, None] * v[:kept]

    def all_pairs(a, b):
        def similarity(x, y):
            with contextlib.redirect_stdout(io.StringIO()):
                found = cca_core.get_cca_similarity(
                    truncated(x), truncated(y), epsilon=1e-10, verbose=False)
            return found["cca_coef1"].mean()

        return each_pair(similarity, a, b)

    return {"W2": all_pairs}


def module_of(layers):
    """A model whose layers answer with what they are to have answered, batch by batch."""
    import torch

    class Layer(torch.nn.Module):
        def __init__(self, activations):
            super().__init__()
            self.activations = activations

        def forward(self, rows):
            return self.activations[rows]

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for i, layer in enumerate(layers):
                self.add_module(f"layer{i:02d}", Layer(layer))

        def forward(self, rows):
            for layer in self.children():
                answer = layer(rows)
            return answer

    return Model()


def batches(layers, size=256):
    import torch

    rows = torch.utils.data.TensorDataset(torch.arange(len(layers[0])))
    return torch.utils.data.DataLoader(rows, batch_size=size)


def names(layers):
    return [f"layer{i:02d}" for i in range(len(layers))]


def torch_cka():
    from torch_cka import CKA

    def heat_map(a, b):
        a, b = tensors(a), tensors(b)
        cka = CKA(module_of(a), module_of(b), "a", "b", names(a), names(b), device="cpu")
        cka.compare(batches(a), batches(b))
        return cka.export()["CKA"].numpy()

    return {"W4": heat_map}


def pytorch_cka():
    from cka import CKA

    def heat_map(size):
        def of(a, b):
            a, b = tensors(a), tensors(b)
            with CKA(module_of(a), module_of(b), "a", "b", names(a), names(b), "cpu") as cka:
                return cka.compare(batches(a, size), batches(b, size), progress=False).numpy()

        return of

    return {"W1": heat_map(2000), "W4": heat_map(256)}


def ckatorch():
    core = importlib.import_module("ckatorch.core")

    def heat_map(**options):
        return lambda a, b: each_pair(
            lambda x, y: core.cka_base(x, y, **options), tensors(a), tensors(b))

    return {"W1": heat_map(kernel="linear"), "W5": heat_map(kernel="rbf", threshold=0.5)}


def anatome():
    from anatome import distance

    def heat_map(a, b):
        return each_pair(
            lambda x, y: 1 - distance.linear_cka_distance(x, y, reduce_bias=False),
            tensors(a), tensors(b))

    def matched(a, b):
        def of(x, y):
            return 1 - distance.linear_cka_distance(x, y, reduce_bias=False)

        return each_matched(of, a, b)

    return {"W1": heat_map, "W3": matched}


def netrep():
    from netrep.metrics import LinearCKA, PermutationMetric

    def linear_cka(a, b):
        return each_pair(lambda x, y: np.cos(LinearCKA().score(x, y)), a, b)

    def matched(a, b):
        def standardised(x):
            x = x - x.mean(axis=0)
            return x / np.linalg.norm(x, axis=0)

        def similarity(x, y):
            x, y = standardised(x), standardised(y)
            metric = PermutationMetric(center_columns=True).fit(x, y)
            return (x[:, metric.Px_] * y[:, metric.Py_]).sum(axis=0).mean()

        return each_pair(similarity, a, b)

    return {"W1": linear_cka, "W6": matched}


def resi():
    from repsim.measures.cka import centered_kernel_alignment
    from repsim.measures.correlation_match import hard_correlation_match
    import sklearn

    def linear_cka(a, b):
        return each_pair(
            lambda x, y: centered_kernel_alignment(x, y, "nd"), tensors(a), tensors(b))

    def matched(a, b):
        if isinstance(sklearn, mock.MagicMock):
            sys.exit("ReSi's matching needs scikit-learn, which is not installed")
        return each_pair(lambda x, y: hard_correlation_match(x, y, "nd"), a, b)

    def streamed(a, b):
        return each_matched(lambda x, y: centered_kernel_alignment(x, y, "nd"), a, b)

    return {"W1": linear_cka, "W3": streamed, "W6": matched}


if __name__ == "__main__":
    _, _, name, folder, *rest = sys.argv
    use(name, folder)
    main(globals()[name.replace("-", "_")](), rest)
