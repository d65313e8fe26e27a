"""Makes io/src/test/resources/npy: arrays written by NumPy itself (in arrays.zip), and their values.

Run with:  python3 io/src/test/python/make_npy_fixtures.py io/src/test/resources/npy
"""

import io
import json
import pathlib
import sys
import tempfile
import warnings
import zipfile

import numpy as np

VALUES = {
    "f": [0.0, -1.5, 2.25, 6.103515625e-05, 1024.0, -0.333251953125],
    "i": [0, 1, -1, 127, -128, 5],
    "u": [0, 1, 2, 127, 200, 255],
    "b": [True, False, False, True, True, False],
}
WIDE = {  # values at the ends of the wider types
    "i2": [-32768, 32767],
    "i4": [-2147483648, 2147483647],
    "i8": [-9007199254740992, 9007199254740992],
    "u2": [65535, 40000],
    "u4": [4294967295, 3000000000],
    "u8": [18446744073709549568, 9223372036854775808],
    "f2": [65504.0, 5.960464477539063e-08],
    "f4": [3.4028234663852886e38, 1.401298464324817e-45],
    "f8": [1.7976931348623157e308, 5e-324],
}


def arrays():
    for dtype in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1".split():
        values = list(VALUES[dtype[0]])
        wide = WIDE.get(dtype, [])
        values[: len(wide)] = wide
        for endian in "<>" if dtype[1] != "1" else "|":
            yield endian + dtype, np.array(values).astype(endian + dtype)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "arrays.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with tempfile.TemporaryDirectory() as made:
            write_arrays(pathlib.Path(made))
            for file in sorted(pathlib.Path(made).iterdir()):
                archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    write_archives(folder)


def write_arrays(folder):
    expected = []
    for descr, flat in arrays():
        for order in "CF":
            for version in ((1, 0), (2, 0), (3, 0)):
                array = np.asarray(flat.reshape(1, 2, 3), order=order)
                name = "%s_%s_%d.npy" % (
                    descr.replace("<", "little_").replace(">", "big_").replace("|", ""),
                    order,
                    version[0],
                )
                buffer = io.BytesIO()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    np.lib.format.write_array(buffer, array, version)
                (folder / name).write_bytes(buffer.getvalue())
                expected.append({"file": name, "values": [float(v) for v in flat]})
    # a Fortran array of four dimensions, each of another extent, and a single number
    four = np.asfortranarray(np.arange(120, dtype=np.float32).reshape(2, 3, 4, 5))
    np.save(folder / "fortran_2345.npy", four)
    np.save(folder / "scalar.npy", np.float64(2.5))
    np.save(folder / "vector.npy", np.arange(4, dtype=np.int16))
    # what cannot be read
    np.save(folder / "objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)
    np.save(folder / "records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    np.save(folder / "complex.npy", np.zeros(2, dtype=np.complex64))
    np.save(folder / "text.npy", np.array(["a", "bc"]))
    np.save(folder / "empty.npy", np.zeros((0, 3), dtype=np.float32))
    (folder / "expected.json").write_text(json.dumps(expected, indent=0))


def write_archives(folder):
    layers = {
        "enc1": np.arange(24, dtype=np.float32).reshape(4, 2, 3, 1),
        "dec.1/out#2": np.arange(8, dtype=">f8").reshape(4, 2),
        "bias": np.asfortranarray(np.arange(12, dtype=np.int64).reshape(4, 3)),
    }
    np.savez(folder / "stored.npz", **layers)
    np.savez_compressed(folder / "deflated.npz", **layers)
    with zipfile.ZipFile(folder / "zip64.npz", "w") as archive:
        for name, array in layers.items():
            with archive.open(name + ".npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array)
        archive.writestr("readme.txt", "not an array")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
