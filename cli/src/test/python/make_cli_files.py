"""Makes the files that the tests of the command line read: two small networks, weights, probes.

Run from the folder of the repository with PyTorch and NumPy at hand:

    python3 cli/src/test/python/make_cli_files.py
"""

import pathlib

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path("cli/src/test/resources/org/palimpsest/cli")


class Net(nn.Module):
    """An encoder on 16x16, a bottom on 8x8, a decoder on 16x16."""

    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(2)
        self.bottom = nn.Conv2d(3, 4, 3, padding=1)
        self.up = nn.Upsample(scale_factor=2)
        self.out = nn.Conv2d(7, 1, 1)

    def forward(self, x):
        skip = self.enc(x)
        deep = self.up(self.bottom(self.pool(skip)))
        return self.out(torch.cat([skip, deep], dim=1))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(["a", "b"]):
        torch.manual_seed(seed)
        net = Net().eval()
        torch.jit.script(net).save(str(FOLDER / f"{name}.pt"))
    torch.save(net.state_dict(), FOLDER / "weights.pth")
    probes = np.random.default_rng(0).standard_normal((6, 1, 16, 16)).astype(np.float32)
    np.save(FOLDER / "probes.npy", probes)


if __name__ == "__main__":
    main()
