"""What MONAI's Spacingd makes of a straight and an oblique volume, for every spelling of its mode and padding.

Needs monai (1.6). Usage: make_monai_sampling.py FILE.json
Each spelling tells which of the results of its volume is MONAI's; -1 if MONAI fails.
"""
import json
import sys

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Spacingd

PIXDIM = [1.2, 1.3, 0.8]
MODES = [None, 0, 1, 2, 3, "0", "1", "2", "3", "bilinear", "linear", "trilinear", "nearest", "bicubic", "area", True, 1.0]
PADDINGS = [None, "border", "nearest", "zeros", "constant", "grid-constant", "reflection", 0]

voxels = np.random.default_rng(5).integers(-500, 1500, (5, 4, 4)).astype(np.float32)
c, s = np.cos(0.2), np.sin(0.2)
affines = {"straight": np.eye(4), "oblique": np.array([[c, -s, 0, 3], [s, c, 0, -2], [0, 0, 1, 1], [0, 0, 0, 1]])}


def made(affine, mode, padding, corners):
    image = MetaTensor(torch.tensor(voxels)[None], affine=torch.tensor(affine))
    try:
        spacing = Spacingd("image", PIXDIM, mode=mode, padding_mode=padding, align_corners=corners)
        return np.asarray(spacing({"image": image})["image"])[0]
    except (ValueError, TypeError, RuntimeError, KeyError):
        return None


volumes = []
for name, affine in affines.items():
    affine = affine.astype(np.float32).astype(np.float64)
    results, spellings = [], []
    for mode in MODES:
        for padding in PADDINGS:
            for corners in (False, True):
                result = made(affine, mode, padding, corners)
                if result is None:
                    index = -1
                else:
                    same = [i for i, r in enumerate(results) if np.allclose(r, result, rtol=0, atol=1e-4)]
                    index = same[0] if same else len(results)
                    results += [] if same else [result]
                spellings.append([mode, padding, corners, index])
    volumes.append({
        "name": name,
        "rows": affine[:3].ravel().tolist(),
        "shape": list(results[0].shape),
        "results": [[round(float(v), 4) for v in r.ravel()] for r in results],
        "spellings": spellings,
    })
with open(sys.argv[1], "w") as out:
    json.dump({"pixdim": PIXDIM, "voxels": voxels.astype(int).ravel(order="F").tolist(), "extents": list(voxels.shape), "volumes": volumes}, out, separators=(",", ":"))
    out.write("\n")
