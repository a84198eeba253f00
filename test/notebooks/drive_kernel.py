"""Talks to a kernel as Jupyter does and prints what came back.

    python drive_kernel.py <kernel name> < batches.json

stdin holds a list of batches, a batch being a list of cells that are sent at once; the next batch follows when every cell of
the one before is answered. stdout gets, in the same shape, {"reply", "outputs", "input", "idle"} for each cell.
"""
import json
import os
import queue
import sys

from jupyter_client.manager import start_new_kernel

REPLY_SECONDS = 60
SILENCE_SECONDS = 3  # whatever has not come by then was lost


def run_batch(client, codes):
    ids = [client.execute(code, stop_on_error=True) for code in codes]
    seen = {id_: {"reply": None, "outputs": [], "input": None, "idle": False} for id_ in ids}
    while any(cell["reply"] is None for cell in seen.values()):
        reply = client.get_shell_msg(timeout=REPLY_SECONDS)
        cell = seen.get(reply["parent_header"].get("msg_id"))
        if cell is not None:
            cell["reply"] = reply["content"]
    while not all(cell["idle"] for cell in seen.values()):
        try:
            message = client.get_iopub_msg(timeout=SILENCE_SECONDS)
        except queue.Empty:
            break
        cell = seen.get(message["parent_header"].get("msg_id"))
        if cell is None:
            continue
        if message["msg_type"] == "status":
            cell["idle"] = message["content"]["execution_state"] == "idle"
        elif message["msg_type"] == "execute_input":
            cell["input"] = message["content"]["execution_count"]
        else:
            cell["outputs"].append({"type": message["msg_type"], **message["content"]})
    return [seen[id_] for id_ in ids]


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the kernel inherits stdout, and may print there
manager, client = start_new_kernel(kernel_name=sys.argv[1], startup_timeout=120)
try:
    json.dump([run_batch(client, codes) for codes in json.load(sys.stdin)], answers)
    answers.close()
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
