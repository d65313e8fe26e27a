"""A network of Keras 3 whose inner network is frozen but for one layer, as transfer learning leaves it.

make_keras_frozen.py FILE.h5   (Keras 3.15.1; KERAS_BACKEND=torch)
"""
import sys

import keras
import numpy as np
from keras import layers


def filled(layer, scales, shift):
    layer.set_weights([np.diag(scales).reshape(1, 1, 2, 2), np.full(2, shift)])


first, second = layers.Conv2D(2, 1, name="first"), layers.Conv2D(2, 1, name="second")
inner_input = keras.Input((4, 4, 2))
inner = keras.Model(inner_input, second(first(inner_input)), name="encoder")
filled(first, [2.0, 3.0], 1.0)
filled(second, [5.0, 7.0], 0.0)
inner.trainable = False
second.trainable = True
outer_input = keras.Input((4, 4, 2))
keras.Model(outer_input, inner(outer_input)).save(sys.argv[1])
