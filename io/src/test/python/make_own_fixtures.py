"""Writes io/src/test/resources/own: networks with their descriptions, and what their modules gave.

usage: python3 make_own_fixtures.py        in io/src/test/resources/own; needs PyTorch
"""

import json

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

def save(name, model, probe, desc):
    model.eval()
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.running_var is not None:
            m.running_mean.normal_(); m.running_var.uniform_(.5, 2)
        if isinstance(m, nn.GroupNorm) and m.affine: m.weight.data.normal_(); m.bias.data.normal_()
    torch.save(model, name + "_whole.pth")
    exp, calls = {}, {}
    for n, m in model.named_modules():
        if n:
            def hook(mod, i, o, n=n):
                calls[n] = calls.get(n, 0) + 1
                exp[n if calls[n] == 1 else f"{n}#{calls[n]}"] = o.detach().clone().numpy()
            m.register_forward_hook(hook)
    with torch.no_grad(): out = model(probe)
    exp["output"] = out.numpy()
    torch.save(model.state_dict(), name + ".pth")
    np.savez_compressed(name + ".npz", probe=probe.numpy(), **exp)
    with open(name + ".json", "w") as file:
        json.dump(desc, file)

class Gate(nn.Module):
    def __init__(s, g, l, i):
        super().__init__()
        s.W_g = nn.Sequential(nn.Conv2d(g, i, 1), nn.BatchNorm2d(i)); s.W_x = nn.Sequential(nn.Conv2d(l, i, 1), nn.BatchNorm2d(i))
        s.psi = nn.Sequential(nn.Conv2d(i, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid()); s.relu = nn.ReLU(inplace=True)
    def forward(s, g, x): return x * s.psi(s.relu(s.W_g(g) + s.W_x(x)))
class Att(nn.Module):
    def __init__(s):
        super().__init__()
        s.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(6, 4, 3, padding=1), nn.GroupNorm(2, 4, affine=False), nn.PReLU(4))
        s.enc = nn.Conv2d(2, 4, 3, padding=1); s.pool = nn.MaxPool2d(2, ceil_mode=True); s.bott = nn.Conv2d(4, 6, 3, padding=1)
        s.att = Gate(4, 4, 3); s.out = nn.Conv2d(8, 2, 1)
    def forward(s, x):
        e = s.enc(x); b = s.bott(s.pool(e)); u = s.up(b)
        u = F.pad(u, [0, e.size(3) - u.size(3), 0, e.size(2) - u.size(2)])
        u2 = F.interpolate(u, size=e.shape[2:], mode="nearest")
        return torch.tanh(s.out(torch.cat([s.att(u2, e), u2], 1)))
gate = {"takes": ["g", "x"], "steps": [
  {"module": "W_g", "sequence": ["Conv2d", "BatchNorm2d"], "from": "g", "as": "a"},
  {"module": "W_x", "sequence": ["Conv2d", "BatchNorm2d"], "from": "x", "as": "b"},
  {"function": "add", "from": ["a", "b"]}, {"module": "relu", "type": "ReLU"},
  {"module": "psi", "sequence": ["Conv2d", "BatchNorm2d", "Sigmoid"]}, {"function": "mul", "from": ["x", "previous"]}]}
save("attention", Att(), torch.randn(1, 2, 7, 10), {"input": {"channels": 2, "axes": 2}, "blocks": {"gate": gate}, "steps": [
  {"module": "enc", "type": "Conv2d", "padding": 1, "as": "e"}, {"module": "pool", "type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True},
  {"module": "bott", "type": "Conv2d", "padding": 1},
  {"module": "up", "sequence": [{"type": "Upsample", "scale_factor": 2}, {"type": "Conv2d", "padding": 1}, {"type": "GroupNorm", "num_groups": 2}, "PReLU"]},
  {"function": "pad_to", "side": "end", "from": ["previous", "e"]}, {"function": "interpolate", "from": ["previous", "e"], "as": "u"},
  {"module": "att", "block": "gate", "from": ["u", "e"]}, {"function": "cat", "from": ["previous", "u"]}, {"module": "out", "type": "Conv2d"}, {"function": "tanh"}]})

class Odd(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.ModuleList([nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"), nn.Conv2d(4, 4, 3, padding=(1, 2), padding_mode="circular"), nn.Conv2d(4, 8, 4, padding="same"),
          nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8, bias=False), nn.Conv2d(8, 6, (1, 3), padding=(0, 1), padding_mode="replicate", groups=2), nn.Conv2d(6, 6, 4, dilation=(1, 3), padding="same", padding_mode="reflect")])
        s.pool = nn.MaxPool2d(3, 2, 1, ceil_mode=True); s.avg = nn.AvgPool2d(2, ceil_mode=True, padding=1, count_include_pad=False); s.inn = nn.InstanceNorm2d(6, track_running_stats=True, affine=False)
        s.norm = nn.BatchNorm2d(6, eps=1e-3, affine=False); s.ct = nn.ConvTranspose2d(6, 8, 3, 2, 1, 1, groups=2, dilation=2, bias=False); s.shuffle = nn.PixelShuffle(2); s.pad = nn.ReflectionPad2d((1, 2, 0, 1)); s.gn = nn.GroupNorm(1, 2, eps=1e-3)
        s.up = nn.Upsample(scale_factor=(2, 1.5), mode="bicubic", align_corners=True); s.ex = nn.Upsample(size=(20, 15), mode="nearest-exact")
    def forward(s, x):
        i = x
        for c in s.c: x = F.leaky_relu(c(x), 0.2)
        x = s.pool(x); x = s.avg(x) ; x = s.norm(s.inn(x)); x = s.shuffle(s.ct(x)); x = s.gn(s.pad(x)); x = s.ex(s.up(x))
        x = F.interpolate(x, size=i.shape[2:], mode="bilinear", align_corners=False)
        return F.log_softmax(x - F.elu(i), 1)
act = {"function": "leaky_relu", "negative_slope": 0.2}
cs = [dict(padding=1, padding_mode="reflect"), dict(padding=[1, 2], padding_mode="circular"), dict(padding="same"), dict(padding=2, dilation=2, groups=8), dict(padding=[0, 1], padding_mode="replicate", groups=2), dict(dilation=[1, 3], padding="same", padding_mode="reflect")]
steps = []
for i, c in enumerate(cs): steps += [{"module": f"c.{i}", "type": "Conv2d", **c}, act]
steps += [{"module": "pool", "type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"module": "avg", "type": "AvgPool2d", "kernel_size": 2, "ceil_mode": True, "padding": 1, "count_include_pad": False},
 {"module": "inn", "type": "InstanceNorm2d", "affine": False}, {"module": "norm", "type": "BatchNorm2d", "eps": 1e-3}, {"module": "ct", "type": "ConvTranspose2d", "stride": 2, "padding": 1, "output_padding": 1, "groups": 2, "dilation": 2},
 {"module": "shuffle", "type": "PixelShuffle", "upscale_factor": 2}, {"module": "pad", "type": "ReflectionPad2d", "padding": [1, 2, 0, 1]}, {"module": "gn", "type": "GroupNorm", "num_groups": 1, "eps": 1e-3},
 {"module": "up", "type": "Upsample", "scale_factor": [2, 1.5], "mode": "bicubic", "align_corners": True}, {"module": "ex", "type": "Upsample", "size": [20, 15], "mode": "nearest-exact"},
 {"function": "interpolate", "mode": "bilinear", "from": ["previous", "input"], "as": "x"}, {"function": "elu", "from": "input"}, {"function": "sub", "from": ["x", "previous"]}, {"function": "log_softmax", "dim": 1}]
save("odd", Odd(), torch.randn(1, 2, 13, 11), {"input": {"channels": 2, "axes": 2}, "steps": steps})

class Vol(nn.Module):
    def __init__(s):
        super().__init__()
        s.c1 = nn.Conv3d(1, 3, 3, padding=1); s.pool = nn.AvgPool3d((1, 2, 2)); s.c2 = nn.Conv3d(3, 3, (1, 3, 3), padding=(0, 1, 1)); s.se = nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Conv3d(3, 3, 1), nn.Hardsigmoid()); s.up = nn.Upsample(scale_factor=(1, 2, 2), mode="trilinear"); s.out = nn.Conv3d(6, 2, 1)
    def forward(s, x):
        a = F.silu(s.c1(x)); b = s.pool(s.c2(s.pool(a))); b = b * s.se(b); b = s.up(s.up(b)); b = F.interpolate(b, size=a.shape[2:])
        return s.out(torch.cat([b, a], 1))
save("volume", Vol(), torch.randn(1, 1, 5, 7, 6), {"input": {"channels": 1, "axes": 3}, "steps": [
 {"module": "c1", "type": "Conv3d", "padding": 1}, {"function": "silu", "as": "a"}, {"module": "pool", "type": "AvgPool3d", "kernel_size": [1, 2, 2]}, {"module": "c2", "type": "Conv3d", "padding": [0, 1, 1]}, {"module": "pool", "type": "AvgPool3d", "kernel_size": [1, 2, 2], "as": "b"},
 {"module": "se", "sequence": [{"type": "AdaptiveAvgPool3d", "output_size": 1}, "Conv3d", "Hardsigmoid"]}, {"function": "mul", "from": ["b", "previous"]},
 {"module": "up", "type": "Upsample", "scale_factor": [1, 2, 2], "mode": "trilinear"}, {"module": "up", "type": "Upsample", "scale_factor": [1, 2, 2], "mode": "trilinear"}, {"function": "interpolate", "from": ["previous", "a"]}, {"function": "cat", "from": ["previous", "a"]}, {"module": "out", "type": "Conv3d"}]})

# Not what its description says: a module was taken out, and a hook added.
def double(module, inputs, result): return 2 * result
changed = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Dropout(0.5), nn.Conv2d(2, 1, 3)).eval()
with open("changed.json", "w") as file:
    json.dump({"input": {"channels": 1, "axes": 2}, "steps": [
        {"module": "0", "type": "Conv2d"}, {"module": "1", "type": "ReLU"}, {"module": "2", "type": "Dropout"}, {"module": "3", "type": "Conv2d"}]}, file)
torch.save(changed, "changed_not.pth")
changed[1] = nn.Identity()
torch.save(changed, "changed_identity.pth")
changed[1] = nn.ReLU()
changed[0].register_forward_hook(double)
torch.save({"model": changed, "epoch": 3}, "changed_hook.pth")
