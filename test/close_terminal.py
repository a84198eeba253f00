"""Runs a command in a terminal of its own, closes that once a line matches, and waits for the command's end."""
import os
import pty
import re
import sys

pattern, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said = b""
while not re.search(pattern.encode(), said):
    said += os.read(terminal, 4096)
os.close(terminal)
os.waitpid(child, 0)
