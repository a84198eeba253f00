"""Makes the numbers that the tests compare this project with, by Keras itself.

    .venv-keras/bin/python test/reference/make_reference.py [folder]

Weights and inputs are drawn from a seed by the generator of lib/base/random.ts (see seeded-weights.ts), so both sides have the
same ones. Without a folder, the committed files beside this script are written anew.
"""

import json
import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras.src.legacy.saving import legacy_h5_format
from keras_network import attach_heads, folded_mobilenet, is_convolution, kernel_name, norm_after, slim

SEED = 7
MASK = np.uint64(0xFFFFFFFF)


def seeded(name, shape, low, high):
    """Uniform numbers in [low, high) from the stream of that name: mulberry32, whose state only counts up."""
    state = (0x811C9DC5 ^ SEED) & 0xFFFFFFFF
    for character in name:
        state = ((state ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    steps = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64)
    state = (np.uint64(state) + steps * np.uint64(0x6D2B79F5)) & MASK
    mixed = ((state ^ (state >> np.uint64(15))) * (state | np.uint64(1))) & MASK
    mixed ^= (mixed + (mixed ^ (mixed >> np.uint64(7))) * (mixed | np.uint64(61))) & MASK
    uniform = (mixed ^ (mixed >> np.uint64(14))).astype(np.float64) / 2**32
    return (low + (high - low) * uniform).astype(np.float32).reshape(shape)


def kernel(name, shape):
    inputs = 9 if name.endswith("depthwise_kernel") else shape[0] * shape[1] * shape[2]
    limit = np.sqrt((1.5 if name.endswith("project/kernel") else 6) / inputs)
    return seeded(name, shape, -limit, limit)


def pixels(count, size):
    images = np.floor(seeded(f"images {size}", (count, size, size, 3), 0, 256))
    return (images.astype(np.float64) / 127.5 - 1).astype(np.float32)


def labels(count):
    return seeded("ages", (count,), -2, 2), np.floor(seeded("genders", (count,), 0, 2)).astype(np.int32)


def weight_name(layer, variable):
    return f"{layer.name}/{kernel_name(layer) if variable.name == 'kernel' else variable.name}"


def seed_normed(model):
    """Seeded kernels and BatchNorms for a model of keras.applications."""
    for layer in model.layers:
        if not is_convolution(layer):
            continue
        name = slim(layer.name)
        layer.set_weights([kernel(f"{name}/{kernel_name(layer)}", layer.get_weights()[0].shape)])
        norm = model.get_layer(norm_after(layer.name))
        channels = norm.get_weights()[0].shape
        norm.set_weights(
            [
                seeded(f"{name}/gamma", channels, 0.5, 1.5),
                seeded(f"{name}/beta", channels, -0.5, 0.5),
                seeded(f"{name}/moving_mean", channels, -0.5, 0.5),
                seeded(f"{name}/moving_variance", channels, 0.5, 1.5),
            ]
        )


def folded_network(size):
    """MobileNetV2 without BatchNorm and with the two heads, seeded."""
    base = folded_mobilenet(size)
    model = keras.Model(base.input, [base.output, *attach_heads(base.output)])
    for layer in model.layers:
        if is_convolution(layer):
            shape, bias = (weight.shape for weight in layer.get_weights())
            name = f"{layer.name}/{kernel_name(layer)}"
            layer.set_weights([kernel(name, shape), seeded(f"{layer.name}/bias", bias, -0.1, 0.1)])
    seed_heads(model)
    return model


def seed_heads(model):
    for name in ("age", "gender"):
        layer = model.get_layer(name)
        names = (f"{name}/kernel", f"{name}/bias")
        layer.set_weights([seeded(key, old.shape, -0.05, 0.05) for key, old in zip(names, layer.get_weights())])


def features_reference():
    """Features [2, 1280] at 96 px, with BatchNorm as Keras keeps it, and of the folded network."""
    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None, pooling="avg")
    seed_normed(model)
    normed = model(pixels(2, 96), training=False)
    folded = folded_network(96)(pixels(2, 96), training=False)[0]
    return {"batchNormKept": numbers(normed), "folded": numbers(folded)}


def heads_reference():
    """Five steps of Adam 1e-4 on the heads, batch 32: the losses before each step and the weights after all."""
    inputs = layers.Input((1280,))
    model = keras.Model(inputs, attach_heads(inputs))
    seed_heads(model)
    model.compile(keras.optimizers.Adam(1e-4), loss=["mse", "sparse_categorical_crossentropy"])
    x = seeded("features", (32, 1280), 0, 2)
    ages, genders = labels(32)
    steps = []
    for _ in range(5):
        age, gender = model(x)
        steps.append(losses(ages, genders, age, gender))
        model.train_on_batch(x, [ages[:, None], genders])
    weights = {f"{layer.name}/{v.name}": numbers(v) for layer in model.layers for v in layer.weights}
    return {"losses": steps, "weights": weights}


def training_reference():
    """Three steps of Adam 1e-4 on the whole folded network at 64 px, batch 4."""
    model = folded_network(64)
    optimizer = keras.optimizers.Adam(1e-4)
    x = pixels(4, 64)
    ages, genders = labels(4)
    names = [weight_name(layer, variable) for layer in model.layers for variable in layer.trainable_weights]
    steps, gradients = [], {}
    for step in range(3):
        with tf.GradientTape() as tape:
            _, age, gender = model(x, training=True)
            squared = tf.reduce_mean(keras.losses.mean_squared_error(ages[:, None], age))
            entropy = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(genders, gender))
            total = squared + entropy
        steps.append({"total": float(total), "age": float(squared), "gender": float(entropy)})
        slopes = tape.gradient(total, model.trainable_variables)
        if step == 0:
            for name, slope in zip(names, slopes):
                gradients[name] = {"norm": number(np.linalg.norm(slope)), "first": numbers(np.ravel(slope)[:8])}
        optimizer.apply_gradients(zip(slopes, model.trainable_variables))
    weights = {name: numbers(np.ravel(variable)[:8]) for name, variable in zip(names, model.trainable_variables)}
    return {"losses": steps, "gradients": gradients, "weights": weights}


def losses(ages, genders, age, gender):
    squared = float(np.mean((np.asarray(age)[:, 0] - ages) ** 2))
    entropy = float(np.mean(-np.log(np.asarray(gender)[np.arange(len(genders)), genders])))
    return {"total": squared + entropy, "age": squared, "gender": entropy}


def beginning():
    """The beginning of a real MobileNetV2 (width 0.35, to block 2): every kind of layer, small enough to commit."""
    keras.utils.clear_session()
    whole = keras.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None)
    model = keras.Model(whole.input, whole.get_layer("block_2_add").output)
    seed_normed(model)
    return model


def name_of_2018(name):
    """What Keras called the layer when it saved the ImageNet weights that it serves to this day."""
    block = re.fullmatch(r"(?:block_(\d+)|expanded_conv)_(expand|depthwise|project)(_BN)?", name)
    if not block:
        return name
    index, part, norm = block[1] or "0", block[2], block[3]
    return f"bn{index}_conv_{index}_bn_{part}" if norm else f"mobl{index}_conv_{index}_{part}"


def write_h5(folder):
    """The same weights in each layout that Keras has written, and what the model makes of a fixed input."""
    model = beginning()
    with h5py.File(os.path.join(folder, "legacy.h5"), "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    model.save_weights(os.path.join(folder, "keras3.weights.h5"))
    with h5py.File(os.path.join(folder, "keras2018.h5"), "w") as file:
        for layer in model.layers:
            group = file.create_group(name_of_2018(layer.name))
            variables = [(f"{group.name[1:]}/{variable.name}:0", variable) for variable in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name, _ in variables]
            for name, variable in variables:
                group.create_dataset(name, data=np.asarray(variable))
        file.attrs["layer_names"] = [name_of_2018(layer.name).encode() for layer in model.layers]
    return {"output": numbers(model(pixels(1, 32), training=False))}


def number(value):
    return float(f"{float(value):.7g}")


def numbers(values):
    return [number(value) for value in np.ravel(values)]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
    os.makedirs(folder, exist_ok=True)
    made = {
        "features": features_reference(),
        "heads": heads_reference(),
        "training": training_reference(),
        "h5": write_h5(folder),
    }
    for name, reference in made.items():
        with open(os.path.join(folder, f"{name}.json"), "w") as file:
            json.dump({"madeBy": f"Keras {keras.__version__}, TensorFlow {tf.__version__}", **reference}, file, separators=(",", ":"))
            file.write("\n")


if __name__ == "__main__":
    main()
