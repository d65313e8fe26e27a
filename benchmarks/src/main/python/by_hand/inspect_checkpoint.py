"""inspect_checkpoint.py A.ckpt: names, shapes and types."""
import sys

import torch

if __name__ == "__main__":
    for name, tensor in torch.load(sys.argv[1], weights_only=True).items():
        print(name, tuple(tensor.shape), tensor.dtype)
