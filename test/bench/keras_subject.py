"""Keras's side of the benchmark, in a process of its own: python test/bench/keras_subject.py '<task>'. See protocol.ts.

Two networks: `keras` is keras.applications.MobileNetV2 as people use it, `keras-folded` the network of this project, its
BatchNorms folded into the convolutions. Both are graphs (tf.function), and both get uint8 images that they scale themselves.
Steps and forward passes are bare functions without the bookkeeping of `fit`, the quickest way that Keras has.
"""

import json
import os
import sys

from subject import TASK, path, serve

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras_network import FEATURES, attach_heads, folded_mobilenet, is_convolution, kernel_name, norm_after, slim

tf.config.threading.set_intra_op_parallelism_threads(TASK["threads"])
tf.config.threading.set_inter_op_parallelism_threads(TASK["threads"])

SIZE, BATCH, JIT = TASK["sizePx"], TASK["batch"], TASK["jit"]
LEARNING_RATE = 1e-4
BLOCKS = 17
LOSSES = ["mean_squared_error", "sparse_categorical_crossentropy"]


def read_weights():
    """A safetensors file: the length of a JSON header, the header, float32 values."""
    with open(path("weights.safetensors"), "rb") as file:
        content = file.read()
    start = 8 + int.from_bytes(content[:8], "little")
    entries = json.loads(content[8:start])
    entries.pop("__metadata__", None)

    def array(entry):
        first, last = entry["data_offsets"]
        return np.frombuffer(content[start + first : start + last], "<f4").reshape(entry["shape"])

    return {name: array(entry) for name, entry in entries.items()}


def read_images(count):
    return np.fromfile(path(f"images-{SIZE}.u8"), np.uint8, count * SIZE * SIZE * 3).reshape(count, SIZE, SIZE, 3)


def read_features(count):
    return np.fromfile(path("features.f32"), "<f4", count * FEATURES).reshape(count, FEATURES)


def read_labels(count):
    return np.fromfile(path("ages.f32"), "<f4", count)[:, None], np.fromfile(path("genders.i32"), "<i4", count)


def application_base(weights):
    """keras.applications.MobileNetV2 whose BatchNorms, if folded, leave `weights`: none of them is neutral."""
    base = keras.applications.MobileNetV2(input_shape=(SIZE, SIZE, 3), include_top=False, weights=None, pooling="avg")
    random = np.random.default_rng(7)
    for layer in base.layers:
        if not is_convolution(layer):
            continue
        name = slim(layer.name)
        kernel, bias = weights[f"{name}/{kernel_name(layer)}"].astype(np.float64), weights[f"{name}/bias"]
        gamma, variance = random.uniform(0.5, 1.5, (2, *bias.shape))
        beta = random.uniform(-0.5, 0.5, bias.shape)
        scale = gamma / np.sqrt(variance + 1e-3)
        across = (1, 1, -1, 1) if kernel_name(layer) == "depthwise_kernel" else (1, 1, 1, -1)
        layer.set_weights([kernel / scale.reshape(across)])
        base.get_layer(norm_after(layer.name)).set_weights([gamma, beta, (beta - bias) / scale, variance])
    return base


def folded_base(weights):
    base = folded_mobilenet(SIZE)
    for layer in base.layers:
        if is_convolution(layer):
            layer.set_weights([weights[f"{layer.name}/{kernel_name(layer)}"], weights[f"{layer.name}/bias"]])
    return base


def freeze(base, trainable):
    """`trainable` as in lib/config: "heads", "all", "last N blocks"; what lies behind those blocks is trained too."""
    if trainable == "all":
        return
    if trainable == "heads":
        base.trainable = False
        return
    first = BLOCKS - int(trainable.split()[1])
    blocks = (f"block_{first}_", f"expanded_conv_{first}_")
    start = next(index for index, layer in enumerate(base.layers) if layer.name.startswith(blocks))
    for layer in base.layers[:start]:
        layer.trainable = False


def scaled(inputs):
    return layers.Rescaling(1 / 127.5, -1)(inputs)


def set_heads(model, weights):
    for name in ("age", "gender"):
        model.get_layer(name).set_weights([weights[f"{name}/kernel"], weights[f"{name}/bias"]])
    return model


def heads_model(weights):
    inputs = layers.Input((FEATURES,))
    return set_heads(keras.Model(inputs, attach_heads(inputs)), weights)


def outputs_of(outputs):
    return [float(value) for output in outputs for value in np.ravel(output)]


def open_forward(model):
    x = read_images(BATCH)
    forward = tf.function(
        lambda images: model(images, training=False),
        jit_compile=JIT,
        input_signature=[tf.TensorSpec((BATCH, SIZE, SIZE, 3), tf.uint8)],
    )

    def run():
        return [output.numpy() for output in forward(tf.constant(x))]

    return {"outputs": outputs_of(run()), "losses": []}, run


def open_training(model):
    x, (ages, genders) = read_images(BATCH), read_labels(BATCH)
    variables = model.trainable_variables
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(variables)

    def losses(images, age_targets, gender_targets):
        age, gender = model(images, training=True)
        age_loss = tf.reduce_mean(keras.losses.mean_squared_error(age_targets, age))
        gender_loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(gender_targets, gender))
        return age_loss, gender_loss, age, gender

    signature = [
        tf.TensorSpec((BATCH, SIZE, SIZE, 3), tf.uint8),
        tf.TensorSpec((BATCH, 1), tf.float32),
        tf.TensorSpec((BATCH,), tf.int32),
    ]

    @tf.function(jit_compile=JIT, input_signature=signature)
    def step(images, age_targets, gender_targets):
        with tf.GradientTape() as tape:
            age_loss, gender_loss, age, gender = losses(images, age_targets, gender_targets)
            total = age_loss + gender_loss
        optimizer.apply(tape.gradient(total, variables), variables)
        return age_loss, gender_loss, age, gender

    def run():
        return [output.numpy() for output in step(tf.constant(x), tf.constant(ages), tf.constant(genders))]

    outputs = outputs_of(model(x, training=False))
    steps = [[float(loss) for loss in run()[:2]] for _ in range(2)]
    normed = any(isinstance(layer, layers.BatchNormalization) and layer.trainable for layer in model._flatten_layers())
    # Trained BatchNorms use the batch's own statistics: these losses are other numbers, by intent.
    return {"outputs": outputs, "losses": [] if normed else steps}, run


def compiled(model):
    model.compile(keras.optimizers.Adam(LEARNING_RATE), loss=LOSSES, jit_compile=JIT)
    return model


def fit(model, x, y, epochs):
    model.fit(x, y, batch_size=BATCH, epochs=epochs, shuffle=True, verbose=0)


def proof_by_fit(model, x, y):
    """Two steps on the first batch; then both sizes of batch that `fit` will meet have been traced."""
    outputs = outputs_of(model(x[:BATCH], training=False))
    history = model.fit(x[:BATCH], [part[:BATCH] for part in y], batch_size=BATCH, epochs=2, shuffle=False, verbose=0).history
    steps = [[history["age_loss"][step], history["gender_loss"][step]] for step in range(2)]
    rest = BATCH + (len(x) % BATCH or BATCH)
    fit(model, x[:rest], [part[:rest] for part in y], 1)
    return {"outputs": outputs, "losses": steps}


def open_epochs(base, full, weights):
    """Ten epochs of `fit`: through the frozen base, on features that one `predict` makes first, or on features given."""
    count, epochs = TASK["epochImages"], TASK["epochs"]
    y = list(read_labels(count))
    if TASK["name"] == "frozen-epochs":
        x = read_images(count)
        compiled(full)
        return proof_by_fit(full, x, y), lambda: fit(full, x, y, epochs)
    heads = compiled(heads_model(weights))
    if TASK["name"] == "head-epochs":
        x = read_features(count)
        return proof_by_fit(heads, x, y), lambda: fit(heads, x, y, epochs)
    x = read_images(count)
    inputs = layers.Input((SIZE, SIZE, 3), dtype="uint8")
    featured = keras.Model(inputs, base(scaled(inputs)))
    featured.compile(jit_compile=JIT)

    def features(images):
        return featured.predict(images, batch_size=BATCH, verbose=0)

    rest = BATCH + (count % BATCH or BATCH)
    return proof_by_fit(heads, features(x[:rest]), y), lambda: fit(heads, features(x), y, epochs)


def open_task():
    weights = read_weights()
    if TASK["name"] == "head-epochs":
        return open_epochs(None, None, weights)
    base = (folded_base if TASK["subject"] == "keras-folded" else application_base)(weights)
    freeze(base, TASK["trainable"])
    inputs = layers.Input((SIZE, SIZE, 3), dtype="uint8")
    full = set_heads(keras.Model(inputs, attach_heads(base(scaled(inputs)))), weights)
    if TASK["name"] == "forward":
        return open_forward(full)
    if TASK["name"].startswith("train"):
        return open_training(full)
    return open_epochs(base, full, weights)


if __name__ == "__main__":
    serve(lambda: (*open_task(), f"TensorFlow {tf.__version__}"))
