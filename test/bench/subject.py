"""What the benchmark's subjects in Python share: the task that they are started with, the files that it names, the answers. See protocol.ts."""

import ctypes
import json
import os
import signal
import sys
import time

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphan, however the benchmark ends

TASK = json.loads(sys.argv[1])


def path(name):
    return os.path.join(TASK["folder"], name)


def peak_memory_bytes():
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def serve(open_task):
    """`open_task` returns the proof, what does the work once, and what computes it, with its version."""
    answers = os.fdopen(3, "w")

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        proof, run, runtime = open_task()
    except Exception as error:
        answer({"error": str(error).strip().split("\n")[0]})
        raise
    answer({"proof": proof, "runtime": runtime})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "memory":
            answer({"peakMemoryBytes": peak_memory_bytes()})
        else:
            started = time.perf_counter()
            for _ in range(request["times"]):
                run()
            answer({"seconds": time.perf_counter() - started})
