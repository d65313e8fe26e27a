"""The networks that the commands' benchmark times, and what it shows them.

networks.py unet|volumes|resnet|runs FOLDER
"""
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dims, inputs, outputs):
        super().__init__()
        conv, norm = (nn.Conv2d, nn.BatchNorm2d) if dims == 2 else (nn.Conv3d, nn.BatchNorm3d)
        self.conv1 = conv(inputs, outputs, 3, padding=1)
        self.bn1 = norm(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = conv(outputs, outputs, 3, padding=1)
        self.bn2 = norm(outputs)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(x)))


class UNet(nn.Module):
    """Of widths 8, 16 and 32."""

    def __init__(self, dims=2):
        super().__init__()
        pool = nn.MaxPool2d if dims == 2 else nn.MaxPool3d
        up = nn.ConvTranspose2d if dims == 2 else nn.ConvTranspose3d
        conv = nn.Conv2d if dims == 2 else nn.Conv3d
        self.enc1 = Block(dims, 1, 8)
        self.enc2 = Block(dims, 8, 16)
        self.enc3 = Block(dims, 16, 32)
        self.pool1 = pool(2)
        self.pool2 = pool(2)
        self.up2 = up(32, 16, 2, stride=2)
        self.dec2 = Block(dims, 32, 16)
        self.up1 = up(16, 8, 2, stride=2)
        self.dec1 = Block(dims, 16, 8)
        self.out = conv(8, 1, 1)

    def forward(self, x):
        one = self.enc1(x)
        two = self.enc2(self.pool1(one))
        three = self.enc3(self.pool2(two))
        x = self.dec2(torch.cat([self.up2(three), two], 1))
        x = self.dec1(torch.cat([self.up1(x), one], 1))
        return self.out(x)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.downsample = nn.Identity()
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + self.downsample(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512, 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


RESNET_LAYERS = [
    "conv1",
    *(f"layer{stage}.{block}.conv{conv}"
      for stage in (1, 2, 3, 4) for block in (0, 1) for conv in (1, 2)),
    "fc",
]

BLOCKS = ["enc1", "enc2", "enc3", "up2", "dec2", "up1", "dec1", "out"]


def settled(network, shape):
    """With statistics of the normalisation layers that fit the network."""
    network.train()
    with torch.no_grad():
        for _ in range(10):
            network(torch.randn(*shape))
    return network.eval()


def save(network, path):
    torch.save(network.state_dict(), f"{path}.ckpt")
    torch.jit.save(torch.jit.script(network), f"{path}.pt")


def pair(folder, network, shape):
    for seed, name in enumerate("ab"):
        torch.manual_seed(seed)
        save(settled(network(), shape), folder / name)


def probes(folder, *shape):
    every = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    np.save(folder / "probes.npy", every)
    np.save(folder / "one.npy", every[:1])


def runs(folder):
    """A source and three runs each from it and from chance, whose weights drift away from their start."""
    torch.manual_seed(0)
    source = settled(UNet(), (4, 1, 64, 64))
    drift(folder / "source", source, 0)
    for seed in range(3):
        torch.manual_seed(1 + seed)
        drift(folder / f"random/seed{seed}", settled(UNet(), (4, 1, 64, 64)), seed)
        transferred = UNet()
        transferred.load_state_dict(source.state_dict())
        drift(folder / f"transfer/seed{seed}", transferred.eval(), 10 + seed)


def drift(folder, network, seed):
    folder.mkdir(parents=True)
    generator = torch.Generator().manual_seed(seed)
    for step in (0, 25, 50, 100, 200, 400, 800):
        save(network, folder / f"step_{step:04d}")
        with torch.no_grad():
            for weight in network.parameters():
                weight += 0.1 * weight.std(correction=0) * torch.randn(weight.shape, generator=generator)


def make(what, folder):
    if what == "unet":
        pair(folder, UNet, (4, 1, 64, 64))
        probes(folder, 8, 1, 128, 128)
    elif what == "volumes":
        pair(folder, lambda: UNet(3), (2, 1, 32, 32, 32))
        probes(folder, 8, 1, 64, 64, 64)
    elif what == "resnet":
        pair(folder, ResNet18, (16, 3, 32, 32))
        probes(folder, 1000, 3, 32, 32)
    else:
        runs(folder)
        probes(folder, 8, 1, 64, 64)


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
