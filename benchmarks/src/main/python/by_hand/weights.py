"""weights.py A.ckpt B.ckpt OUT.csv: change, cosine and nearest filter of each convolution."""
import sys

import torch
from torch.nn.functional import cosine_similarity, normalize

from layers import write


def main(first, second, out):
    first = torch.load(first, weights_only=True)
    second = torch.load(second, weights_only=True)
    table = []
    for name, weight in first.items():
        if weight.dim() == 4:
            x, y = weight.flatten(1).double(), second[name].flatten(1).double()
            nearest = (normalize(x) @ normalize(y).T).amax(1)
            change = torch.linalg.norm(x - y) / torch.linalg.norm(x)
            table.append((name, change.item(), cosine_similarity(x, y).mean().item(), nearest.mean().item()))
    write(out, table)


if __name__ == "__main__":
    main(*sys.argv[1:])
