"""resnet.py A.ckpt B.ckpt PROBES.npy OUT.csv: minibatch CKA of flattened layers, batches of 250."""
import sys

import numpy as np
import torch

from layers import load, recorded, write
from networks import RESNET_LAYERS, ResNet18

BATCH = 250


def centred_gram(layer):
    """U-centred (Szekely and Rizzo 2014), so that products of two are unbiased HSIC but for a factor."""
    x = layer.flatten(1)
    x = x - x.mean(0)
    gram = x @ x.T
    gram.fill_diagonal_(0)
    gram = gram.double()
    n = len(gram)
    sums = gram.sum(0)
    gram += sums.sum() / ((n - 1) * (n - 2)) - (sums[:, None] + sums[None]) / (n - 2)
    return gram.fill_diagonal_(0).flatten()


def main(first, second, probes, out):
    networks = [load(ResNet18(), first), load(ResNet18(), second)]
    layers = [recorded(network, RESNET_LAYERS) for network in networks]
    cross, own = 0, [0, 0]
    with torch.inference_mode():
        for batch in torch.from_numpy(np.load(probes)).split(BATCH):
            for network in networks:
                network(batch)
            grams = [torch.stack([centred_gram(one[name]) for name in RESNET_LAYERS]) for one in layers]
            cross = cross + grams[0] @ grams[1].T
            own = [sums + (gram * gram).sum(1) for sums, gram in zip(own, grams)]
    cka = cross / torch.sqrt(torch.outer(*own))
    write(out, [(one, other, cka[i, j].item())
                for i, one in enumerate(RESNET_LAYERS) for j, other in enumerate(RESNET_LAYERS)])


if __name__ == "__main__":
    main(*sys.argv[1:])
