"""Makes io/src/test/resources/hdf5: activations as h5py writes them.

Run with:  python3 io/src/test/python/make_hdf5_fixtures.py io/src/test/resources/hdf5
"""

import pathlib
import sys

import h5py
import numpy as np


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / "activations.h5", "w") as file:
        file["enc1"] = np.arange(24, dtype=np.float32).reshape(4, 2, 3, 1)
        group = file.create_group("decoder/block")
        group["conv"] = np.arange(8, dtype=">f8").reshape(4, 2)
        group.create_dataset(
            "packed", data=np.arange(400).reshape(4, 100), chunks=(2, 50), compression="gzip")
        group["bytes"] = np.array([[0, 255], [1, 2]], dtype=np.uint8)
        file["label"] = "text is left out"
        file["names"] = np.array([b"a", b"b"])
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/secret")
        file["alias"] = h5py.SoftLink("/enc1")


def put(file, name, layout, values):
    space = h5py.h5s.create_simple(values.shape)
    dataset = h5py.h5d.create(file.id, name.encode(), layout, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def layouts(folder):
    """Sound files whose numbers are laid out in unusual ways."""
    values = (np.arange(12, dtype="f4").reshape(4, 3) + 1) * 1.5
    with h5py.File(folder / "layouts.h5", "w") as file:
        bfloat = h5py.h5t.IEEE_F16LE.copy()
        bfloat.set_fields(15, 7, 8, 0, 7)
        bfloat.set_ebias(127)
        put(file, "bfloat16", bfloat, values)
        biased = h5py.h5t.IEEE_F32LE.copy()
        biased.set_ebias(100)
        put(file, "biased", biased, values)
        short = h5py.h5t.STD_I16LE.copy()
        short.set_precision(12)
        put(file, "twelve_bits", short, np.array([[1, -2, 3]], "i2"))
        file["great"] = np.array([[2**63 + 1025, 5]], "u8")
        file["half"] = np.arange(0x7C00, dtype="u2").view("f2").reshape(-1, 31)
        file["inner/one"] = values
        file["alias"] = file["inner/one"]


def matlab(folder):
    """As MATLAB's save(..., '-v7.3') lays out a 50 x 6 array and a word."""
    with h5py.File(folder / "matlab.h5", "w") as file:
        file["fc"] = np.ascontiguousarray(np.arange(300.0).reshape(50, 6).T)
        file["fc"].attrs["MATLAB_class"] = np.bytes_("double")
        file["label"] = np.array([[ord(letter)] for letter in "layer"], "u2")
        file["label"].attrs["MATLAB_class"] = np.bytes_("char")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
    layouts(pathlib.Path(sys.argv[1]))
    matlab(pathlib.Path(sys.argv[1]))
