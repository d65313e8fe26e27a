"""Writes io/src/test/resources/architectures/monai_factories.json: a small UNet of MONAI with each normalisation and each
activation function of its factories, as make_golden_networks.py writes networks.

    python make_monai_factories.py ../resources/architectures        (written with MONAI 1.6.1)
"""

import json
import pathlib
import sys

import torch

from make_golden_networks import of_monai

ACTIVATIONS = [
    "elu", ["elu", {"alpha": 0.3}], "relu", "leakyrelu", ["leakyrelu", {"negative_slope": 0.3}], "prelu",
    ["prelu", {"num_parameters": 1, "init": 0.4}], "relu6", "selu", "celu", ["celu", {"alpha": 0.5}], "gelu", "sigmoid", "tanh",
    ["softmax", {"dim": 1}], ["logsoftmax", {"dim": 1}], "swish", ["swish", {"alpha": 2.0}], "memswish", "mish", "",
]
NORMALISATIONS = [
    "instance", ["instance", {"affine": True, "eps": 0.01}], "batch", ["batch", {"eps": 0.1, "momentum": 0.3}], "syncbatch",
    ["group", {"num_groups": 2}], ["group", {"num_groups": 1, "affine": False, "eps": 0.2}], ["layer", {"normalized_shape": [8, 8]}],
    ["layer", {"normalized_shape": [8], "elementwise_affine": False}], ["localresponse", {"size": 3}],
    ["localresponse", {"size": 2, "alpha": 0.5, "beta": 0.6, "k": 2.0}], "",
]


def unet(**arguments):
    return of_monai("UNet", size=8, spatial_dims=2, in_channels=3, out_channels=2, channels=[4, 6], strides=[1], **arguments)


def label(setting):
    return " ".join([setting, "default"] if isinstance(setting, str) else [setting[0], json.dumps(setting[1])])


def main():
    torch.manual_seed(0)
    networks = {"activation " + label(act): unet(act=act) for act in ACTIVATIONS}
    networks |= {"normalisation " + label(norm): unet(norm=norm) for norm in NORMALISATIONS}
    networks["order AN"] = unet(adn_ordering="AN", act="tanh")
    networks["residual"] = unet(num_res_units=2, norm="batch", act="celu")
    lines = [f"{json.dumps(name)}: {json.dumps(network, separators=(',', ':'))}" for name, network in networks.items()]
    pathlib.Path(sys.argv[1], "monai_factories.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
