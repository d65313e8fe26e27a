"""Makes described_networks.json.gz: descriptions of networks, the defaults of their constructors, and the shapes of their tensors.

    python make_described_networks.py ../resources/architectures
    (PyTorch 2.15.0, torchvision 0.29.2, MONAI 1.6.1, segmentation_models_pytorch 0.6.0, dynamic_network_architectures 0.4.4)
"""

import gzip
import inspect
import json
import pathlib
import sys

import segmentation_models_pytorch as smp
import torch
import torchvision
from dynamic_network_architectures.architectures import unet
from monai.networks import nets

FOUND = []


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str, dict)) else str(value)


def add(target, build, arguments):
    with torch.device("meta"):
        network = build(**arguments)
    defaults = {
        name: plain(parameter.default)
        for name, parameter in inspect.signature(build).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    tensors = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    description = {"_target_": target, **arguments}
    FOUND.append({"description": description, "defaults": defaults, "tensors": tensors})


def monai():
    def of(name, **arguments):
        add("monai.networks.nets." + name, getattr(nets, name), arguments)

    of("UNet", spatial_dims=2, in_channels=1, out_channels=2, channels=[2, 3, 4], strides=[2, 2], num_res_units=1,
       norm=["batch", {"eps": 0.01}], act=["elu", {"alpha": 0.5}], dropout=0.1)
    of("UNet", spatial_dims=3, in_channels=2, out_channels=3, channels=[4, 8, 8, 12], strides=[2, 1, 2], kernel_size=3,
       up_kernel_size=3, norm=["instance", {"affine": True}], adn_ordering="NA", bias=False)
    of("BasicUNet", spatial_dims=2, features=[2, 2, 3, 3, 4, 2], act=["leakyrelu", {"negative_slope": 0.2}], upsample="nontrainable")
    of("DynUNet", spatial_dims=3, in_channels=1, out_channels=2, kernel_size=[3, 3, [3, 3, 1]], strides=[1, 2, [2, 2, 1]],
       upsample_kernel_size=[2, [2, 2, 1]], filters=[2, 3, 4], deep_supervision=True, deep_supr_num=1, res_block=True, trans_bias=True)
    of("SegResNet", spatial_dims=2, init_filters=4, in_channels=1, out_channels=2, norm=["GROUP", {"num_groups": 2}],
       blocks_down=[1, 2, 1], blocks_up=[1, 1], upsample_mode="deconv", use_conv_final=True)
    of("AttentionUnet", spatial_dims=2, in_channels=1, out_channels=2, channels=[2, 4, 8], strides=[2, 2], kernel_size=3, up_kernel_size=3)


def vision():
    models = torchvision.models

    def of(package, name, **arguments):
        build = getattr(package, name)
        add(package.__name__ + "." + name, build, arguments)

    of(models, "resnet18", num_classes=3)
    of(models, "resnext50_32x4d", num_classes=4, progress=True)
    of(models, "vgg11_bn", num_classes=2)
    of(models.segmentation, "fcn_resnet50", num_classes=2, aux_loss=True, weights_backbone=None)
    of(models.segmentation, "deeplabv3_resnet50", num_classes=3, weights_backbone=None)


def pytorch_segmentation():
    common = dict(encoder_name="resnet18", encoder_weights=None, in_channels=1, classes=2)

    def of(name, **arguments):
        add("segmentation_models_pytorch." + name, getattr(smp, name), {**common, **arguments})

    of("Unet", encoder_depth=3, decoder_channels=[32, 16, 16], decoder_attention_type="scse", activation="sigmoid")
    of("UnetPlusPlus", encoder_depth=3, decoder_channels=[16, 8, 8], decoder_use_norm={"type": "instancenorm", "affine": True})
    of("FPN", decoder_pyramid_channels=32, decoder_segmentation_channels=32, decoder_merge_policy="cat", upsampling=2)
    of("Linknet", encoder_depth=4, decoder_use_norm="batchnorm", aux_params={"classes": 2, "pooling": "max", "dropout": 0.2})
    of("PSPNet", encoder_depth=3, psp_out_channels=16, psp_dropout=0.3)
    of("DeepLabV3Plus", encoder_output_stride=16, decoder_channels=16, decoder_atrous_rates=[6, 12, 18])
    of("DeepLabV3", encoder_output_stride=8, decoder_channels=16, decoder_aspp_separable=True, decoder_aspp_dropout=0.1)
    of("MAnet", encoder_depth=3, decoder_channels=[16, 8, 8], decoder_pab_channels=8, decoder_interpolation="bilinear")


def nnunet(kind, dimensions, **changed):
    """As nnU-Net writes its plans since 2.3."""
    conv, norm = {2: ("Conv2d", "InstanceNorm2d"), 3: ("Conv3d", "InstanceNorm3d")}[dimensions]
    arguments = {
        "n_stages": 3,
        "features_per_stage": [2, 4, 6],
        "conv_op": "torch.nn.modules.conv." + conv,
        "kernel_sizes": [[1] + [3] * (dimensions - 1)] + [[3] * dimensions] * 2,
        "strides": [[1] * dimensions, [1] + [2] * (dimensions - 1), [2] * dimensions],
        "n_blocks_per_stage" if kind != "PlainConvUNet" else "n_conv_per_stage": [1, 2, 1],
        "n_conv_per_stage_decoder": [1, 2],
        "conv_bias": True,
        "norm_op": "torch.nn.modules.instancenorm." + norm,
        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
        "dropout_op": None,
        "dropout_op_kwargs": None,
        "nonlin": "torch.nn.LeakyReLU",
        "nonlin_kwargs": {"inplace": True},
        **changed,
    }
    built = {
        name: getattr(torch.nn, value.split(".")[-1]) if name in ("conv_op", "norm_op", "dropout_op", "nonlin") and value else value
        for name, value in arguments.items()
    }
    if "block" in built:
        built["block"] = getattr(unet, built["block"].split(".")[-1])
    network = getattr(unet, kind)(input_channels=2, num_classes=3, deep_supervision=True, **built)
    return arguments, {name: list(tensor.shape) for name, tensor in network.state_dict().items()}


def nnunets():
    dataset = {"channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "a": 1, "b": 2}}
    for kind, dimensions, changed in [
        ("PlainConvUNet", 2, {}),
        ("PlainConvUNet", 3, {"nonlin_first": True, "nonlin_kwargs": {"negative_slope": 0.2}}),
        ("ResidualEncoderUNet", 2, {"stem_channels": 3, "dropout_op": "torch.nn.Dropout2d", "dropout_op_kwargs": {"p": 0.2}}),
        ("ResidualEncoderUNet", 2, {"block": "dynamic_network_architectures.building_blocks.residual.BottleneckD", "bottleneck_channels": [2, 2, 3]}),
        ("ResidualUNet", 2, {"norm_op": "torch.nn.BatchNorm2d", "norm_op_kwargs": {"eps": 1e-3}}),
    ]:
        arguments, tensors = nnunet(kind, dimensions, **changed)
        FOUND.append({"kind": kind, "dataset": dataset, "description": arguments, "tensors": tensors})
    arguments, tensors = nnunet("PlainConvUNet", 2)
    old = {
        "UNet_class_name": "PlainConvUNet",
        "UNet_base_num_features": 2,
        "unet_max_num_features": 6,
        "n_conv_per_stage_encoder": arguments["n_conv_per_stage"],
        "n_conv_per_stage_decoder": arguments["n_conv_per_stage_decoder"],
        "conv_kernel_sizes": arguments["kernel_sizes"],
        "pool_op_kernel_sizes": arguments["strides"],
        "patch_size": [16, 16],
    }
    FOUND.append({"kind": "old", "dataset": dataset, "description": old, "tensors": tensors})


def version1():
    """Generic_UNet of nnU-Net 1, whose release needs another Python: from what its constructor does."""
    pools, kernels, tensors = [[2, 2], [2, 2]], [[3, 3], [3, 3], [1, 3]], {}

    def block(name, inputs, outputs, kernel):
        tensors[name + ".conv.weight"] = [outputs, inputs, *kernel]
        for tensor in ("conv.bias", "instnorm.weight", "instnorm.bias"):
            tensors[f"{name}.{tensor}"] = [outputs]

    features = [4, 8, 16]
    for step, stage in enumerate((1, 0)):
        width, kernel = features[stage], kernels[stage + 1]
        block(f"conv_blocks_localization.{step}.0.blocks.0", 2 * width, width, kernel)
        block(f"conv_blocks_localization.{step}.1.blocks.0", width, width, kernel)
        tensors[f"tu.{step}.weight"] = [features[stage + 1], width, *pools[stage]]
        tensors[f"seg_outputs.{step}.weight"] = [3, width, 1, 1]
    for stage, inputs in enumerate((2, 4)):
        block(f"conv_blocks_context.{stage}.blocks.0", inputs, features[stage], kernels[stage])
        block(f"conv_blocks_context.{stage}.blocks.1", features[stage], features[stage], kernels[stage])
    block("conv_blocks_context.2.0.blocks.0", 8, 16, kernels[2])
    block("conv_blocks_context.2.1.blocks.0", 16, 16, kernels[2])
    stage = {"pool_op_kernel_sizes": pools, "conv_kernel_sizes": kernels}
    plans = {"num_modalities": 2, "num_classes": 2, "base_num_features": 4, "conv_per_stage": 2, "plans_per_stage": {"0": stage}}
    FOUND.append({"kind": "v1", "description": plans, "tensors": tensors})


monai()
vision()
nnunets()
version1()
pytorch_segmentation()
target = pathlib.Path(sys.argv[1]) / "described_networks.json.gz"
target.write_bytes(gzip.compress(json.dumps(FOUND, separators=(",", ":")).encode(), mtime=0))
