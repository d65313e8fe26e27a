"""A U-Net of widths 8, 16 and 32, and what the commands' benchmark shows it."""
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(x)))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc1 = Block(1, 8)
        self.enc2 = Block(8, 16)
        self.enc3 = Block(16, 32)
        self.pool1 = nn.MaxPool2d(2)
        self.pool2 = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.dec2 = Block(32, 16)
        self.up1 = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.dec1 = Block(16, 8)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        one = self.enc1(x)
        two = self.enc2(self.pool1(one))
        three = self.enc3(self.pool2(two))
        x = self.dec2(torch.cat([self.up2(three), two], 1))
        x = self.dec1(torch.cat([self.up1(x), one], 1))
        return self.out(x)


def make(folder):
    """Two networks, each as TorchScript and as a state dict, and eight probes of 128 x 128."""
    folder = Path(folder)
    for seed, name in enumerate("ab"):
        torch.manual_seed(seed)
        network = UNet()
        network.train()
        with torch.no_grad():
            for _ in range(10):  # statistics of the normalisation layers
                network(torch.randn(4, 1, 64, 64))
        network.eval()
        torch.save(network.state_dict(), folder / f"{name}.ckpt")
        torch.jit.save(torch.jit.script(network), str(folder / f"{name}.pt"))
    probes = np.random.default_rng(0).standard_normal((8, 1, 128, 128)).astype(np.float32)
    np.save(folder / "probes.npy", probes)


if __name__ == "__main__":
    make(sys.argv[1])
