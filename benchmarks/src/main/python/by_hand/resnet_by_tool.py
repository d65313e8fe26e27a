"""resnet_by_tool.py A.ckpt B.ckpt PROBES.npy OUT.csv: the same by pytorch-cka (pip install pytorch-cka)."""
import sys

import numpy as np
import torch
from cka import compute_cka

from layers import load, write
from networks import RESNET_LAYERS, ResNet18

if __name__ == "__main__":
    first, second, probes, out = sys.argv[1:]
    batches = torch.utils.data.DataLoader(torch.from_numpy(np.load(probes)), batch_size=250)
    matrix, = compute_cka(load(ResNet18(), first), load(ResNet18(), second), batches,
                          layers=RESNET_LAYERS, device="cpu", progress=False)
    write(out, [(one, other, matrix[i, j].item())
                for i, one in enumerate(RESNET_LAYERS) for j, other in enumerate(RESNET_LAYERS)])
