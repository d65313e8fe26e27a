"""Writes ../resources/weights/effective.txt: weights in parts as PyTorch stores them, and as it computes with them.

Of each case a line "case", one "stored" for each tensor of the state dict, and one "weight": name, shape and values.

    python3 -m venv v && v/bin/pip install torch numpy && v/bin/python make_effective_weights.py
"""

import pathlib
import warnings

import torch
from torch import nn
from torch.nn.utils import prune

OUT = pathlib.Path(__file__).parent.parent / "resources" / "weights" / "effective.txt"
warnings.simplefilter("ignore")


def layers():
    yield "linear", lambda: nn.Linear(5, 3)
    yield "square", lambda: nn.Linear(4, 4)
    yield "conv2d", lambda: nn.Conv2d(2, 3, 2)
    yield "one filter", lambda: nn.Conv2d(2, 1, 2)
    yield "transposed", lambda: nn.ConvTranspose2d(4, 2, 2)


def parts():
    new, old = torch.nn.utils.parametrizations, torch.nn.utils
    yield "weight_norm", lambda m: new.weight_norm(m)
    yield "weight_norm, old", lambda m: old.weight_norm(m)
    yield "weight_norm of axis 1", lambda m: new.weight_norm(m, dim=1)
    yield "weight_norm of axis 1, old", lambda m: old.weight_norm(m, dim=1)
    yield "weight_norm of the whole, old", lambda m: old.weight_norm(m, dim=None)
    yield "spectral_norm", lambda m: new.spectral_norm(m)
    yield "spectral_norm, old", lambda m: old.spectral_norm(m)
    yield "pruned", lambda m: prune.random_unstructured(m, "weight", 0.4)
    yield "pruned weight_norm, old", lambda m: prune.random_unstructured(old.weight_norm(m), "weight_v", 0.4)


def example(module):
    return {
        nn.Linear: lambda: torch.randn(6, module.in_features),
        nn.Conv2d: lambda: torch.randn(2, module.in_channels, 7, 7),
        nn.ConvTranspose2d: lambda: torch.randn(2, 4, 5, 5),
    }[next(t for t in type(module).__mro__ if t.__module__.startswith("torch.nn.modules.") and t.__name__[0] in "LC")]()


def tensor(what, name, values):
    shape = "x".join(map(str, values.shape))
    return f"{what}|{name}|{shape}|" + " ".join(f"{v:.9g}" for v in values.flatten().tolist())


def main():
    torch.manual_seed(20261130)
    lines = []
    for layer, make in layers():
        for part, divide in parts():
            module = make()
            divide(module)
            for _ in range(30):  # power iterations of spectral normalisation
                module(example(module))
            with torch.no_grad():  # training moves a length and a weight on, as it would
                for name, parameter in module.named_parameters():
                    if name.endswith(("_g", "original0")):
                        parameter.mul_(torch.rand_like(parameter) + 0.5)
            module.eval()
            module(example(module))
            lines.append(f"case|{layer}|{part}")
            lines += [tensor("stored", f"net.{k}", v) for k, v in module.state_dict().items()]
            lines.append(tensor("weight", "net.weight", module.weight.detach()))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n")



if __name__ == "__main__":
    main()
