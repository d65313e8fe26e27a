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


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
