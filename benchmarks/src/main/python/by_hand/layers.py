"""What every script by hand needs: hooks, matrices, layers side by side."""
import csv

import numpy as np
import torch


def load(network, checkpoint):
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    return network.eval()


def recorded(network, names=None):
    """A dictionary that each call of the network fills anew."""
    layers = {}

    def keep(name):
        def hook(_, __, output):
            layers[name] = output
        return hook

    for name, module in network.named_modules():
        if names is None or name in names:
            module.register_forward_hook(keep(name or "output"))
    return layers


def reduced(layer, grid):
    """To a grid no finer than the layer's."""
    if layer.shape[2] == grid:
        return layer
    pool = torch.nn.functional.adaptive_avg_pool2d if layer.dim() == 4 else torch.nn.functional.adaptive_avg_pool3d
    return pool(layer, grid)


def rows(layer, grid):
    """Positions as samples, as a float32 matrix."""
    return reduced(layer, grid).movedim(1, -1).reshape(-1, layer.shape[1]).numpy()


def centred(layer, grid):
    matrix = rows(layer, grid)
    return matrix - matrix.mean(0, dtype=np.float64).astype(np.float32)


def side_by_side(matrices):
    """One wide matrix, and where each layer begins in it."""
    widths = [matrix.shape[1] for matrix in matrices]
    return np.hstack(matrices), np.cumsum([0, *widths[:-1]])


def sums_of_blocks(values, starts_of_rows, starts_of_columns):
    return np.add.reduceat(np.add.reduceat(values, starts_of_rows, 0), starts_of_columns, 1)


def squares(product, starts_of_rows, starts_of_columns):
    return sums_of_blocks(product.astype(np.float64) ** 2, starts_of_rows, starts_of_columns)


def grids(*networks):
    return sorted({layer.shape[2] for layers in networks for layer in layers.values()})


def at_least(layers, grid):
    return [name for name in layers if layers[name].shape[2] >= grid]


def write(out, table):
    with open(out, "w", newline="") as file:
        csv.writer(file).writerows(table)
