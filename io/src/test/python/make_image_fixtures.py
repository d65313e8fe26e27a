"""Makes io/src/test/resources/image: images written by Pillow, volumes laid out by hand after the
NIfTI-1 header (nifti1.h), and their values.

Run with:  python3 io/src/test/python/make_image_fixtures.py io/src/test/resources/image
"""

import gzip
import json
import pathlib
import struct
import sys

import numpy as np
from PIL import Image


def nifti(voxels, code, order, slope, intercept):
    header = bytearray(352)
    struct.pack_into(order + "i", header, 0, 348)
    extents = voxels.shape[::-1]
    struct.pack_into(order + "8h", header, 40, len(extents), *extents, *[1] * (7 - len(extents)))
    struct.pack_into(order + "hh", header, 70, code, voxels.itemsize * 8)
    struct.pack_into(order + "fff", header, 108, 352.0, slope, intercept)
    header[344:348] = b"n+1\0"
    return bytes(header) + voxels.astype(voxels.dtype.newbyteorder(order)).tobytes()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(1)
    grey = random.randint(0, 256, (7, 9), dtype=np.uint8)
    colour = random.randint(0, 256, (7, 9, 3), dtype=np.uint8)
    deep = random.randint(0, 65536, (7, 9)).astype(np.uint16)
    floating = random.randn(7, 9).astype(np.float32)
    expected = {}

    def save(name, image, values, **options):
        image.save(folder / name, **options)
        values = np.asarray(values, dtype=np.float64)
        if values.ndim == 3:
            values = values.transpose(2, 0, 1)
        else:
            values = values[None]
        expected[name] = {"shape": values.shape, "values": values.flatten().tolist()}

    save("grey.png", Image.fromarray(grey), grey)
    save("colour.png", Image.fromarray(colour), colour)
    alpha = np.dstack([colour, grey])
    save("alpha.png", Image.fromarray(alpha), colour)
    save("deep.png", Image.fromarray(deep), deep)
    save("bits.png", Image.fromarray(grey > 127), np.where(grey > 127, 255, 0))
    save("grey.tiff", Image.fromarray(grey), grey)
    save("packed.tiff", Image.fromarray(deep), deep, compression="tiff_deflate")
    save("floating.tiff", Image.fromarray(floating), floating)
    palette = Image.fromarray(colour).quantize(8)
    save("palette.gif", palette, np.asarray(palette.convert("RGB")))
    flat = np.full((8, 8), 100, dtype=np.uint8)
    save("flat.jpg", Image.fromarray(flat), flat, quality=100)
    for size in ((5, 4), (20, 13)):
        resized = Image.fromarray(floating).resize(size, Image.BILINEAR)
        expected["floating.tiff %dx%d" % (size[1], size[0])] = {
            "shape": [1, size[1], size[0]],
            "values": np.asarray(resized, dtype=np.float64).flatten().tolist(),
        }
    volume = random.randint(-1000, 1000, (3, 4, 5)).astype(np.int16)
    (folder / "volume.nii").write_bytes(nifti(volume, 4, "<", 0.5, 10))
    (folder / "big.nii.gz").write_bytes(
        gzip.compress(nifti(volume.astype(np.float32), 16, ">", 0, 0), mtime=0)
    )
    expected["volume.nii"] = {
        "shape": [1, 3, 4, 5], "values": (volume * 0.5 + 10).flatten().tolist()}
    expected["big.nii.gz"] = {"shape": [1, 3, 4, 5], "values": volume.flatten().tolist()}
    (folder / "expected.json").write_text(json.dumps(expected, default=list))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
