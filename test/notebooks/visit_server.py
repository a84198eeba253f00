"""Does on a Jupyter server what VS Code's notebooks do with one that they are pointed to, and prints what came back.

    python visit_server.py <address with token> < code of a cell

A session is asked for a notebook that does not lie on the server, as VS Code's lie in the editor; then the cell is sent through the kernel's
web socket. stdout gets {"kernels": names, "text": printed, "html": shown, "status": of the reply}.
"""
import asyncio
import json
import sys
import uuid
from urllib.parse import parse_qs, urlsplit

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

REPLY_SECONDS = 120


async def visit(address, code):
    parts = urlsplit(address)
    token = parse_qs(parts.query)["token"][0]
    headers = {"Authorization": f"token {token}"}

    async def ask(path, **options):
        answer = await AsyncHTTPClient().fetch(f"http://{parts.netloc}/api/{path}", headers=headers, request_timeout=REPLY_SECONDS, **options)
        return json.loads(answer.body or "null")

    kernels = await ask("kernelspecs")
    name = f"01-explore-data-jvsc-{uuid.uuid4()}.ipynb"
    wanted = {"path": name, "name": name, "type": "notebook", "kernel": {"name": kernels["default"]}}
    session = await ask("sessions", method="POST", body=json.dumps(wanted))
    client = uuid.uuid4().hex
    channels = f"ws://{parts.netloc}/api/kernels/{session['kernel']['id']}/channels?session_id={client}&token={token}"
    socket = await websocket_connect(channels, max_message_size=2**27)

    def send(kind, content):
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": client, "username": "", "version": "5.3", "date": "2026-01-01T00:00:00Z"}
        socket.write_message(json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}))
        return header["msg_id"]

    send("kernel_info_request", {})
    asked = send("execute_request", {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True})
    seen = {"kernels": sorted(kernels["kernelspecs"]), "text": "", "html": "", "status": None}
    idle = False
    while seen["status"] is None or not idle:
        message = json.loads(await asyncio.wait_for(socket.read_message(), REPLY_SECONDS))
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_reply":
            seen["status"] = content["status"]
        elif kind == "stream":
            seen["text"] += content["text"]
        elif kind == "display_data":
            seen["html"] += content["data"].get("text/html", "")
        elif kind == "status":
            idle = content["execution_state"] == "idle"
    socket.close()
    await ask(f"sessions/{session['id']}", method="DELETE")
    return seen


print(json.dumps(asyncio.run(visit(sys.argv[1], sys.stdin.read()))))
