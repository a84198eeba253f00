"""The network of this project as Keras builds it, for whoever compares with Keras: the committed numbers and the benchmark.

Set the environment (KERAS_BACKEND, threads, devices) before importing this.
"""

import keras
from keras import layers

FEATURES = 1280
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def slim(layer):
    """TF-slim's name for a convolution of Keras's MobileNetV2."""
    if layer == "Conv1":
        return "Conv"
    return layer.replace("block_", "expanded_conv_")


def norm_after(layer):
    return {"Conv1": "bn_Conv1", "Conv_1": "Conv_1_bn"}.get(layer, f"{layer}_BN")


def is_convolution(layer):
    return isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D))


def kernel_name(layer):
    return "depthwise_kernel" if isinstance(layer, layers.DepthwiseConv2D) else "kernel"


def folded_mobilenet(size):
    """MobileNetV2 without BatchNorm and without weights, under the layer names of lib/model/mobilenet.ts."""

    def convolve(name, x, filters=None, width=1, stride=1, relu=True):
        if filters is None:
            layer = layers.DepthwiseConv2D(3, stride, padding="same", name=name)
        else:
            layer = layers.Conv2D(filters, width, stride, padding="same", name=name)
        x = layer(x)
        return layers.ReLU(6.0, name=f"{name}_relu6")(x) if relu else x

    inputs = layers.Input((size, size, 3))
    x = convolve("Conv", inputs, 32, 3, 2)
    channels, block = 32, 0
    for expansion, outputs, repeats, stride in STAGES:
        for repeat in range(repeats):
            prefix = "expanded_conv" if block == 0 else f"expanded_conv_{block}"
            step = stride if repeat == 0 else 1
            y = x if expansion == 1 else convolve(f"{prefix}_expand", x, channels * expansion)
            y = convolve(f"{prefix}_depthwise", y, stride=step)
            y = convolve(f"{prefix}_project", y, outputs, relu=False)
            x = layers.Add()([x, y]) if step == 1 and channels == outputs else y
            channels, block = outputs, block + 1
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(convolve("Conv_1", x, FEATURES)))


def attach_heads(features):
    age = layers.Dense(1, name="age")(features)
    return [age, layers.Dense(2, activation="softmax", name="gender")(features)]
