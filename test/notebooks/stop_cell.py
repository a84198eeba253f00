"""Runs cells, presses Jupyter's stop button in the last of them, and then asks the kernel one thing more.

    python stop_cell.py <text of the progress that has to show first> < cells.json

stdin holds a list of cells. stdout gets {"stopped": the last cell's reply, "after": the reply to one more cell}.
"""
import json
import os
import sys

from jupyter_client.manager import start_new_kernel

REPLY_SECONDS = 300


def reply_to(client, message_id):
    while True:
        reply = client.get_shell_msg(timeout=REPLY_SECONDS)
        if reply["parent_header"].get("msg_id") == message_id:
            return reply["content"]


def wait_for(client, text):
    while True:
        content = client.get_iopub_msg(timeout=REPLY_SECONDS)["content"]
        if content.get("execution_state") != "idle" and text in json.dumps(content.get("data", {})):
            return


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the kernel inherits stdout, and may print there
manager, client = start_new_kernel(kernel_name="tslab", startup_timeout=240)
try:
    *first, last = json.load(sys.stdin)
    for code in first:
        reply = reply_to(client, client.execute(code))
        assert reply["status"] == "ok", reply
    message_id = client.execute(last)
    wait_for(client, sys.argv[1])
    manager.interrupt_kernel()
    stopped = reply_to(client, message_id)
    after = reply_to(client, client.execute("const alive = 1 + 1;"))
    json.dump({"stopped": stopped, "after": after}, answers)
    answers.close()
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
