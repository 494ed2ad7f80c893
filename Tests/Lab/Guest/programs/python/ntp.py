"""ntp.py PORT SECONDS: a time server on this machine, whose clock is ahead by so much of what this one's is at the start."""
import socket
import struct
import sys
import time

SINCE_1900 = 2208988800
ahead = time.time() + int(sys.argv[2]) - time.monotonic()


def now():
    seconds = time.monotonic() + ahead + SINCE_1900
    return int(seconds), int(seconds % 1 * 2**32)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    request, sender = server.recvfrom(512)
    received = now()
    # Version 4, a server, whose own source is a radio clock.
    answer = struct.pack(">BBbbII4sII", 0x24, 1, request[2], -20, 0, 0, b"TEST", *received)
    answer += request[40:48] + struct.pack(">IIII", *received, *now())
    server.sendto(answer, sender)
