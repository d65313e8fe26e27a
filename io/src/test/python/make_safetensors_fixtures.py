"""Makes io/src/test/resources/safetensors: a file written by the safetensors library, and its values.

Run with:  python3 io/src/test/python/make_safetensors_fixtures.py io/src/test/resources/safetensors
The file in the repository was written by safetensors 0.8.0 with PyTorch 1.13.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file

from make_torch_fixtures import odd_tensors

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
tensors = {name: t.detach().clone().contiguous() for name, t in odd_tensors().items() if t.numel()}
save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
expected = {
    name: {"shape": list(t.shape), "values": t.to(torch.float64).flatten().tolist()}
    for name, t in tensors.items()
}
(folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
