"""Tiny networks, one for each thing that TorchScript archives hold in the wild."""

from dataclasses import dataclass, field
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class Case:
    name: str
    network: Callable
    shape: Tuple[int, ...] = (3, 1, 8, 8)
    traced: bool = False
    training: bool = False
    seed: int = 7
    rename: Dict[str, str] = field(default_factory=dict)
    output: str = "output"
    expected: Optional[Dict[str, str]] = None
    input_type: torch.dtype = torch.float32
    whole_numbers: int = 0
    finish: Callable = staticmethod(lambda archive: archive)

    def probes(self):
        if self.whole_numbers:
            return torch.randint(0, self.whole_numbers, self.shape)
        return torch.randn(self.shape).to(self.input_type)


def unsettle(model):
    """Gives batch normalisation statistics that matter."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)


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
    """The pool is one module called twice."""

    def __init__(self, width=2):
        super().__init__()
        self.enc1 = Block(1, width)
        self.enc2 = Block(width, 2 * width)
        self.enc3 = Block(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.dec2 = Block(4 * width, 2 * width)
        self.up1 = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.dec1 = Block(2 * width, width)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        e1 = self.enc1(x)
        e2 = self.enc2(self.pool(e1))
        e3 = self.enc3(self.pool(e2))
        d2 = self.dec2(torch.cat([self.up2(e3), e2], 1))
        d1 = self.dec1(torch.cat([self.up1(d2), e1], 1))
        return self.out(d1)


class SmallUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = Block(1, 2)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(2, 2, 2, stride=2)
        self.out = nn.Conv2d(4, 1, 1)

    def forward(self, x):
        e = self.enc(x)
        return self.out(torch.cat([self.up(self.pool(e)), e], 1))


CASES: List[Case] = [
    Case("unet_scripted", UNet),
    Case("unet_traced", SmallUNet, traced=True),
]
