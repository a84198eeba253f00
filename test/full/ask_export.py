"""What a stock runtime makes of an exported model, as any Python program would ask it.

    .venv-onnx/bin/python test/full/ask_export.py <model.onnx> <pixels> <size> <folder>
    .venv-keras/bin/python test/full/ask_export.py <model.keras> <pixels> <size> <folder>

`pixels` is a raw file of uint8 RGB faces. Each answer goes into the folder as raw float32, and what the model says of itself as notes.json.
"""
import json
import os
import sys
import zipfile

import numpy

model_file, pixels_file, size, folder = sys.argv[1:]
pixels = numpy.fromfile(pixels_file, numpy.uint8).reshape(-1, int(size), int(size), 3)
if model_file.endswith(".onnx"):
    import onnx
    import onnxruntime

    onnx.checker.check_model(model_file, full_check=True)
    session = onnxruntime.InferenceSession(model_file, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    batches = [session.run(None, {"pixels": pixels[first : first + 32]}) for first in range(0, len(pixels), 32)]
    answers = {name: numpy.concatenate(parts) for name, parts in zip(names, zip(*batches))}
    notes = session.get_modelmeta().custom_metadata_map
else:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    model = keras.saving.load_model(model_file)
    answers = model.predict(pixels, batch_size=32, verbose=0)
    notes = json.loads(zipfile.ZipFile(model_file).read("metadata.json"))
for name, values in answers.items():
    assert values.dtype == numpy.float32, values.dtype
    values.tofile(os.path.join(folder, f"{name}.f32"))
with open(os.path.join(folder, "notes.json"), "w") as file:
    json.dump(notes, file)
