"""What PyTorch itself says of the modules in the TorchScript fixtures: path, class, trained numbers.

Writes modules.json beside the archives of make_torchscript_fixtures.py. Run with Debian's PyTorch 1.13.
"""

import json
from pathlib import Path

import torch

FOLDER = Path(__file__).parent.parent / "resources/org/palimpsest/io/internal/torchscript"


def modules(archive):
    network = torch.jit.load(archive)
    return [
        [path, module.original_name, sum(p.numel() for p in module.parameters())]
        for path, module in network.named_modules(remove_duplicate=False)
    ]


listing = {}
for archive in sorted(FOLDER.glob("*.pt")):
    try:
        listing[archive.stem] = modules(str(archive))
    except RuntimeError as refused:  # state dicts, and what no PyTorch can load
        print(archive.name, str(refused).splitlines()[0])
lines = [f'  "{name}": {json.dumps(found)}' for name, found in listing.items()]
(FOLDER / "modules.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
