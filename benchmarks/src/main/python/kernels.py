"""Processor and libraries of products on both sides: kernels.py prints one line.

The Java side's OpenBLAS is asked by ctypes, from where JavaCPP unpacked it, under the same environment variables.
"""
import ctypes
import os
from pathlib import Path


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return "unknown processor"


def here():
    libraries = sorted(Path.home().glob(".javacpp/cache/**/libopenblas.so.0"), key=os.path.getmtime)
    if not libraries:
        return "OpenBLAS, not unpacked yet"
    library = ctypes.CDLL(str(libraries[-1].resolve()))
    library.openblas_get_config.restype = library.openblas_get_corename.restype = ctypes.c_char_p
    version = library.openblas_get_config().decode().split()[1]
    return f"OpenBLAS {version} {library.openblas_get_corename().decode()}"


def there():
    import numpy  # noqa: F401, loads its library
    names = ["NumPy " + numpy.__version__]
    try:
        import torch
        names.append("torch " + torch.__version__)
    except ImportError:
        pass
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return ", ".join([*names, "kernels unknown (pip install threadpoolctl)"])
    kernels = {f"{one['internal_api']} {one.get('version') or ''} {one.get('architecture', '')} × {one['num_threads']}"
               for one in threadpool_info()}
    return ", ".join([*names, *sorted(" ".join(kernel.split()) for kernel in kernels)])


def line():
    return f"{processor()}, {os.cpu_count()} cores; here: {here()}; there: {there()}"


if __name__ == "__main__":
    print(line())
