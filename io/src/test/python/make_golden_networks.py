"""Writes io/src/test/resources/architectures/golden_networks.json: what layers of torchvision, segmentation_models_pytorch
and MONAI give with weights that a formula makes, so that no weights are kept. GoldenNetworksTest makes the same weights.

usage: python3 make_golden_networks.py        in io/src/test/resources/architectures; needs torchvision, segmentation_models_pytorch and MONAI

For each network: `architecture`; `tensors` and `norms`, the names and shapes of its state dict (of a batch normalisation the channels);
`layers`: [shape, mean, largest absolute value, values at 0, a third, the half and the end] by name.
"""

import json
import math
import zlib

import numpy as np
import monai.networks.nets
import segmentation_models_pytorch as smp
import torch
import torchvision

NORM = ("weight", "bias", "running_mean", "running_var")
MASK = np.uint64(0xFFFFFFFF)


def numbers(name, count):
    """Whole numbers from -1000 to 1000 by name and index."""
    x = (np.uint64(zlib.crc32(name.encode())) + np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) & MASK
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(0x85EBCA6B)) & MASK
    x ^= x >> np.uint64(13)
    return (x % np.uint64(2001)).astype(np.float64) - 1000.0


def values(name, shape):
    v = numbers(name, math.prod(shape)) / 1000.0
    if len(shape) > 1:
        v = v * math.sqrt(4.0 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        v = 1.0 + 0.3 * v
    elif name.endswith("weight"):
        v = 1.0 + 0.2 * v
    else:
        v = 0.1 * v
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def kept(value):
    flat = value.detach().double().flatten()
    size = flat.numel()
    some = [0, size // 3, size // 2, size - 1]
    return [list(value.shape), *(float(f"{float(x):.7g}") for x in [flat.mean(), flat.abs().max(), *flat[some]])]


def record(model, architecture, size):
    model.eval()
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    model.load_state_dict({k: values(k, v.shape) for k, v in state.items()}, strict=False)
    layers, calls = {}, {}

    def hook(name):
        def heard(module, given, result):
            calls[name] = calls.get(name, 0) + 1
            if torch.is_tensor(result):
                layers[name if calls[name] == 1 else f"{name}#{calls[name]}"] = kept(result)
        return heard

    for name, module in model.named_modules():
        if name:
            module.register_forward_hook(hook(name))
    probe = values("probe", (2, 3, size, size))
    with torch.no_grad():
        result = model(probe)
    result = result["out"] if isinstance(result, dict) else result
    result = result[0] if isinstance(result, tuple) else result
    layers["output"] = kept(result)
    norms = {k[: -len(".running_mean")]: list(v.shape)[0] for k, v in state.items() if k.endswith(".running_mean")}
    tensors = {k: list(v.shape) for k, v in state.items() if k.rpartition(".")[0] not in norms or k.rpartition(".")[2] not in NORM}
    return {"architecture": architecture, "size": size, "tensors": tensors, "norms": norms, "layers": layers}


def of_torchvision(name, make, size=32, architecture=None, **arguments):
    target = {"_target_": "torchvision.models." + name, **(arguments if architecture is None else architecture)}
    return record(make(weights=None, **arguments), target, size)


def of_smp(name, size=64, **arguments):
    target = {"_target_": "segmentation_models_pytorch." + name, "encoder_name": "resnet18", "encoder_weights": None, **arguments}
    return record(getattr(smp, name)(**{k: v for k, v in target.items() if k != "_target_"}), target, size)


def of_monai(name, size=32, **arguments):
    return record(getattr(monai.networks.nets, name)(**arguments), {"_target_": name, **arguments}, size)


def main():
    torch.manual_seed(0)
    models, segmentation = torchvision.models, torchvision.models.segmentation
    networks = {
        "resnet18": of_torchvision("resnet18", models.resnet18, num_classes=5),
        "resnext50": of_torchvision("resnext50_32x4d", models.resnext50_32x4d, num_classes=5),
        "fcn_resnet50": of_torchvision(
            "segmentation.fcn_resnet50", segmentation.fcn_resnet50, architecture={"num_classes": 4}, num_classes=4, weights_backbone=None, aux_loss=True),
        "deeplabv3_resnet50": of_torchvision(
            "segmentation.deeplabv3_resnet50", segmentation.deeplabv3_resnet50, architecture={"num_classes": 4}, num_classes=4, weights_backbone=None),
        "Unet": of_smp("Unet", classes=2, decoder_attention_type="scse", decoder_channels=[64, 32, 16, 16, 16]),
        "UnetPlusPlus": of_smp("UnetPlusPlus", decoder_channels=[32, 24, 16, 12, 8]),
        "FPN": of_smp("FPN", classes=3, decoder_pyramid_channels=64, decoder_segmentation_channels=32),
        "Linknet": of_smp("Linknet", encoder_depth=4),
        "PSPNet": of_smp("PSPNet", psp_out_channels=64),
        "DeepLabV3": of_smp("DeepLabV3", decoder_channels=32),
        "DeepLabV3Plus": of_smp("DeepLabV3Plus", decoder_channels=32),
        "BasicUNet": of_monai("BasicUNet", spatial_dims=2, in_channels=3, out_channels=2, features=[4, 4, 6, 8, 8, 4], norm="batch", bias=False),
        "MAnet": of_smp("MAnet", decoder_channels=[64, 32, 16, 8, 8], decoder_pab_channels=16),
    }
    with open("golden_networks.json", "w") as file:
        lines = [f"{json.dumps(name)}: {json.dumps(network, separators=(',', ':'))}" for name, network in networks.items()]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
