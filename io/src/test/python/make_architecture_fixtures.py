"""Makes checkpoints of networks whose code is not in the file, and the activations that PyTorch's own hooks see.

    python make_architecture_fixtures.py ../resources/architectures
    (PyTorch 2.15.0, MONAI 1.6.1, dynamic_network_architectures 0.4.4, nnunetv2 2.8.1)

Checkpoints are of the form that nnU-Net 2.8 writes; those of nnU-Net 1 are made by make_nnunet1_networks.py. Values
are drawn, and rounded so that files stay small.
"""

import copy
import json
import pathlib
import pydoc
import sys

import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet, ResidualUNet
from monai.networks import nets
from nnunetv2.utilities.plans_handling.plans_handler import ConfigurationManager
from torch import nn

OUT = pathlib.Path(sys.argv[1])


def randomised(network):
    torch.manual_seed(3)
    for tensor in list(network.parameters()) + list(network.buffers()):
        if tensor.is_floating_point():
            tensor.data = torch.randint(-8, 9, tensor.shape) / 16
    for name, buffer in network.named_buffers():
        if name.endswith("running_var"):
            buffer.data = buffer.data.abs() + 0.5
    return network.eval()


def hooked(network, probe):
    """Every module's result under its first name, and the network's own."""
    seen = {}

    def record(name):
        def hook(_module, _inputs, result):
            if isinstance(result, torch.Tensor):
                calls = sum(1 for key in seen if key.split("#")[0] == name)
                seen[name if calls == 0 else f"{name}#{calls + 1}"] = result.detach().clone().numpy()

        return hook

    for name, module in network.named_modules():
        if name:
            module.register_forward_hook(record(name))
    with torch.no_grad():
        seen["output"] = network(probe).numpy()
    return seen


def write(name, network, probe, state):
    seen = hooked(randomised(network), probe)
    torch.save(state(network), OUT / f"{name}.pth")
    arrays, places = {"probe": probe.numpy()}, {}
    for layer, value in seen.items():
        same = [key for key, known in arrays.items() if known.shape == value.shape and np.array_equal(known, value)]
        places[layer] = same[0] if same else f"v{len(arrays)}"
        arrays.setdefault(places[layer], value)
    np.savez_compressed(OUT / f"{name}.npz", **arrays)
    (OUT / f"{name}.layers.json").write_text(json.dumps(places, indent=0) + "\n")


def nnunet(name, kind, dimensions, labels, **changed):
    conv, norm = {2: (nn.Conv2d, nn.InstanceNorm2d), 3: (nn.Conv3d, nn.InstanceNorm3d)}[dimensions]
    plain = kind is PlainConvUNet
    arguments = dict(
        n_stages=3,
        features_per_stage=[2, 3, 4],
        conv_op=conv,
        kernel_sizes=[[1] + [3] * (dimensions - 1)] + [[3] * dimensions] * 2,
        strides=[[1] * dimensions, [1] + [2] * (dimensions - 1), [2] * dimensions],
        n_conv_per_stage_decoder=[1, 2],
        conv_bias=True,
        norm_op=norm,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        dropout_op=None,
        dropout_op_kwargs=None,
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
    )
    arguments["n_conv_per_stage" if plain else "n_blocks_per_stage"] = [1, 2, 1]
    arguments.update(changed)
    outputs = len(labels) - ("ignore" in labels)
    network = kind(input_channels=2, num_classes=outputs, deep_supervision=False, **arguments)
    classes = [key for key in arguments if isinstance(arguments[key], type)]
    written = {key: f"{value.__module__}.{value.__name__}" if key in classes else value for key, value in arguments.items()}
    plans = {
        "configurations": {
            "base": {
                "architecture": {
                    "network_class_name": f"dynamic_network_architectures.architectures.unet.{kind.__name__}",
                    "arch_kwargs": written,
                    "_kw_requires_import": classes,
                }
            },
            "own": {"inherits_from": "base"},
        }
    }
    dataset = {"channel_names": {"0": "T1", "1": "T2"}, "labels": labels}

    def state(built):
        return {
            "network_weights": built.state_dict(),
            "init_args": {"plans": plans, "configuration": "own", "fold": 0, "dataset_json": dataset},
            "trainer_name": "nnUNetTrainer",
            "current_epoch": 5,
        }

    probe = torch.randint(-8, 9, (1, 2) + (4,) * (dimensions - 2) + (8, 8)) / 8
    write(name, network, probe, state)


def nnunet_before_2_4(name, kind, dimensions, most):
    """As plans were written before nnU-Net 2.4, which later versions turn into their own form."""
    first, then = [1] + [3] * (dimensions - 1), [3] * dimensions
    configuration = {
        "UNet_class_name": kind,
        "UNet_base_num_features": 2,
        "unet_max_num_features": most,
        "n_conv_per_stage_encoder": [1, 2, 1],
        "n_conv_per_stage_decoder": [1, 2],
        "num_pool_per_axis": [2] * dimensions,
        "pool_op_kernel_sizes": [[1] * dimensions, [1] + [2] * (dimensions - 1), [2] * dimensions],
        "conv_kernel_sizes": [first, then, then],
        "patch_size": [8] * dimensions,
        "batch_size": 2,
        "normalization_schemes": ["ZScoreNormalization"] * 2,
    }
    plans = {"dataset_name": "Dataset001_Own", "configurations": {"own": configuration}}
    made = ConfigurationManager(copy.deepcopy(configuration))
    arguments = dict(made.network_arch_init_kwargs)
    for key in made.network_arch_init_kwargs_req_import:
        arguments[key] = arguments[key] and pydoc.locate(arguments[key])
    built_by = {"PlainConvUNet": PlainConvUNet, "ResidualEncoderUNet": ResidualEncoderUNet}[kind]  # its module has moved
    network = built_by(input_channels=2, num_classes=3, deep_supervision=False, **arguments)
    dataset = {"channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "a": 1, "b": 2}}

    def state(built):
        return {
            "network_weights": built.state_dict(),
            "init_args": {"plans": plans, "configuration": "own", "fold": 0, "dataset_json": dataset},
            "trainer_name": "nnUNetTrainer",
            "current_epoch": 5,
        }

    write(name, network, torch.randint(-8, 9, (1, 2) + (4,) * (dimensions - 2) + (8, 8)) / 8, state)


def monai(name, kind, size=(8, 12), **arguments):
    network = getattr(nets, kind)(**arguments)
    (OUT / f"{name}.json").write_text(json.dumps({"_target_": kind, **arguments}) + "\n")
    probe = torch.randint(-8, 9, (1, arguments.get("in_channels", 1)) + size) / 8
    write(name, network, probe, lambda built: built.state_dict())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    nnunet("nnunet_plain_2d", PlainConvUNet, 2, {"background": 0, "a": 1, "b": 2})
    nnunet("nnunet_residual_3d", ResidualEncoderUNet, 3, {"background": 0, "a": 1, "ignore": 2})
    nnunet("nnunet_nonlin_first", PlainConvUNet, 2, {"background": 0, "a": 1}, nonlin_first=True, dropout_op=nn.Dropout2d,
           dropout_op_kwargs={"p": 0.2})
    nnunet("nnunet_both_residual", ResidualUNet, 2, {"background": 0, "a": 1}, stem_channels=3)
    monai("monai_unet", "UNet", spatial_dims=2, in_channels=1, out_channels=2, channels=[2, 3, 4], strides=[2, 2],
          num_res_units=1, norm="batch", dropout=0.1)
    monai("monai_basicunet", "BasicUNet", (18, 34), spatial_dims=2, features=[2, 2, 3, 3, 4, 2], act="elu")
    monai("monai_untracked", "BasicUNet", (32, 32), spatial_dims=2, features=[2, 2, 4, 4, 4, 2], upsample="deconvgroup",
          norm=["batch", {"track_running_stats": False}])
    monai("monai_dynunet", "DynUNet", (8, 8, 8), spatial_dims=3, in_channels=1, out_channels=2, kernel_size=[3, 3, 3],
          strides=[1, 2, 2], upsample_kernel_size=[2, 2], filters=[2, 3, 4], deep_supervision=True, res_block=True)
    monai("monai_segresnet", "SegResNet", spatial_dims=2, init_filters=2, norm=["GROUP", {"num_groups": 2}],
          blocks_down=[1, 1], blocks_up=[1], upsample_mode="pixelshuffle")
    monai("monai_attention", "AttentionUnet", spatial_dims=2, in_channels=1, out_channels=2, channels=[2, 4], strides=[2])
    nnunet_before_2_4("nnunet_plain_before_2_4", "PlainConvUNet", 2, 6)
    nnunet_before_2_4("nnunet_residual_before_2_4", "ResidualEncoderUNet", 3, 320)


main()
