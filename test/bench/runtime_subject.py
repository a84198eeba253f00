"""Runtimes that take the network as an ONNX file, in a process of their own: python test/bench/runtime_subject.py '<task>'. See protocol.ts.

ONNX Runtime with its own settings, as this project has it in Node; OpenVINO told to answer each batch as soon as it can, in float32 or in
bfloat16, and the size of the batch, which Keras's graph knows beforehand too.
"""

import numpy as np

from subject import TASK, path, serve

SIZE, BATCH = TASK["sizePx"], TASK["batch"]


def read_images():
    return np.fromfile(path(f"images-{SIZE}.u8"), np.uint8, BATCH * SIZE * SIZE * 3).reshape(BATCH, SIZE, SIZE, 3)


def onnxruntime_forward(network):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = TASK["threads"]
    session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"pixels": images}), f"ONNX Runtime {onnxruntime.__version__}"


def openvino_forward(network, precision):
    import openvino

    core = openvino.Core()
    model = core.read_model(network)  # unlike convert_model, it tells nobody of its use
    model.reshape([BATCH, SIZE, SIZE, 3])
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": TASK["threads"], "INFERENCE_PRECISION_HINT": precision}
    compiled = core.compile_model(model, "CPU", settings)
    used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()  # a processor without bfloat16 computes in float32
    return lambda images: list(compiled(images).values()), f"OpenVINO {openvino.__version__.split('-')[0]}, {used}"


def open_task():
    network = path(f"network-{SIZE}.onnx")
    if TASK["subject"] == "onnxruntime":
        forward, runtime = onnxruntime_forward(network)
    else:
        forward, runtime = openvino_forward(network, "bf16" if TASK["subject"] == "openvino-bf16" else "f32")
    images = read_images()
    outputs = [float(value) for output in forward(images) for value in np.ravel(output)]
    return {"outputs": outputs, "losses": []}, lambda: forward(images), runtime


if __name__ == "__main__":
    serve(open_task)
