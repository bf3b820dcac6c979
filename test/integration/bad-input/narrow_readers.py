"""Connections with the least buffers that the system gives, which read nothing until they are told to.

First line in: port and requests as JSON; "open" comes back. Second line: a text; the number of connections on which it
came comes back. What stands in a socket's own buffers would else be megabytes, and no test could fill them.
"""

import json
import selectors
import socket
import sys

port, requests = json.loads(sys.stdin.readline())
connections = []
for request in requests:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_304)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)
    connection.connect(("127.0.0.1", port))
    connection.sendall(request.encode())
    connections.append(connection)
print("open", flush=True)

text = sys.stdin.readline().strip().encode()
ends = {connection: b"" for connection in connections}
heard = 0
selector = selectors.DefaultSelector()
for connection in connections:
    selector.register(connection, selectors.EVENT_READ)
while heard < len(connections) and (ready := selector.select(timeout=10)):
    for key, _ in ready:
        chunk = key.fileobj.recv(65_536)
        ends[key.fileobj] = (ends[key.fileobj] + chunk)[-4_096:]
        if text in ends[key.fileobj]:
            heard += 1
        if text in ends[key.fileobj] or not chunk:
            selector.unregister(key.fileobj)
print(heard, flush=True)
