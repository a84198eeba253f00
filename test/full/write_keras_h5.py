"""Has Keras write MobileNetV2's weights in its file layouts, and the features of a fixed input.

    .venv-keras/bin/python test/full/write_keras_h5.py <folder with weights.json and weights.bin>

The folded weights given are put into a network whose BatchNorms are not neutral: each has its own gamma, beta,
mean and variance, and the kernels are scaled to make up for them.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))

import make_reference as reference  # sets up the environment before Keras is imported
import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format


def read_weights(folder):
    values = np.fromfile(os.path.join(folder, "weights.bin"), dtype="<f4")
    weights, offset = {}, 0
    with open(os.path.join(folder, "weights.json")) as file:
        for entry in json.load(file):
            size = int(np.prod(entry["shape"]))
            weights[entry["name"]] = values[offset : offset + size].reshape(entry["shape"]).astype(np.float64)
            offset += size
    return weights


def unfold(model, weights):
    for layer in model.layers:
        if not reference.is_convolution(layer):
            continue
        name = reference.slim(layer.name)
        kernel, bias = weights[f"{name}/{reference.kernel_name(layer)}"], weights[f"{name}/bias"]
        gamma, beta, mean, variance = (
            reference.seeded(f"{name}/{part}", bias.shape, low, high).astype(np.float64)
            for part, low, high in (("gamma", 0.5, 1.5), ("beta", -0.5, 0.5), ("moving_mean", 0, 0), ("moving_variance", 0.5, 1.5))
        )
        scale = gamma / np.sqrt(variance + 1e-3)
        mean = (beta - bias) / scale
        shape = (1, 1, -1, 1) if reference.kernel_name(layer) == "depthwise_kernel" else (1, 1, 1, -1)
        layer.set_weights([kernel / scale.reshape(shape)])
        model.get_layer(reference.norm_after(layer.name)).set_weights([gamma, beta, mean, variance])


def main():
    folder = sys.argv[1]
    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None, pooling="avg")
    unfold(model, read_weights(folder))
    with h5py.File(os.path.join(folder, "legacy.h5"), "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    model.save_weights(os.path.join(folder, "keras3.weights.h5"))
    model.save(os.path.join(folder, "whole.h5"))
    with open(os.path.join(folder, "features.json"), "w") as file:
        json.dump(reference.numbers(model(reference.pixels(2, 96), training=False)), file)


if __name__ == "__main__":
    main()
