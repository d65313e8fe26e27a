"""What a person would write with PyTorch and NumPy for the commands that the benchmark times.

by_hand.py compare A.ckpt B.ckpt PROBES.npy OUT.csv blocks|all
by_hand.py weights-compare A.ckpt B.ckpt OUT.csv
by_hand.py inspect A.ckpt
"""
import csv
import sys

import numpy as np
import torch

from unet import Block, UNet


def activations(checkpoint, probes, every):
    network = UNet()
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    network.eval()
    layers = {}

    def keep(name):
        def hook(_, __, output):
            layers[name] = output
        return hook

    for name, module in network.named_modules():
        if every or "." not in name:
            module.register_forward_hook(keep(name or "output"))
    with torch.inference_mode():
        network(probes)
    return layers


def centred(layer, grid):
    """Positions as samples on a grid no finer than the layer's, as a float32 matrix."""
    if layer.shape[2] != grid:
        layer = torch.nn.functional.adaptive_avg_pool2d(layer, grid)
    rows = layer.permute(0, 2, 3, 1).reshape(-1, layer.shape[1]).numpy()
    return rows - rows.mean(0, dtype=np.float64).astype(np.float32)


def side_by_side(layers, names, grid):
    """One wide matrix, and where each layer lies in it."""
    matrices = [centred(layers[name], grid) for name in names]
    ends = np.cumsum([matrix.shape[1] for matrix in matrices])
    return np.hstack(matrices), ends - [matrix.shape[1] for matrix in matrices]


def squares(product, rows, columns):
    return np.add.reduceat(np.add.reduceat(product.astype(np.float64) ** 2, rows, 0), columns, 1)


def compare(a, b, probes, out, which):
    probes = torch.from_numpy(np.load(probes))
    a = activations(a, probes, which == "all")
    b = activations(b, probes, which == "all")
    grids = sorted({layer.shape[2] for layer in (*a.values(), *b.values())})
    rows = []
    for grid in grids:
        of_a = [name for name in a if a[name].shape[2] >= grid]
        of_b = [name for name in b if b[name].shape[2] >= grid]
        x, starts_x = side_by_side(a, of_a, grid)
        y, starts_y = side_by_side(b, of_b, grid)
        self_x = np.diagonal(squares(x.T @ x, starts_x, starts_x))
        self_y = np.diagonal(squares(y.T @ y, starts_y, starts_y))
        cka = squares(x.T @ y, starts_x, starts_y) / np.sqrt(np.outer(self_x, self_y))
        for i, one in enumerate(of_a):
            for j, other in enumerate(of_b):
                if min(a[one].shape[2], b[other].shape[2]) == grid:
                    rows.append((one, other, cka[i, j]))
    write(out, rows)


def weights_compare(a, b, out):
    a = torch.load(a, weights_only=True)
    b = torch.load(b, weights_only=True)
    rows = []
    for name, weight in a.items():
        if weight.dim() == 4:
            x, y = weight.flatten(1).double(), b[name].flatten(1).double()
            cosines = torch.nn.functional.cosine_similarity(x, y)
            nearest = (torch.nn.functional.normalize(x) @ torch.nn.functional.normalize(y).T).amax(1)
            change = torch.linalg.norm(x - y) / torch.linalg.norm(x)
            rows.append((name, change.item(), cosines.mean().item(), nearest.mean().item()))
    write(out, rows)


def inspect(checkpoint):
    for name, tensor in torch.load(checkpoint, weights_only=True).items():
        print(name, tuple(tensor.shape), tensor.dtype)


def write(out, rows):
    with open(out, "w", newline="") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"compare": compare, "weights-compare": weights_compare, "inspect": inspect}[command](*arguments)
