"""dhcp.py INTERFACE: a line for each message of a client of DHCP that comes there: what it is, and the client's identifier."""
import socket
import sys

NAMES = {1: "DISCOVER", 3: "REQUEST", 4: "DECLINE", 7: "RELEASE", 8: "INFORM"}
IP, TO_SERVER = 0x0800, 67

listener = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IP))
listener.bind((sys.argv[1], IP))
while True:
    packet = listener.recv(2048)
    header = (packet[0] & 15) * 4
    if packet[9] != socket.IPPROTO_UDP or int.from_bytes(packet[header + 2:header + 4], "big") != TO_SERVER:
        continue
    options, found = packet[header + 8 + 240:], {}
    while options and options[0] != 255:
        if options[0] == 0:
            options = options[1:]
            continue
        found[options[0]] = options[2:2 + options[1]]
        options = options[2 + options[1]:]
    print(NAMES.get(found[53][0], "other"), found.get(61, b"").hex() or "none")
