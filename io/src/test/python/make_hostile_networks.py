"""Writes the TorchScript networks that do more than compute, into the folder given.

    python make_hostile_networks.py ../resources/org/palimpsest/io/internal/isolation

Made with PyTorch 2.15.0; any later one will do. Each has one convolution, so that there is a layer.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor, nn


class Endless(nn.Module):
    """Never comes back."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        i = 0
        while i >= 0:
            i = i + 1
        return y


class Greedy(nn.Module):
    """Keeps more and more."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        kept = [y]
        while len(kept) > 0:
            kept.append(torch.ones([1000000]) * y.mean())
        return y


class Writing(nn.Module):
    """Writes two files into the working folder, on the two roads that libtorch offers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        torch.save(y, "saved-by-a-network.bin")
        mapped = torch.from_file("mapped-by-a-network.bin", True, 16, dtype=torch.float32)
        mapped.fill_(1.0)
        return y + mapped.mean()


folder = Path(sys.argv[1])
torch.manual_seed(1)
for network in Endless(), Greedy(), Writing():
    name = type(network).__name__.lower()
    torch.jit.script(network.eval()).save(str(folder / f"{name}.pt"))
