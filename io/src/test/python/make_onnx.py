"""Makes io/src/test/resources/onnx: a small U-Net that torch.onnx exported, and its activations.

Run with PyTorch 1.13 (the exporter of Debian):  python3 make_onnx.py OUT

unet.onnx      any number of probes at once
fixed.onnx     the same, two at once
half.onnx      a network with a value of float16 inside
expected.h5    the input, every module's answer (forward hooks, named by module), every parameter
"""

import os
import sys

import h5py
import numpy as np
import torch
from torch import nn

out = sys.argv[1]
torch.manual_seed(5)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.InstanceNorm2d(4, affine=True), nn.ReLU())
        self.pool = nn.MaxPool2d(2)
        self.deep = nn.Conv2d(4, 6, 3, padding=1)
        self.act = nn.Tanh()
        self.drop = nn.Dropout(0.5)
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.head = nn.Conv2d(8, 2, 1)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        skip = self.enc(x)
        deep = self.drop(self.act(self.deep(self.pool(skip))))
        joined = torch.cat([self.up(deep), skip], 1)
        tokens = joined.view(joined.shape[0], joined.shape[1], -1).transpose(1, 2)
        return self.head(joined), self.fc(tokens)


net = UNet().eval()
x = torch.randn(4, 1, 8, 8)
names = dict(input_names=["image"], output_names=["map", "classes"], opset_version=13)
dynamic = {"image": {0: "n"}, "map": {0: "n"}, "classes": {0: "n"}}
torch.onnx.export(net, x, os.path.join(out, "unet.onnx"), dynamic_axes=dynamic, **names)
torch.onnx.export(net, x[:2], os.path.join(out, "fixed.onnx"), **names)


class Half(nn.Module):
    def forward(self, x):
        return x.to(torch.float16).to(torch.float32) * 3


torch.onnx.export(Half(), torch.zeros(1, 3), os.path.join(out, "half.onnx"),
                  input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}}, opset_version=13)

answers = {}
for name, module in net.named_modules():
    if not list(module.children()):
        module.register_forward_hook(lambda m, i, o, n=name: answers.__setitem__(n, o.detach().clone()))
with torch.no_grad():
    net(x)
with h5py.File(os.path.join(out, "expected.h5"), "w") as file:
    file["input"] = x.numpy()
    for name, answer in answers.items():
        file["modules/" + name] = answer.numpy()
    for name, parameter in net.named_parameters():
        file["parameters/" + name] = parameter.detach().numpy()
