"""Small volumes and what nnU-Net makes of them, for VolumePreparationTest.

Needs nnunetv2 (2.8.1), SimpleITK, nibabel, scikit-image. Usage: make_nnunet_volumes.py FOLDER [SCALE]
Each case is a folder: plans.json, dataset.json, images, perhaps a mask, and per configuration what nnU-Net's DefaultPreprocessor gave.
SCALE multiplies extents; the volumes in the repository were made with 1.
"""
import json
import os
import sys

import nibabel
import numpy as np
from nibabel.nifti1 import Nifti1Image
from nibabel.nifti2 import Nifti2Image

os.environ.setdefault("nnUNet_raw", "/nowhere")
os.environ.setdefault("nnUNet_preprocessed", "/nowhere")
os.environ.setdefault("nnUNet_results", "/nowhere")
from nnunetv2.preprocessing.cropping.cropping import crop_to_nonzero
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

ROOT, SCALE = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1


def rotation(angle, axis):
    c, s = np.cos(angle), np.sin(angle)
    r = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    r[i, i], r[j, j], r[i, j], r[j, i] = c, c, -s, s
    return r


def save(path, array, spacing, turn=np.eye(3), units=2, slope=None, dtype=None, sform=1, form=Nifti1Image):
    """array in the file's order x, y, z"""
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag(spacing)
    affine[:3, 3] = [3, -5, 7]
    header = form.header_class()
    header.set_data_dtype(dtype or array.dtype)
    image = form(array.astype(dtype or array.dtype), affine, header)
    image.set_qform(affine, 0 if sform == 1 else 1)
    image.set_sform(affine, sform if sform == 1 else 0)
    image.header["xyzt_units"] = units
    image.header.set_zooms(tuple(spacing) + (1,) * (array.ndim - 3))
    if slope:
        image.header.set_slope_inter(*slope)
        image = form(array.astype(dtype or array.dtype), image.affine, image.header)
    nibabel.save(image, path)


def blobs(rng, shape, base, noise, border=0):
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    a = np.full(shape, float(base))
    for _ in range(4):
        c, r = rng.uniform(-0.6, 0.6, 3), rng.uniform(0.3, 0.6)
        a += rng.uniform(50, 300) * (np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r)
    a += rng.normal(0, noise, shape)
    if border:
        keep = np.zeros(shape, bool)
        keep[tuple(slice(border, -border) for _ in shape)] = True
        a[~keep] = 0
    return a


def hollow(a):
    """a hole in the middle, one voxel at the border that is not zero"""
    m = [n // 2 for n in a.shape]
    a[m[0] - 1:m[0] + 1, m[1] - 1:m[1] + 1, m[2] - 1:m[2] + 1] = 0
    return a


def labels(rng, shape):
    a = np.zeros(shape, np.uint8)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    for label in (1, 2, 1, 3):
        c, r = rng.uniform(-0.5, 0.5, 3), rng.uniform(0.3, 0.5)
        a[np.sum((grid - c[:, None, None, None]) ** 2, 0) < r * r] = label
    return a


def configuration(spacing, schemes, masks, patch, order=3, order_z=0, separate=None, seg_order=1):
    kw = {"order": order, "order_z": order_z, "force_separate_z": separate}
    seg = {"is_seg": True, "order": seg_order, "order_z": 0, "force_separate_z": separate}
    return {
        "data_identifier": "x", "preprocessor_name": "DefaultPreprocessor", "batch_size": 2, "patch_size": patch,
        "spacing": spacing, "normalization_schemes": schemes, "use_mask_for_norm": masks,
        "resampling_fn_data": "resample_data_or_seg_to_shape", "resampling_fn_seg": "resample_data_or_seg_to_shape",
        "resampling_fn_data_kwargs": dict(kw, is_seg=False), "resampling_fn_seg_kwargs": seg,
        "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
        "resampling_fn_probabilities_kwargs": dict(kw, is_seg=False, order=1), "architecture": {}}


CT = {"max": 500.0, "mean": 61.5, "median": 50.0, "min": -1000.0, "percentile_00_5": -310.0, "percentile_99_5": 290.0, "std": 71.25}


def case(name, reader, transpose, images, configurations, channels, mask=None, intensities=None):
    folder = os.path.join(ROOT, name)
    os.makedirs(folder, exist_ok=True)
    files = [os.path.join(folder, f) for f, *_ in images]
    for path, (_, save_it) in zip(files, images):
        save_it(path)
    seg = None
    if mask is not None:
        seg = os.path.join(folder, "case.nii.gz")
        mask(seg)
    plans = {"dataset_name": "Dataset001_X", "plans_name": "nnUNetPlans", "image_reader_writer": reader,
             "transpose_forward": transpose, "transpose_backward": list(np.argsort(transpose).tolist()),
             "foreground_intensity_properties_per_channel": {str(c): intensities or CT for c in range(channels)},
             "configurations": configurations, "label_manager": "LabelManager"}
    dataset = {"channel_names": {str(c): "c%d" % c for c in range(channels)},
               "labels": {"background": 0, "one": 1, "two": 2, "three": 3}, "numTraining": 1, "file_ending": ".nii.gz"}
    json.dump(plans, open(folder + "/plans.json", "w"), indent=1)
    json.dump(dataset, open(folder + "/dataset.json", "w"), indent=1)
    manager = PlansManager(plans)
    for c in configurations:
        data, s, _ = DefaultPreprocessor(False).run_case(files, seg, manager, manager.get_configuration(c), dataset)
        np.save("%s/%s.npy" % (folder, c), data.astype(np.float32))
        if seg:
            np.save("%s/%s_mask.npy" % (folder, c), np.maximum(s[0], 0).astype(np.float32))
        print(name, c, data.shape, data.dtype, float(data.min()), float(data.max()))


def main():
    rng = np.random.default_rng(7)
    n = lambda *s: tuple(SCALE * k for k in s)
    i16 = lambda a: np.round(a).astype(np.int16)

    a = i16(blobs(rng, n(14, 12, 9), -300, 40, 1))
    s = labels(rng, a.shape)
    case("ct_mask", "SimpleITKIO", [0, 1, 2], [("case_0000.nii.gz", lambda p: save(p, a, (0.7, 0.8, 3.5), np.diag([-1, 1, 1])))],
         {"3d_fullres": configuration([2.5, 1.0, 1.0], ["CTNormalization"], [False], [8, 8, 8]),
          "2d": configuration([1.1, 0.9], ["CTNormalization"], [False], [8, 8])}, 1,
         lambda p: save(p, s, (0.7, 0.8, 3.5), np.diag([-1, 1, 1])))

    b0, b1 = i16(hollow(blobs(rng, n(10, 13, 12), 100, 30, 2))), hollow(blobs(rng, n(10, 13, 12), 20, 5, 2)).astype(np.float32)
    sb = labels(rng, b0.shape)
    turn = rotation(0.2, 2) @ np.array([[0, 0, 1], [-1, 0, 0], [0, 1, 0]])
    sp = (1.3, 1.0, 1.6)
    case("turned", "NibabelIOWithReorient", [1, 0, 2], [("case_0000.nii.gz", lambda p: save(p, b0, sp, turn)), ("case_0001.nii.gz", lambda p: save(p, b1, sp, turn))],
         {"3d_fullres": configuration([1.2, 1.2, 1.2], ["ZScoreNormalization", "RescaleTo01Normalization"], [True, False], [8, 8, 8]),
          "3d_lowres": configuration([2.1, 2.0, 2.2], ["NoNormalization", "ZScoreNormalization"], [False, False], [8, 8, 8])}, 2,
         lambda p: save(p, sb, sp, turn))

    c = blobs(rng, n(11, 9, 10), 1, 0.3).astype(np.float64)
    case("plain", "NibabelIO", [2, 1, 0], [("case_0000.nii.gz", lambda p: save(p, c, (1.0, 1.1, 0.9), rotation(0.1, 0), units=1))],
         {"3d_fullres": configuration([1.5, 0.7, 1.1], ["RescaleTo01Normalization"], [False], [8, 8, 8], order=1),
          "3d_lowres": configuration([0.6, 1.7, 1.9], ["ZScoreNormalization"], [False], [8, 8, 8], order=0)}, 1)

    d = i16(blobs(rng, n(12, 12, 8) , 50, 9, 1))[..., None] + np.arange(3, dtype=np.int16) * 7
    d[..., 1] //= 3
    case("four", "SimpleITKIO", [0, 2, 1], [("case_0000.nii.gz", lambda p: save(p, d, (1, 1, 4), dtype=np.int16, slope=(0.5, -3)))],
         {"3d_fullres": configuration([3.0, 0.8, 0.8], ["ZScoreNormalization", "CTNormalization", "NoNormalization"], [True, False, False], [8, 8, 8], order_z=1),
          "forced": configuration([3.0, 0.8, 0.8], ["ZScoreNormalization", "CTNormalization", "NoNormalization"], [False, False, False], [8, 8, 8], separate=False),
          "along": configuration([1.9, 0.8, 1.2], ["ZScoreNormalization", "CTNormalization", "NoNormalization"], [False, False, False], [8, 8, 8], order=1, order_z=3, separate=True)}, 3)

    e = i16(blobs(rng, n(9, 10, 7), 0, 20))
    case("metres", "SimpleITKIO", [1, 2, 0], [("case_0000.nii.gz", lambda p: save(p, e, (0.001, 0.0012, 0.0009), units=1, sform=0))],
         {"3d_fullres": configuration([1.0, 1.0, 1.0], ["ZScoreNormalization"], [False], [8, 8, 8]),
          "same": configuration([1.2, 1.0, 0.9], ["ZScoreNormalization"], [True], [8, 8, 8])}, 1)

    import tifffile
    from PIL import Image
    from skimage import io as skio
    f = np.clip(blobs(rng, n(20, 24, 3), 60, 9), 0, 255).astype(np.uint8)
    f[:3] = 0
    g = np.clip(60 * blobs(rng, n(20, 24, 3), 60, 9), 0, 65535).astype(np.uint16)[..., 0]
    case("colour", "NaturalImage2DIO", [0, 1, 2], [("case_0000.png", lambda p: skio.imsave(p, f[..., :3], check_contrast=False))],
         {"2d": configuration([1.0, 1.0], ["RGBTo01Normalization"] * 3, [False] * 3, [16, 16]),
          "finer": configuration([0.7, 1.3], ["ZScoreNormalization"] * 3, [True] * 3, [16, 16])}, 3)
    case("deep", "NaturalImage2DIO", [0, 1, 2], [("case_0000.png", lambda p: skio.imsave(p, g, check_contrast=False))],
         {"2d": configuration([1.0, 1.0], ["RescaleTo01Normalization"], [False], [16, 16])}, 1)

    # 2.4 / 0.96 * 9 is 22.5 in float64 and more with 2.4 from a float32, so that there are 22 voxels or 23
    h = i16(blobs(rng, n(9, 9, 8), 0, 20))
    case("second_form", "NibabelIOWithReorient", [0, 1, 2], [("case_0000.nii.gz", lambda p: save(p, h, (1.1, 2.4, 0.9), np.diag([-1, 1, 1]), form=Nifti2Image))],
         {"3d_fullres": configuration([1.0, 0.96, 1.0], ["ZScoreNormalization"], [False], [8, 8, 8])}, 1)

    t = np.clip(blobs(rng, n(14, 11, 4), 60, 9), 0, 255).astype(np.uint8)
    plain = ["NoNormalization"]
    case("transparent", "NaturalImage2DIO", [0, 1, 2], [("case_0000.png", lambda p: skio.imsave(p, t, check_contrast=False))],
         {"2d": configuration([1.0, 1.0], plain * 4, [False] * 4, [16, 16])}, 4)
    case("transparent_tiff", "NaturalImage2DIO", [0, 1, 2], [("case_0000.tif", lambda p: tifffile.imwrite(p, t, photometric="rgb", extrasamples=["unassalpha"]))],
         {"2d": configuration([1.0, 1.0], plain * 4, [False] * 4, [16, 16])}, 4)
    case("bitmap", "NaturalImage2DIO", [0, 1, 2], [("case_0000.bmp", lambda p: Image.fromarray(t[..., :3]).save(p))],
         {"2d": configuration([1.0, 1.0], plain * 3, [False] * 3, [16, 16])}, 3)
    case("bitmap_grey", "NaturalImage2DIO", [0, 1, 2], [("case_0000.bmp", lambda p: Image.fromarray(t[..., 0]).save(p))],
         {"2d": configuration([1.0, 1.0], plain, [False], [16, 16])}, 1)


main()
