"""Makes checkpoints of nnU-Net 1 as its own trainers build and save them, and the activations that PyTorch's hooks see.

    pip install --no-deps nnunet==1.7.1 batchgenerators==0.21
    python make_nnunet1_networks.py ../resources/architectures
    (PyTorch 2.7.1, NumPy 2; what nnU-Net imports beside them is not needed for a network and is replaced by nothing)

Values are drawn, and rounded so that files stay small.
"""

import importlib
import importlib.machinery
import importlib.util
import json
import pathlib
import pickle
import sys
import types
import unittest.mock

import numpy as np
import torch

OUT = pathlib.Path(sys.argv[1])
ABSENT = ("skimage", "SimpleITK", "nibabel", "pandas", "medpy", "tqdm", "sklearn", "matplotlib", "unittest2", "future", "tifffile", "hiddenlayer", "threadpoolctl")


class Nothing(types.ModuleType):
    """A package of which every name is a mock."""

    __path__ = ()
    __all__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return unittest.mock.MagicMock()


class Absent:
    """Finds nothing in the place of what is not installed."""

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return Nothing(spec.name)

    def exec_module(self, _module):
        pass


sys.meta_path.append(Absent())
ROOT = "nnunet.training.network_training"


def trainer(name):
    for place in (f"{ROOT}.{name}", f"{ROOT}.nnUNet_variants.architectural_variants.{name}"):
        if importlib.util.find_spec(place) is not None:
            return getattr(importlib.import_module(place), name)
    raise SystemExit(f"no trainer {name}")


def network(name, stage, dimensions):
    """What the trainer's own method makes of the plans."""
    given = types.SimpleNamespace(
        threeD=dimensions == 3,
        num_input_channels=2,
        base_num_features=2,
        num_classes=3,
        conv_per_stage=2,
        net_num_pool_op_kernel_sizes=stage["pool_op_kernel_sizes"],
        net_conv_kernel_sizes=stage["conv_kernel_sizes"],
    )
    trainer(name).initialize_network(given)
    given.network.do_ds = False
    return given.network


def randomised(built):
    torch.manual_seed(3)
    for tensor in list(built.parameters()) + list(built.buffers()):
        if tensor.is_floating_point():
            tensor.data = torch.randint(-8, 9, tensor.shape) / 16
    for name, buffer in built.named_buffers():
        if name.endswith("running_var"):
            buffer.data = buffer.data.abs() + 0.5
    return built.eval()


def hooked(built, probe):
    """Every module's result under its first name, and the network's own; all heads run."""
    seen = {}

    def record(name):
        def hook(_module, _inputs, result):
            if isinstance(result, torch.Tensor) and name not in seen:
                seen[name] = result.detach().clone().numpy()

        return hook

    for name, module in built.named_modules():
        if name:
            module.register_forward_hook(record(name))
    with torch.no_grad():
        seen["output"] = built(probe).numpy()
    return seen


def write(file, name, dimensions):
    first = [1] * (dimensions - 2) + [2, 2]
    stage = {
        "pool_op_kernel_sizes": [first, [2] * dimensions],
        "conv_kernel_sizes": [[1] * (dimensions - 2) + [3, 3], [3] * dimensions, [3] * dimensions],
    }
    plans = {"num_classes": 2, "num_modalities": 2, "base_num_features": 2, "conv_per_stage": 2, "plans_per_stage": {0: stage}}
    built = randomised(network(name, stage, dimensions))
    probe = torch.randint(-8, 9, (1, 2) + (2,) * (dimensions - 2) + (8, 8)) / 8
    seen = hooked(built, probe)
    torch.save({"epoch": 5, "state_dict": built.state_dict(), "optimizer_state_dict": None}, OUT / f"{file}.model")
    facts = {"init": ("plans.pkl", 0, "out", "in", True, 0, True, False, False), "name": name, "class": str(trainer(name)), "plans": plans}
    with open(OUT / f"{file}.model.pkl", "wb") as out:
        pickle.dump(facts, out, protocol=3)
    arrays, places = {"probe": probe.numpy()}, {}
    for layer, value in seen.items():
        same = [key for key, known in arrays.items() if known.shape == value.shape and np.array_equal(known, value)]
        places[layer] = same[0] if same else f"v{len(arrays)}"
        arrays.setdefault(places[layer], value)
    np.savez_compressed(OUT / f"{file}.npz", **arrays)
    (OUT / f"{file}.layers.json").write_text(json.dumps(places, indent=0) + "\n")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    write("nnunet1_plain_2d", "nnUNetTrainerV2", 2)
    write("nnunet1_activation_first", "nnUNetTrainerV2_ReLU_convReLUIN", 2)
    write("nnunet1_batch_norm_3d", "nnUNetTrainerV2_BN", 3)
    write("nnunet1_mish", "nnUNetTrainerV2_Mish", 2)


main()
