"""Makes the TorchScript archives that the tests read, and what forward hooks saw in Python.

Run with Debian's python3-torch (1.13) from the root of the repository:

    /usr/bin/python3 io/src/test/python/make_torchscript_fixtures.py [NAME ...]

For each network NAME.pt is the archive and NAME.npz holds the probes under the name `probes` and
every layer's activations under its path, in the order in which the layers finished.

Networks that an older PyTorch writes in another way have its version in `torchscript_networks.py`;
they are made when this runs with that one (1.12.1 and 1.9.1 of PyPI, with NumPy 1).
"""

import io
import os
import re
import sys
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))
import torchscript_networks as networks  # noqa: E402

TARGET = Path(__file__).parent.parent / "resources/org/palimpsest/io/internal/torchscript"


def flatten(name, value):
    """The tensors in a module's result, named as the importer names them."""
    if isinstance(value, torch.Tensor):
        return [(name, value)]
    if isinstance(value, dict):
        items = value.items()
    elif hasattr(value, "_fields"):
        items = zip(value._fields, value)
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        return []
    return [pair for key, item in items for pair in flatten(f"{name}[{key}]", item)]


def as_array(tensor):
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.dtype in (torch.half, torch.bfloat16, torch.bool):
        tensor = tensor.float()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return tensor.detach().clone().numpy()


def hooked(model, probes, rename, output):
    """Runs the model; gives what its submodules answered, by path and number of the call."""
    seen, calls, handles = OrderedDict(), {}, []

    def hook(path):
        def record(_module, _inputs, result):
            calls[path] = calls.get(path, 0) + 1
            name = path if calls[path] == 1 else f"{path}#{calls[path]}"
            for key, tensor in flatten(name, result):
                seen[rename.get(key, key)] = as_array(tensor)

        return record

    for path, module in model.named_modules():
        handles.append(module.register_forward_hook(hook(path or output)))
    model(probes)
    for handle in handles:
        handle.remove()
    return seen


def samples_first(layers, samples):
    """Moves the samples to the front; leaves out what has none. (No other size equals theirs.)"""
    return OrderedDict(
        (name, np.ascontiguousarray(np.moveaxis(values, values.shape.index(samples), 0)))
        for name, values in layers.items()
        if samples in values.shape
    )


def without_debug_files(archive):
    """The archive without its .debug_pkl files, which hold this machine's paths and most bytes."""
    small = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(small, "w") as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(entry, source.read(entry), compresslevel=9)
    return small.getvalue()


def write_alone(name, archive):
    TARGET.mkdir(parents=True, exist_ok=True)
    saved = io.BytesIO()
    torch.jit.save(archive, saved)
    (TARGET / f"{name}.pt").write_bytes(without_debug_files(saved))


def write(name, archive, probes, layers):
    write_alone(name, archive)
    np.savez_compressed(TARGET / f"{name}.npz", probes=probes.float().numpy(), **layers)


def make(case):
    torch.manual_seed(case.seed)
    model = case.network()
    networks.unsettle(model)
    probes = case.probes()
    model.eval()
    watched = model
    if case.python is not None:
        watched = case.python().eval()
        watched.load_state_dict(model.state_dict())
    layers = hooked(watched, probes, case.rename, case.output)
    layers = samples_first(layers, len(probes))
    model.train(case.training)
    if case.traced:
        archive = torch.jit.trace(model, probes, check_trace=False)
    else:
        archive = torch.jit.script(model)
    archive = case.finish(archive)
    if case.expected is not None:
        layers = OrderedDict((new, layers[old]) for new, old in case.expected.items())
    write(case.name, archive, probes, layers)


def save(name, value, **options):
    saved = io.BytesIO()
    torch.save(value, saved, **options)
    (TARGET / f"{name}.pt").write_bytes(saved.getvalue())


def make_others():
    """Files that are no networks, and networks that need a word of explanation."""
    torch.manual_seed(7)
    small = networks.Small().eval()
    save("not_state_dict", small.state_dict())
    save("not_checkpoint", {"step": 3, "model_state_dict": small.state_dict()})
    save("not_legacy", small.state_dict(), _use_new_zipfile_serialization=False)
    save("not_pickled_module", torch.nn.Sequential(torch.nn.Linear(2, 2)))
    probes = torch.randn(5, 4)
    # Debian's PyTorch computes no half precision on a CPU: float32 with the same weights.
    rounded = networks.Small().half().float().eval()
    layers = hooked(rounded, probes, {}, "output")
    write("half_precision", torch.jit.script(networks.as_half(rounded)), probes, layers)
    write_alone("two_inputs", torch.jit.script(networks.TwoInputs().eval()))
    dropped = torch.jit.trace(networks.Dropped().train(), probes, check_trace=False)
    write_alone("traced_in_training", dropped)
    plain = networks.Plain().eval()
    optimised = torch.jit.optimize_for_inference(torch.jit.script(plain))
    write_alone("optimised", optimised)
    write_alone("counts_runs", torch.jit.script(networks.CountsRuns().eval()))
    write_alone("counts_in_buffer", torch.jit.script(networks.CountsInBuffer().eval()))
    write_alone("counts_in_list", torch.jit.script(networks.CountsInList().eval()))
    write_alone("counts_in_tuple", torch.jit.script(networks.CountsInTuple().eval()))
    write_alone("counts_in_tensors", torch.jit.script(networks.CountsInTensors().eval()))
    write_alone("counts_in_shape", torch.jit.script(networks.CountsInShape().eval()))
    write_alone("counts_from_nan", torch.jit.script(networks.CountsFromNan().eval()))
    for network in (networks.CountsManyInParameter, networks.CountsManyInTensors):
        name = re.sub("(?<!^)(?=[A-Z])", "_", network.__name__).lower()
        write_alone(name, torch.jit.script(network().eval()))
    write_alone("mixes_by_gate", torch.jit.script(networks.MixesByGate().eval()))
    write_alone("noisy", torch.jit.script(networks.Noisy().eval()))
    write_alone("drops_out_always", torch.jit.script(networks.DropsOutAlways().eval()))
    write_alone("deadly", torch.jit.script(networks.Deadly().eval()))


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order in which torch.jit compiles
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    warnings.simplefilter("ignore")
    for case in networks.CASES:
        wanted = len(sys.argv) < 2 or case.name in sys.argv[1:]
        if wanted and torch.__version__.startswith(case.torch + "."):
            make(case)
            print(case.name, (TARGET / f"{case.name}.pt").stat().st_size)
    if len(sys.argv) < 2:
        make_others()
