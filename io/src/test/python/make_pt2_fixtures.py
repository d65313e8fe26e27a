"""Makes programs of torch.export and the activations that PyTorch's own hooks see.

    python make_pt2_fixtures.py ../resources/pt2        (PyTorch 2.15.0; threes, eachself, together and several: 2.7.1; states and taken: 2.10.0)

Beside the container that this release writes, the same programs are put into the containers and forms of
older ones: flat (up to 2.7), weights as one file of torch.save (2.8), unions with all members (2.1, 2.2).
"""

import copy
import io
import json
import pathlib
import sys
import zipfile

import numpy as np
import torch
from torch import nn

OUT = pathlib.Path(sys.argv[1])


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Net(nn.Module):
    """Blocks, a pool that is called twice, a frozen part, a dictionary of results."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([Block(1, 2), Block(2, 3)])
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=4, mode="nearest")
        self.output = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        with torch.no_grad():
            a = self.pool(self.stages[0](x))
        b = self.pool(self.stages[1](a))
        return {"out": self.output(self.up(b)), "aux": b}


class Odd(nn.Module):
    """Views as weights, one tensor under two names, constants, a buffer that a run changes."""

    def __init__(self):
        super().__init__()
        long = torch.randn(60)
        self.first = nn.Conv2d(1, 2, 3, padding=1)
        self.first.weight = nn.Parameter(long[7:25].view(2, 1, 3, 3))
        self.second = nn.Conv2d(2, 2, 3, padding=1, bias=False)
        self.second.weight = nn.Parameter(torch.randn(3, 3, 2, 2).permute(3, 2, 0, 1))
        self.third = nn.Conv2d(2, 2, 3, padding=1, bias=False)
        self.third.weight = self.second.weight
        self.register_buffer("runs", torch.zeros(1))
        self.register_buffer("ramp", torch.arange(4.0), persistent=False)
        self.scale = torch.tensor(1.5, dtype=torch.bfloat16)

    def forward(self, x):
        self.runs.add_(1)
        y = self.third(self.second(self.first(x))) * self.scale + self.runs
        return torch.where(y > 0, y, 1 - self.ramp)


def place(key, result, values):
    if isinstance(result, torch.Tensor):
        values[key] = result.detach().clone().contiguous().numpy()
    elif isinstance(result, tuple):
        for i, one in enumerate(result):
            place(f"{key}[{i}]", one, values)


def hooked(module, x):
    values = {"probe": x.numpy()}
    calls = {}

    def record(name):
        def hook(_, __, result):
            calls[name] = calls.get(name, 0) + 1
            key = name if calls[name] == 1 else f"{name}#{calls[name]}"
            place(key, result, values)

        return hook

    for name, part in module.named_modules():
        if name:
            part.register_forward_hook(record(name))
    with torch.no_grad():
        result = module(x)
    if isinstance(result, dict):
        for i, value in enumerate(result.values()):
            values[f"result[{i}]"] = value.numpy()
    else:
        values["result"] = result.numpy()
    return values


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def without_traces(program):
    """They hold the paths of this machine and are most of the file."""
    program = json.loads(program)

    def clean(graph):
        for node in graph["nodes"]:
            node["metadata"] = {k: v for k, v in node["metadata"].items() if k == "nn_module_stack"}
            for given in node["inputs"]:
                if "as_graph" in given["arg"]:
                    clean(given["arg"]["as_graph"]["graph"])

    clean(program["graph_module"]["graph"])
    return program


def saved(value):
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


MEMBERS = ["as_none", "as_tensor", "as_tensors", "as_int", "as_ints", "as_float", "as_string", "as_bool"]


def all_members(value):
    """The unions of old schemas."""
    if isinstance(value, list):
        return [all_members(v) for v in value]
    if not isinstance(value, dict):
        return value
    value = {k: all_members(v) for k, v in value.items()}
    if len(value) == 1 and next(iter(value)) in MEMBERS and "as_none" not in value:
        return {**{m: None for m in MEMBERS}, **value}
    return {"as_none": []} if value == {"as_none": True} else value


def save(name, module, x, shapes=None):
    torch.manual_seed(1)
    module.eval()
    program = torch.export.export(module, (x,), dynamic_shapes=shapes)
    path = OUT / f"{name}.pt2"
    torch.export.save(program, path)
    parts = entries(path)
    root = next(n for n in parts if n.endswith("archive_format"))[: -len("archive_format")]
    model = next(n for n in parts if n.startswith(root + "models/"))
    text = without_traces(parts[model])
    parts = {k: v for k, v in parts.items() if "sample_inputs" not in k}
    parts[model] = json.dumps(text).encode()
    write(path, parts)
    state, constants = saved(dict(program.state_dict)), saved(dict(program.constants))
    np.savez_compressed(OUT / f"{name}.npz", **hooked(module, x))
    return state, constants, text, parts, root, model


def older(name, state, constants, text, parts, root, model):
    kept = {k: v for k, v in parts.items() if not k.startswith(root + "data/")}
    leaf = model.split("/")[-1][: -len(".json")]
    write(
        OUT / f"{name}_28.pt2",
        {**kept, f"{root}data/weights/{leaf}.pt": state, f"{root}data/constants/{leaf}.pt": constants},
    )
    flat = all_members(text)
    write(
        OUT / f"{name}_flat.pt2",
        {
            "serialized_exported_program.json": json.dumps(flat).encode(),
            "serialized_state_dict.json": state,
            "serialized_constants.json": constants,
            "version": b"8.7",
        },
    )


OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
net = Net()
with torch.no_grad():
    for _ in range(3):
        net.train()(torch.randn(4, 1, 8, 8))
older("net", *save("net", net, torch.randn(2, 1, 8, 8)))
older("odd", *save("odd", Odd(), torch.randn(2, 1, 4, 4)))
grow = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.PixelShuffle(1), nn.AvgPool2d(2), nn.Flatten(2))
size = torch.export.Dim("size", min=2, max=50)
save("sizes", grow, torch.randn(3, 1, 6, 8), ({0: torch.export.Dim("batch"), 2: 2 * size},))


class Stash(nn.Module):
    """Hands a value to others beside what it returns."""

    def __init__(self, shelf):
        super().__init__()
        self.c = nn.Conv2d(3, 3, 3, padding=1)
        object.__setattr__(self, "shelf", shelf)
        self.p = nn.AvgPool2d(2)

    def forward(self, x):
        y = self.c(x).relu()
        self.shelf.append(self.p(y))
        return y


class Around(nn.Module):
    def __init__(self):
        super().__init__()
        self.shelf = []
        self.b = Stash(self.shelf)
        self.d = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        self.shelf.clear()
        y = self.d(self.b(x))
        return y + nn.functional.interpolate(self.shelf[0], scale_factor=2.0)


class Returned(nn.Module):
    """Returns what it was given."""

    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        self.c(x)
        return x


batch = ({0: torch.export.Dim("b")},)
returned = nn.Sequential(Returned(), nn.Conv2d(3, 2, 1))
for name, model in (("stash", Around()), ("returned", returned)):
    program = torch.export.export(
        model.eval(), (torch.randn(2, 3, 8, 10),), dynamic_shapes=batch, strict=False
    )
    path = OUT / f"{name}.pt2"
    torch.export.save(program, path)
    parts = {k: v for k, v in entries(path).items() if "sample_inputs" not in k}
    program_entry = next(n for n in parts if "/models/" in n)
    parts[program_entry] = json.dumps(without_traces(parts[program_entry])).encode()
    write(path, parts)


class Threes(nn.Module):
    """Sees three slices at a time, as networks of 2.5 dimensions do."""

    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        y = self.c(x)
        three = y.reshape(x.shape[0] // 3, 3, -1).mean(1, keepdim=True).expand(-1, 3, -1)
        return three.reshape(x.shape[0], -1)


class States(nn.Module):
    """PyTorch 2.9 and 2.10 write the states of an LSTM with an axis too many."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 3, batch_first=True)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head(self.lstm(x[:, 0])[1][0][-1])


class Taken(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return torch.rsub(self.c(x), 2, alpha=0.5)


class Largest(nn.Module):
    def forward(self, x):
        return x.max(2)[0]


class Halves(nn.Module):
    def forward(self, x):
        return x.chunk(2, 1)


class Several(nn.Module):
    """Modules of several results, all or some of which are used."""

    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)
        self.bare = nn.MaxPool2d(2)
        self.norm = nn.BatchNorm2d(1)
        self.both = nn.LSTM(4, 3, batch_first=True)
        self.state = nn.LSTM(3, 3, batch_first=True)
        self.gru = nn.GRU(4, 3, batch_first=True)
        self.attention = nn.MultiheadAttention(3, 1, batch_first=True)
        self.weights = nn.MultiheadAttention(3, 1, batch_first=True)
        self.largest = Largest()
        self.halves = Halves()

    def forward(self, x):
        x = self.unpool(*self.pool(self.norm(x))) + nn.functional.interpolate(self.bare(x), scale_factor=2.0)
        y, (_, c) = self.both(x[:, 0])
        c = c.reshape(x.shape[0], -1)
        g = self.gru(x[:, 0])[1][0]
        s = self.state(y)[1][0].reshape(x.shape[0], -1)
        a, _ = self.attention(y, y, y, need_weights=False)
        _, w = self.weights(y, y, y)
        low, _ = self.halves(y)
        sums = [low.sum((1, 2)), w.sum((1, 2)), c.sum(1), g.sum(1), s.sum(1)]
        return self.largest(a) + sum(sums)[:, None]


def keep(name, module, shapes, decomposed):
    """As PyTorch wrote it, but for traces and examples."""
    program = torch.export.export(module, (probe[:6],), dynamic_shapes=shapes)
    path = OUT / f"{name}.pt2"
    torch.export.save(program.run_decompositions() if decomposed else program, path)
    parts = {k: v for k, v in entries(path).items() if "inputs" not in k}
    entry = next(n for n in parts if "/models/" in n or n == "serialized_exported_program.json")
    parts[entry] = json.dumps(without_traces(parts[entry])).encode()
    write(path, parts)
    np.savez_compressed(OUT / f"{name}.npz", **hooked(module, probe))


torch.manual_seed(2)
threes, probe = Threes().eval(), torch.randn(9, 1, 5, 5)
keep("threes", threes, ({0: 3 * torch.export.Dim("b", min=1, max=10)},), False)
for name, norm in (
    ("eachself", nn.InstanceNorm2d(2, affine=True)),
    ("together", nn.BatchNorm2d(2, track_running_stats=False)),
):
    keep(name, nn.Sequential(nn.Conv2d(1, 2, 3), norm).eval(), batch, True)
keep("states", States().eval(), batch, False)
keep("taken", Taken().eval(), batch, True)
probe = torch.randn(3, 1, 4, 4)
several = Several().eval()
with torch.no_grad():
    several.train()(probe)
    several.eval()
keep("several", copy.deepcopy(several), None, False)
