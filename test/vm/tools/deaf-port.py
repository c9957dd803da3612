#!/usr/bin/python3
# deaf-port ADDR PORT [icresp] - a TCP listener that accepts and never answers (icresp: answers only the NVMe/TCP ICReq)
import socket, sys, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((sys.argv[1], int(sys.argv[2]))); s.listen(64)
keep = []
def serve(c):
    while d := c.recv(4096):
        if len(sys.argv) > 3 and len(d) >= 128 and d[0] == 0:
            c.sendall(bytes([1, 0, 128, 0]) + (128).to_bytes(4, 'little') + bytes([0, 0, 0, 0]) + (131072).to_bytes(4, 'little') + bytes(112))
while True:
    c, _ = s.accept(); keep.append(c); threading.Thread(target=serve, args=(c,), daemon=True).start()
