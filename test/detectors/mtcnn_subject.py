"""MTCNN in a process of its own: a path on each line of stdin, and for each a line of JSON on stdout: its faces."""
import json
import sys

import tensorflow as tf
from mtcnn import MTCNN

answers = sys.stdout
sys.stdout = sys.stderr  # Keras writes there too
detector = MTCNN()
for line in sys.stdin:
    with open(line.rstrip("\n"), "rb") as file:
        image = tf.io.decode_image(file.read(), channels=3, expand_animations=False)
    faces = detector.detect_faces(image) or []
    answers.write(json.dumps([{"box": list(map(float, face["box"])), **{k: list(map(float, p)) for k, p in face["keypoints"].items()}} for face in faces]) + "\n")
    answers.flush()
