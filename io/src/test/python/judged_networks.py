"""The frame of campaigns in which Keras judges changed networks: what comes out of an archive and goes into one."""

import contextlib
import io
import os
import sys
import tempfile
import zipfile

import numpy as np


def asked():
    """The archive of networks, that of mutants, how many, and the seed."""
    return sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


@contextlib.contextmanager
def opened(source, target):
    """A folder with all that is in one archive, and the other, to be added to."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "a") as out:
        with zipfile.ZipFile(source) as given:
            given.extractall(folder)
        yield folder, out


def networks(folder, prefix):
    return sorted(
        name
        for name in os.listdir(folder)
        if name.startswith(prefix + "_") and name.endswith((".h5", ".keras"))
    )


def bytes_of(array):
    kept = io.BytesIO()
    np.save(kept, array)
    return kept.getvalue()


def packed(seen):
    """Answers by layer, which are finite."""
    if not all(np.isfinite(value).all() for value in seen.values()):
        raise ValueError("answers that are not finite")
    kept = io.BytesIO()
    np.savez(kept, **{key.replace("/", "|"): value for key, value in seen.items() if value.size})
    return kept.getvalue()


def keep_judgement(out, name, judge):
    """Keeps what Keras answers, or why it does not; says whether it does."""
    try:
        out.writestr(name + ".npz", packed(judge()))
        return True
    except Exception as refusal:
        out.writestr(name + ".refused", "%s: %s" % (type(refusal).__name__, refusal))
        return False
