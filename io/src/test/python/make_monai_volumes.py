"""Small volumes and what MONAI's transforms make of them, for VolumePreparationTest.

Needs monai (1.6), nibabel. Usage: make_monai_volumes.py FOLDER [SCALE]
Each case is a folder: transforms.json, images, perhaps a mask, and what MONAI gave (expected.npy, mask.npy).
SCALE multiplies extents; the volumes in the repository were made with 1.
"""
import json
import os
import sys

import nibabel
import numpy as np
from monai.bundle import ConfigParser
from monai.transforms import Compose
from nibabel.nifti1 import Nifti1Image

ROOT, SCALE = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
RNG = np.random.default_rng(11)


def rotation(angle, axis):
    c, s = np.cos(angle), np.sin(angle)
    r = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    r[i, i], r[j, j], r[i, j], r[j, i] = c, c, -s, s
    return r


def axes(codes):
    """columns that go to the named directions"""
    r = np.zeros((3, 3))
    for i, c in enumerate(codes):
        r["LPIRAS".index(c) % 3, i] = 1 if c in "RAS" else -1
    return r


def volume(shape, dtype=np.int16, border=0):
    shape = tuple(SCALE * n for n in shape)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    a = RNG.normal(-20, 30, shape)
    for _ in range(4):
        c, r = RNG.uniform(-0.6, 0.6, 3), RNG.uniform(0.3, 0.6)
        a += RNG.uniform(50, 300) * (np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r)
    if border:
        keep = np.zeros(shape, bool)
        keep[tuple(slice(border, -border) for _ in shape)] = True
        a[~keep] = 0
    return np.round(a).astype(dtype) if np.issubdtype(dtype, np.integer) else a.astype(dtype)


def labels(shape):
    shape = tuple(SCALE * n for n in shape)
    a = np.zeros(shape, np.uint8)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    for label in (1, 2, 3):
        c, r = RNG.uniform(-0.5, 0.5, 3), RNG.uniform(0.3, 0.5)
        a[np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r] = label
    return a


def write(path, array, affine, mend):
    image = Nifti1Image(array, affine)
    if mend:
        mend(image)
    nibabel.save(image, path)


def case(name, images, spacing, turn, transforms, mask=None, mend=None, plain=False):
    """mend: what is done to the header of each image; plain: transforms of arrays, of one file"""
    folder = os.path.join(ROOT, name)
    os.makedirs(folder, exist_ok=True)
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag(spacing)
    affine[:3, 3] = [-11, 4, 9]
    files = []
    for i, a in enumerate(images):
        files.append(os.path.join(folder, "case_%04d.nii.gz" % i))
        write(files[-1], a, affine, mend)
    keys = ["image"] + (["label"] if mask is not None else [])
    data = {"image": files if len(files) > 1 else files[0]}
    if mask is not None:
        data["label"] = os.path.join(folder, "case.nii.gz")
        write(data["label"], mask, affine, mend)
    listed = [{"_target_": "LoadImaged", "keys": keys}, {"_target_": "EnsureChannelFirstd", "keys": keys}]
    for t in transforms:
        t = dict(t)
        geometric = t["_target_"] in ("Orientationd", "Spacingd", "CropForegroundd")
        t["keys"] = keys if geometric else "image"
        if t["_target_"] == "Spacingd" and mask is not None:
            t["mode"] = [t.get("mode", "bilinear"), "nearest"]
        if t["_target_"] == "CropForegroundd":
            t["source_key"] = "image"
        listed.append(t)
    if plain:
        for t in listed:
            t["_target_"] = t["_target_"][:-1]
            t.pop("keys"), t.pop("source_key", None)
    json.dump(listed, open(folder + "/transforms.json", "w"), indent=1)
    parser = ConfigParser({"t": listed})
    out = Compose(parser.get_parsed_content("t"))(data["image"] if plain else data)
    out = {"image": out} if plain else out
    np.save(folder + "/expected.npy", np.asarray(out["image"], np.float32))
    if mask is not None:
        np.save(folder + "/mask.npy", np.asarray(out["label"], np.float32)[0])
    print(name, out["image"].shape, out["image"].dtype, float(out["image"].min()), float(out["image"].max()))


O = lambda codes, **k: dict(_target_="Orientationd", axcodes=codes, **k)
S = lambda *p, **k: dict(_target_="Spacingd", pixdim=list(p), **k)
T = lambda name, **k: dict(_target_=name, **k)

case("range", [volume((9, 10, 8))], (0.8, 1.1, 2.7), axes("LPS"), [O("RAS"), S(1.5, 1.5, 2.0), T("ScaleIntensityRanged", a_min=-57, a_max=164, b_min=0.0, b_max=1.0, clip=True)], labels((9, 10, 8)))
case("turned", [volume((7, 9, 10), np.float32)], (1.3, 0.9, 1.0), rotation(0.2, 1) @ axes("PIR"), [O("LPS"), S(1.0, 1.0, 1.0, padding_mode="zeros"), T("NormalizeIntensityd", nonzero=True)], labels((7, 9, 10)))
case("channels", [volume((8, 9, 7), border=2), volume((8, 9, 7), np.float32, border=2)], (1, 1.2, 3), axes("RAS"), [T("CropForegroundd", margin=1, allow_smaller=True), T("NormalizeIntensityd", nonzero=True, channel_wise=True), S(0.7, 1.7)])
case("four", [np.stack([volume((8, 7, 6)), volume((8, 7, 6))], -1)], (2, 1, 1), axes("ASL"), [O("RAS"), T("ScaleIntensityd", minv=-1.0, maxv=1.0, channel_wise=True), S(1.6, 2.2, 1.4)])
case("percentiles", [volume((9, 8, 7))], (1, 1, 1), axes("RPI"), [T("ScaleIntensityRangePercentilesd", lower=3, upper=97.5, b_min=0, b_max=1, clip=True, relative=True), O("RAS")])
case("percentiles_plain", [volume((9, 8, 7)), volume((9, 8, 7))], (1, 1, 1), axes("LAS"), [O("RAS"), T("ScaleIntensityRangePercentilesd", lower=1, upper=99, b_min=-1, b_max=1, channel_wise=True), S(1.3, 1.3, 1.3, mode=3, padding_mode="nearest")])
case("kept", [volume((8, 8, 6))], (1.0, 1.5, 4.0), axes("RAS"), [S(1.0004, 1.2, 2.1, min_pixdim=[1, 1, 1], max_pixdim=[1, 1.6, 3.0]), T("ScaleIntensityd", minv=None, maxv=None, factor=0.5)], labels((8, 8, 6)))
case("divisible", [volume((9, 11, 7), border=2)], (1, 1, 1), rotation(-0.1, 0), [T("CropForegroundd", margin=[2, 3, 0], k_divisible=[4, 4, 8]), T("ScaleIntensityd"), S(-1, 1.4, 0.9)])
case("closest", [volume((7, 8, 9))], (3, 1, 1), rotation(0.3, 2) @ axes("SLP"), [O(None, as_closest_canonical=True), T("NormalizeIntensityd", subtrahend=12.5, divisor=30.0), T("ScaleIntensityRanged", a_min=-1.0, a_max=3.0)])
case("diagonal", [volume((8, 9, 7))], (1, 2, 3), axes("LPI"), [O("RAS"), S(1.4, 1.4, 1.4, diagonal=True), T("NormalizeIntensityd"), T("ScaleIntensityRanged", a_min=-2.0, a_max=2.0, b_min=5.0, b_max=9.0, clip=True)])
case("per_channel", [volume((6, 7, 8)), volume((6, 7, 8))], (1, 1, 2), axes("ARS"), [O("SPR"), T("NormalizeIntensityd", subtrahend=[3.0, -4.0], divisor=[20.0, 0.0], channel_wise=True), S(1.9, 0.6, 0.8)])
case("nearest", [volume((9, 8, 7))], (1, 1, 1), axes("RAS"), [S(1.31, 0.92, 1.73, mode="nearest")])
case("oblique", [volume((9, 8, 6))], (0.83, 1.17, 2.3), rotation(0.3, 0) @ rotation(-0.2, 2) @ axes("LAS"), [O("RAS"), S(1.5, 1.5, 2.0)], labels((9, 8, 6)))
case("oblique_zeros", [volume((9, 8, 6), np.float32)], (0.83, 1.17, 2.3), rotation(0.4, 1), [S(2.7, 0.61, 5.0, padding_mode="zeros")])
case("oblique_splines", [volume((9, 8, 6))], (1, 1.4, 2.0), rotation(-0.3, 2) @ rotation(0.1, 0), [S(2.9, 0.7, 5.3, mode=3, padding_mode="nearest")])


def other_distances(image):
    """the rows of sform are half as long again as pixdim and qform say, which turns elsewhere"""
    image.set_qform(np.diag([2.0, 1.5, 1.0, 1]) @ np.block([[axes("LPS"), np.array([[5.0], [6], [7]])], [np.zeros((1, 3)), 1]]), 1)
    image.header["srow_x"] *= 1.5


def without_quaternion(image):
    """as many tools leave it: all zeros"""
    for part in ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z", "qform_code"):
        image.header[part] = 0


case("plain", [volume((9, 10, 8), border=2)], (0.8, 1.1, 2.7), axes("LPS"), [O("RAS"), T("CropForegroundd", margin=[1, 3, 0], allow_smaller=True), S(1.3, 1.2, 1.9), T("NormalizeIntensityd")], plain=True)
case("distances_disagree", [volume((9, 8, 7))], (1, 1.5, 2), rotation(0.2, 1) @ axes("RSP"), [O("RAS"), S(1.2, 1.4, 0.9), T("ScaleIntensityd")], labels((9, 8, 7)), mend=other_distances)
case("four_without_quaternion", [np.stack([volume((8, 7, 6)), volume((8, 7, 6))], -1)], (1.5, 1, 1.2), axes("ASL"), [O("RAS"), S(1.6, 2.2, 1.4)], mend=without_quaternion)
