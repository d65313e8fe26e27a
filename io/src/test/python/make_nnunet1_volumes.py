"""Small volumes and what nnU-Net v1 makes of them, for VolumePreparationTest.

Needs nnunet 1.7.1, batchgenerators 0.25, SimpleITK, scikit-image 0.22, SciPy 1.11, NumPy 1.26, nibabel.
Usage: make_nnunet1_volumes.py FOLDER
Each case is a folder: plans.pkl, images, perhaps a mask, and per configuration what nnU-Net's preprocessor gave.
"""
import os
import pickle
import sys
from collections import OrderedDict

import nibabel
import numpy as np

from nnunet.preprocessing.custom_preprocessors.preprocessor_scale_RGB_to_0_1 import GenericPreprocessor_scale_uint8_to_0_1
from nnunet.preprocessing.preprocessing import (GenericPreprocessor, GenericPreprocessor_linearResampling, PreprocessorFor2D,
                                                PreprocessorFor3D_NoResampling)

ROOT = sys.argv[1]
CLASSES = {c.__name__: c for c in (GenericPreprocessor, GenericPreprocessor_linearResampling, PreprocessorFor2D,
                                   PreprocessorFor3D_NoResampling, GenericPreprocessor_scale_uint8_to_0_1)}


def blobs(rng, shape, base, noise, border):
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    a = base + rng.normal(0, noise, shape)
    for _ in range(4):
        c, r = rng.uniform(-0.6, 0.6, 3), rng.uniform(0.3, 0.6)
        a += rng.uniform(50, 300) * (np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r)
    a[np.sum(grid ** 2, 0) > 1.7 - border] = 0
    return np.round(a).astype(np.int16)


def labels(rng, shape):
    a = np.zeros(shape, np.uint8)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    for label in (1, 2, 1, 3):
        c, r = rng.uniform(-0.6, 0.6, 3), rng.uniform(0.3, 0.5)
        a[np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r] = label
    return a


def save(path, array, spacing):
    image = nibabel.Nifti1Image(array, np.diag([*spacing, 1]))
    image.header["xyzt_units"] = 2
    nibabel.save(image, path)


def case(name, spacing, images, mask, schemes, masked, spacings, axes, preprocessor=None, transpose=None, protocol=4):
    folder = os.path.join(ROOT, name)
    os.makedirs(folder, exist_ok=True)
    files = []
    for c, image in enumerate(images):
        files.append("%s/case_%04d.nii.gz" % (folder, c))
        save(files[-1], image, spacing)
    seg = None
    if mask is not None:
        seg = folder + "/case.nii.gz"
        save(seg, mask, spacing)
    intensities = OrderedDict((c, OrderedDict(mean=np.float32(61.5), sd=np.float32(71.25), percentile_99_5=np.float64(290), percentile_00_5=np.float64(-20)))
                              for c in range(len(images)))
    stages = {k: dict(batch_size=2, patch_size=np.array([8] * axes), current_spacing=np.array(s), do_dummy_2D_data_aug=np.bool_(False))
              for k, s in enumerate(spacings)}
    plans = dict(num_stages=len(stages), num_modalities=len(images), normalization_schemes=OrderedDict(enumerate(schemes)),
                 dataset_properties=dict(intensityproperties=intensities, all_spacings=[np.array(spacing)]),
                 use_mask_for_norm=OrderedDict(enumerate(masked)), min_region_size_per_class=OrderedDict([(np.int64(1), np.float64(2))]),
                 plans_per_stage=stages)
    if transpose:
        plans["transpose_forward"] = [np.int64(transpose[0]), *transpose[1:]]
    if preprocessor:
        plans["preprocessor_name"] = preprocessor
    with open(folder + "/plans.pkl", "wb") as f:
        pickle.dump(plans, f, protocol=protocol)
    forward = transpose or [0, 1, 2]
    p = CLASSES[preprocessor or ("PreprocessorFor2D" if axes == 2 else "GenericPreprocessor")](
        plans["normalization_schemes"], plans["use_mask_for_norm"], forward, intensities)
    for k in stages:
        c = "2d" if axes == 2 else "3d_lowres" if k + 1 < len(stages) else "3d_fullres"
        data, s, _ = p.preprocess_test_case(files, stages[k]["current_spacing"].copy(), seg)
        np.save("%s/%s.npy" % (folder, c), data)
        if seg:
            np.save("%s/%s_mask.npy" % (folder, c), np.maximum(s[0], 0).astype(np.float32))


def main():
    rng = np.random.default_rng(11)
    a, b = blobs(rng, (14, 12, 9), 30, 20, 0.2), blobs(rng, (14, 12, 9), 90, 9, 0.5)
    case("two_stages", (0.7, 0.8, 3.5), [a, b], labels(rng, a.shape), ["CT", "nonCT"], [False, True], [[5.0, 1.6, 1.4], [2.5, 1.0, 1.0]], 3,
         "GenericPreprocessor")
    c = [blobs(rng, (9, 12, 10), 40, 9, 0.3) for _ in range(3)]
    case("flat", (2.0, 1.1, 0.9), c, None, ["nonCT", "noNorm", "CT"], [True, True, True], [[7.0, 1.5, 0.7]], 2, transpose=[2, 0, 1], protocol=2)
    d = blobs(rng, (10, 11, 9), 50, 30, 0.4)
    case("linear", (1.0, 1.2, 0.9), [d, d // 2], None, ["CT2", "MRI"], [True, False], [[1.8, 0.6, 0.5]], 3, "GenericPreprocessor_linearResampling",
         [1, 2, 0], protocol=5)
    case("unresampled", (1.0, 1.2, 0.9), [d], labels(rng, d.shape), ["nonCT"], [True], [[1.0, 1.0, 1.0]], 3, "PreprocessorFor3D_NoResampling", [1, 0, 2])
    case("bytes", (1.0, 1.0, 1.0), [np.abs(d) // 3], None, ["nonCT"], [True], [[1.0, 1.5, 0.8]], 2, "GenericPreprocessor_scale_uint8_to_0_1", protocol=3)


main()
