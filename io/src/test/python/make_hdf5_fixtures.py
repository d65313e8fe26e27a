"""Makes io/src/test/resources/hdf5: activations as h5py writes them.

Run with:  python3 io/src/test/python/make_hdf5_fixtures.py io/src/test/resources/hdf5
"""

import ctypes
import pathlib
import sys
import zlib

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


def hdf5_library():
    """The HDF5 that h5py has loaded: h5py itself cannot leave the chunks at the edge unfiltered."""
    maps = pathlib.Path("/proc/self/maps").read_text().split()
    name = next(word for word in maps if "/libhdf5-" in word or "/libhdf5.so" in word)
    return ctypes.CDLL(name)


def chunks(path, libver):
    """Chunks that were never written, or written past a filter; 'right' is what HDF5 reads."""
    values = (np.arange(120, dtype="f4").reshape(20, 6) + 1) * 0.37
    packed = {"chunks": (5, 6), "shuffle": True, "compression": "gzip"}
    with h5py.File(path, "w", libver=libver) as file:
        stored = file.create_group("stored")
        for name, settings in {
            "filled": {"chunks": (5, 6), "fillvalue": 7.5},
            "filled_packed": {**packed, "fillvalue": -1.25},
            "filled_zero": {"chunks": (7, 4)},
            "resized": {"chunks": (5, 4), "maxshape": (None, None), "fillvalue": 3.0},
        }.items():
            stored.create_dataset(name, (20, 6), "f4", **settings)[:10] = values[:10]
        stored["resized"].resize((8, 5))
        stored["resized"].resize((11, 9))
        masked = stored.create_dataset("masked", (20, 6), "f4", **{**packed, "chunks": (10, 6)})
        masked[:10] = values[:10]
        masked.id.write_direct_chunk((10, 0), zlib.compress(values[10:].tobytes()), filter_mask=1)
        plain = stored.create_dataset("unfiltered", (20, 6), "f4", **{**packed, "chunks": (10, 6)})
        plain.id.write_direct_chunk((0, 0), values[:10].tobytes(), filter_mask=3)
        plain.id.write_direct_chunk((10, 0), values[10:].tobytes(), filter_mask=3)
        stored.create_dataset("checked", data=values, chunks=(7, 5), fletcher32=True)
        stored.create_dataset(
            "checked_packed", data=values, chunks=(9, 6), fletcher32=True, **{
                "shuffle": True, "compression": "gzip"})
        stored.create_dataset("lzf", data=values, chunks=(9, 6), shuffle=True, compression="lzf")
        stored.create_dataset("shuffled", data=values, chunks=(9, 4), shuffle=True)
        if libver:
            settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            settings.set_chunk((9, 4))
            settings.set_shuffle()
            assert hdf5_library().H5Pset_chunk_opts(ctypes.c_int64(settings.id), 2) == 0
            space = h5py.h5s.create_simple((20, 6))
            h5py.h5d.create(
                stored.id, b"plain_edges", h5py.h5t.IEEE_F32LE, space, settings
            ).write(h5py.h5s.ALL, h5py.h5s.ALL, values)
        stored.create_dataset("great_endian", (20, 6), ">f8", chunks=(5, 6), fillvalue=2.5)[3] = 1
    with h5py.File(path, "r+", libver=libver) as file:
        for name, dataset in file["stored"].items():
            file["right/" + name] = dataset[()].astype("f4")
        assert (file["right/masked"][()] == values).all()
        assert (file["right/unfiltered"][()] == values).all()


def odd(path, libver):
    """Things that are no array of numbers beside one that is."""
    with h5py.File(path, "w", libver=libver) as file:
        file["good"] = np.arange(12, dtype="f4").reshape(4, 3)
        file["epoch"] = 7
        file["flags"] = np.zeros((4, 3), "V4")
        file["scaled"] = np.arange(12, dtype="i2").reshape(4, 3)
        file["scaled"].attrs["scale_factor"] = 0.5
        file["kind"] = np.dtype("f4")
        file.create_dataset("named", data=np.ones((4, 3), "f4"), dtype=file["kind"])
        file.create_dataset("never", (4, 3), "f4", fillvalue=5.0)
        file.create_dataset("lists", (4,), np.dtype(("f4", (3,))))[...] = np.ones((4, 3), "f4")
        file["region"] = np.array([file["good"].regionref[0:2]], h5py.regionref_dtype)
        layout = h5py.VirtualLayout((4, 3), "f4")
        layout[:] = h5py.VirtualSource(file["good"])
        file.create_virtual_dataset("virtual", layout)
        file["inner/deep"] = np.ones((4, 2), "f4")


def handle(folder):
    """A function handle of MATLAB, and its class in an array of one."""
    with h5py.File(folder / "handle.h5", "w") as file:
        for name in ("fc", "handle/inner", "table/inner"):
            file[name] = np.arange(6.0).reshape(3, 2)
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
        file["handle"].attrs["MATLAB_class"] = np.bytes_("function_handle")
        file["table"].attrs["MATLAB_class"] = np.bytes_("struct")
        file["word"] = np.array([[97]], "u2")
        file["word"].attrs["MATLAB_class"] = np.array([b"char"])


def names(path, count, **how):
    """Names in UTF-8 that h5py marks as ASCII: create_dataset does not say otherwise."""
    with h5py.File(path, "w", **how) as file:
        for i, letter in enumerate("\u03b1\u03b2"):
            file.create_dataset("q" + letter, data=np.full((4, 2), i + 1.0))
        for i in range(count):
            file.create_dataset(f"z{i}", data=np.full((4, 2), 0.0))
        file.create_group("g\u03b3").create_dataset("\u03b4", data=np.full((4, 2), 3.0))
        file.attrs["names"] = np.array(["q\u03b1".encode(), "g\u03b3/\u03b4".encode()])
        file.attrs["one"] = np.bytes_("\u03b2".encode())
        file.attrs["long"] = "\u03b3".encode()  # of variable length
        file.attrs["latin"] = np.bytes_(b"\xe9")


def latin(path):
    with h5py.File(path, "w", track_order=True) as file:
        space = h5py.h5s.create_simple((4, 2))
        h5py.h5d.create(file.id, b"q\xe9", h5py.h5t.NATIVE_FLOAT, space)


def filters(folder):
    """Datasets behind filters that are not read, or of a newer form, and truth values."""
    values = np.arange(32).reshape(8, 4)
    with h5py.File(folder / "filters.h5", "w") as file:
        file["good"] = values
        file["truth"] = values > 3
        file.create_dataset("packed", data=values > 5, chunks=(4, 2), compression="gzip")
        kinds = h5py.enum_dtype({"NO": 0, "YES": 1}, "i1")
        file.create_dataset("kinds", data=values % 2, dtype=kinds)
        file.create_dataset("outside", (8, 4), "f4", external=[("raw.bin", 0, 128)])
        file.create_dataset("szip", data=values, chunks=(8, 4), compression="szip")
        file.create_dataset("scaled", data=values, chunks=(8, 4), scaleoffset=0)
        chunks = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        chunks.set_chunk((8, 4))
        chunks.set_filter(5, 0, ())
        space = h5py.h5s.create_simple((8, 4))
        h5py.h5d.create(file.id, b"nbit", h5py.h5t.STD_I32LE, space, chunks).write(
            h5py.h5s.ALL, h5py.h5s.ALL, values.astype("i4"))
    with h5py.File(folder / "newer.h5", "w", libver="latest") as file:  # HDF5 2.0
        file.create_dataset("newer", data=values, chunks=(8, 4), compression="gzip")


def indexes(path):
    """Datasets whose indexes were partly written, and are numbered by extents that were never had."""
    some = np.random.default_rng(5)

    def make(name, shape, chunks, most, parts, **how):
        data = file.create_dataset(
            "stored/" + name, shape, "f4", chunks=chunks, maxshape=most, fillvalue=-7.5, **how)
        for part in parts:
            data[part] = some.integers(-99, 99, size=data[part].shape)
        return data

    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        at = np.s_
        make("fixed", (9, 4, 20), (2, 3, 3), (9, 37, 59), [at[:]])
        make("fixed_packed", (9, 9), (1, 3), (9, 12), [at[2:7, 1:]], compression="gzip")
        make("fixed_pages", (3500,), (1,), (5000,), [at[1200:1205], at[3490:]])
        make("growing", (8, 60), (1, 1), (20, None), [at[5:, 30:33]])
        make("growing_packed", (5, 40), (2, 2), (None, 56), [at[3:, 20:]], compression="gzip")
        make("growing_middle", (4, 5, 6), (1, 2, 4), (7, None, 9), [at[1:3, 2:, 1:]])
        make("growing_blocks", (9000,), (1,), (None,), [at[3:9], at[4000:4003], at[8999:]])
        make("growing_pages", (300000,), (1,), (None,), [at[140000:140003], at[250000:250001]])
        make("two_ways", (7, 9), (2, 2), (None, None), [at[3:, 2:6]])
        make("emptied", (9, 9), (2, 2), (None, None), [at[6:]]).resize((4, 9))
        make("shrunk", (9, 40), (2, 3), (None, 44), [at[:]]).resize((5, 40))
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((2, 3))
        settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        settings.set_fill_value(np.array(2.5, "f4"))
        space = h5py.h5s.create_simple((7, 8), (20, 31))
        early = h5py.h5d.create(file.id, b"stored/early", h5py.h5t.IEEE_F32LE, space, settings)
        h5py.Dataset(early)[2:5, 3:] = some.integers(-99, 99, size=(3, 5))
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        for name, data in file["stored"].items():
            file.create_dataset(
                "right/" + name, data=data[()], chunks=data.shape, compression="gzip")


def node_at_the_end(path):
    """So many names of one dataset that the last thing in the file is a half-empty node of them."""
    with h5py.File(path, "w", libver="earliest") as file:
        group = file.create_group("layers")
        group["array_000"] = np.arange(3.0)
        for i in range(1, 133):
            group["array_%03d" % i] = group["array_000"]


def plugins(path):
    """What filters of hdf5plugin (7.1.0) wrote, each as it is without settings."""
    import hdf5plugin

    values = np.arange(1000, dtype="f4").reshape(1000, 1)
    with h5py.File(path, "w") as file:
        file["good"] = values
        for name, settings in {
            "bitshuffle": hdf5plugin.Bitshuffle(nelems=64),
            "lz4": hdf5plugin.LZ4(),
            "zstd": hdf5plugin.Zstd(),
            "blosc": hdf5plugin.Blosc(),
        }.items():
            file.create_dataset(name, data=values, chunks=(1000, 1), **settings)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
    layouts(pathlib.Path(sys.argv[1]))
    matlab(pathlib.Path(sys.argv[1]))
    handle(pathlib.Path(sys.argv[1]))
    for version, end in ((None, ""), (("v110", "v110"), "_latest")):
        chunks(pathlib.Path(sys.argv[1]) / f"chunks{end}.h5", version)
        odd(pathlib.Path(sys.argv[1]) / f"odd{end}.h5", version)
    names(pathlib.Path(sys.argv[1]) / "names_few.h5", 0, track_order=True)
    names(pathlib.Path(sys.argv[1]) / "names_many.h5", 20, libver=("v110", "v110"))
    latin(pathlib.Path(sys.argv[1]) / "latin.h5")
    filters(pathlib.Path(sys.argv[1]))
    indexes(pathlib.Path(sys.argv[1]) / "indexes.h5")
    node_at_the_end(pathlib.Path(sys.argv[1]) / "node_at_the_end.h5")
    plugins(pathlib.Path(sys.argv[1]) / "plugins.h5")
