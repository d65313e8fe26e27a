"""Inputs of a size for the benchmark of growth.

growing.py volumes|layers|rsa|kendall|track SIZE FOLDER
"""
import sys
from pathlib import Path

import numpy as np


def volumes(side, folder):
    import torch
    from torch import nn

    from networks import pair, probes

    def network():
        return nn.Sequential(nn.Conv3d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv3d(32, 32, 3, padding=1), nn.ReLU())

    pair(folder, network, (1, 1, 16, 16, 16))
    probes(folder, 2, 1, side, side, side)


def arrays(layers, samples, features, folder):
    """Layers of one network are a mixture each of the same features, and of their own."""
    generator = np.random.default_rng(0)
    shared = generator.standard_normal((samples, features))
    for name in "ab":
        of_all = {}
        for layer in range(layers):
            mixed = shared @ generator.standard_normal((features, features))
            of_all[f"layer{layer:03d}"] = (mixed + 4 * generator.standard_normal((samples, features))).astype(np.float32)
        np.savez(folder / f"{name}.npz", **of_all)


def track(checkpoints, folder):
    import torch

    from networks import UNet, probes, save, settled

    for run in range(checkpoints // 10):
        torch.manual_seed(run)
        network = settled(UNet(), (4, 1, 64, 64))
        place = folder / "runs" / f"seed{run}"
        place.mkdir(parents=True)
        for step in range(10):
            save(network, place / f"step_{100 * step:04d}")
            with torch.no_grad():
                for weight in network.parameters():
                    weight += 0.1 * weight.std(correction=0) * torch.randn(weight.shape)
    probes(folder, 8, 1, 64, 64)


def make(what, size, folder):
    if what == "volumes":
        volumes(size, folder)
    elif what == "layers":
        arrays(size, 1000, 64, folder)
    elif what == "track":
        track(size, folder)
    else:
        arrays(3, size, 64, folder)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
