"""Runs a notebook through its kernel and writes the executed copy.

    python execute.py <notebook.ipynb> <output.ipynb>

The working directory is the project's root. Every line on stdout is a JSON object: {"cell", "cells"} as a cell starts,
{"progress"} for progress that the notebook itself shows, {"error"} when a cell fails; then the exit status is 1, and the output
holds what was executed so far. It stops when its stdin is closed, so that it never outlives its caller.
SIGINT is passed on to the kernel, as Jupyter's stop button does: training finishes its step and saves. No cell follows then.
"""
import json
import os
import re
import signal
import sys
import threading

sys.modules["rfc3987_syntax"] = None  # leave it out: jsonschema's check of web addresses, which no notebook has, needs 0.8 s to load

import nbclient.client
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

START_TRIES = 3
START_TIMEOUT_S = 60
PROGRESS_MARK = "\u25b8 "  # the same as in lib/base/progress.ts
BACKGROUND_FAILURE = re.compile(r"^(UnhandledPromiseRejection|UncaughtException): *(.*)$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Waits a moment, so that what failed in the background after the last cell still comes to light.
LAST_WORDS = "await new Promise((resolve) => setTimeout(resolve, 100));"
# What a line's carriage return overwrites, looked for once a line. nbclient looks from every character: its time grows with the
# square of the line, ten minutes for a megabyte.
nbclient.client._RGX_CARRIAGERETURN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)

EVENTS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the kernel inherits stdout and may print there: events keep the real one to themselves


def say(**event):
    print(json.dumps(event), file=EVENTS, flush=True)


class Failure(Exception):
    def __init__(self, name, message, traceback):
        super().__init__(message)
        self.name, self.message, self.traceback = name, message, traceback


class Runner(NotebookClient):
    """Counts code cells from 1, as Jupyter shows them, and reports what happens in them."""

    stopping = False

    def stop(self, *_):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second one ends it at once
        self.stopping = True
        if self.km is not None and self.km.has_kernel:
            os.kill(self.km.provisioner.pid, signal.SIGINT)

    def start_new_kernel_client(self):
        """Ports are chosen before the kernel takes them: where another program was faster, others are tried."""
        for _ in range(START_TRIES - 1):
            try:
                return super().start_new_kernel_client()
            except RuntimeError:
                self.create_kernel_manager()
                self.start_new_kernel()
        return super().start_new_kernel_client()

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data"):
            text = msg["content"]["data"].get("text/plain", "")
            if text.startswith(PROGRESS_MARK):
                say(progress=text[len(PROGRESS_MARK):])
        return super().process_message(msg, cell, cell_index)


def background_failure(cell):
    """What failed outside the cell's own flow (a promise nobody awaited, a timer): tslab only prints it."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    match = BACKGROUND_FAILURE.search(ANSI.sub("", printed))
    return Failure(match[1], match[2].strip(), printed) if match else None


def run_cells(client, cells):
    with client.setup_kernel():
        for number, (index, cell) in enumerate(cells, start=1):
            if client.stopping:
                return False
            say(cell=number, cells=len(cells))
            try:
                client.execute_cell(cell, index)
                failure = background_failure(cell)
            except CellExecutionError as error:
                failure = Failure(error.ename, error.evalue, error.traceback)
            except DeadKernelError:
                failure = Failure("DeadKernel", "the kernel died; perhaps it ran out of memory", "")
            if failure:
                say(error={"cell": number, "name": failure.name, "message": failure.message, "traceback": failure.traceback})
                return False
        # The cell before the last words is the one to blame for what they bring to light.
        last = nbformat.v4.new_code_cell(LAST_WORDS)
        client.nb.cells.append(last)
        try:
            client.execute_cell(last, len(client.nb.cells) - 1)
            failure = background_failure(last)
        finally:
            client.nb.cells.pop()
        if failure:
            say(error={"cell": len(cells), "name": failure.name, "message": failure.message, "traceback": failure.traceback})
        return failure is None


def stop_with_caller():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(source, output):
    threading.Thread(target=stop_with_caller, daemon=True).start()
    notebook = nbformat.read(source, as_version=4)
    cells = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    for _, cell in cells:
        cell.outputs, cell.execution_count = [], None
    client = Runner(notebook, kernel_name="tslab", timeout=None, startup_timeout=START_TIMEOUT_S, coalesce_streams=True)
    signal.signal(signal.SIGINT, client.stop)
    try:
        finished = run_cells(client, cells)
    finally:
        nbformat.write(notebook, output + ".partial")
        os.replace(output + ".partial", output)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
