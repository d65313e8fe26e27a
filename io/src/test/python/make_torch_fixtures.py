"""Makes io/src/test/resources/torch: files written by PyTorch itself, and their values.

Run with:  python3 io/src/test/python/make_torch_fixtures.py io/src/test/resources/torch
"""

import json
import pathlib
import sys
from collections import OrderedDict

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
        self.up = nn.ConvTranspose2d(2, 1, 2, stride=2)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.up(self.enc(x))


def odd_tensors():
    base = torch.arange(24, dtype=torch.float32)
    shared = torch.arange(6, dtype=torch.float64)
    return OrderedDict(
        f64=torch.tensor([1.5, -2.25], dtype=torch.float64),
        f32=torch.tensor([[0.1, 0.2]]),
        f16=torch.tensor([65504.0, 5.960464477539063e-08]).half(),
        bf16=torch.tensor([3.140625, -1e30]).bfloat16(),
        i64=torch.tensor([-(2**53), 2**53]),
        i32=torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        i16=torch.tensor([-32768], dtype=torch.int16),
        i8=torch.tensor([-128, 127], dtype=torch.int8),
        u8=torch.tensor([0, 255], dtype=torch.uint8),
        bool=torch.tensor([True, False]),
        scalar=torch.tensor(7),
        transposed=base.reshape(4, 6).t(),
        part=base.reshape(2, 3, 4)[:, 1:, ::2],
        channels_last=base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        expanded=torch.tensor([2.5]).expand(2, 3),
        first_half=shared[:3],
        second_half=shared[3:],
        parameter=nn.Parameter(torch.tensor([9.0])),
        empty=torch.zeros(0, 3),
    )


def values(state):
    return [
        {"name": k, "shape": list(v.shape), "values": v.detach().double().flatten().tolist()}
        for k, v in state.items()
    ]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    net = Net()
    state = net.state_dict()
    old = {"_use_new_zipfile_serialization": False}

    torch.save(state, folder / "state.pth")
    torch.save(state, folder / "state_legacy.pth", **old)
    odd = odd_tensors()
    torch.save(odd, folder / "odd.pth")
    torch.save(odd, folder / "odd_legacy.pth", **old)
    torch.save(odd, folder / "odd_protocol4.pth", pickle_protocol=4)
    torch.save(odd, folder / "odd_legacy_protocol1.pth", pickle_protocol=1, **old)
    torch.save(state["fc.bias"], folder / "protocol0.pth", pickle_protocol=0)
    torch.save(state["fc.bias"], folder / "protocol0_legacy.pth", pickle_protocol=0, **old)

    optimiser = torch.optim.Adam(net.parameters())
    net(torch.zeros(1, 1, 8, 8)).sum().backward()
    optimiser.step()
    state = {k: v.clone() for k, v in net.state_dict().items()}
    parallel = nn.DataParallel(net).state_dict()
    for key in ("model_state_dict", "state_dict", "model"):
        checkpoint = {
            "epoch": 3,
            key: parallel if key == "state_dict" else state,
            "optimizer_state_dict": optimiser.state_dict(),
            "path": pathlib.PurePosixPath("runs/a"),
            "best": np.float64(0.5),
        }
        torch.save(checkpoint, folder / (key + ".ckpt"))
    torch.save({"a": state, "b": state}, folder / "two.ckpt")
    torch.save({"encoder": {"w": torch.ones(2)}, "x": torch.zeros(1)}, folder / "nested.ckpt")
    torch.save(net, folder / "module.pth")
    torch.jit.script(net).save(str(folder / "scripted.pt"))
    torch.jit.freeze(torch.jit.script(net.eval())).save(str(folder / "frozen.pt"))
    quantised = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)
    torch.save({"q": quantised, "s": torch.eye(2).to_sparse(), "c": torch.ones(1) * 1j,
                "w": torch.ones(2)}, folder / "unread.pth")
    torch.save({"q": quantised}, folder / "quantised.pth")
    odd.pop("empty")
    expected = {"state": values(state), "odd": values(odd)}
    first = torch.load(folder / "state.pth")
    expected["first"] = values(first)
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
