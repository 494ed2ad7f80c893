# Prints for each line that it reads the name of the key by which a TLS server seals session tickets: OpenSSL's are drawn
# together with the key, and stand before each ticket.
#
#   ticket_key.py PORT [NAME]

import socket
import ssl
import sys

CHANGE_CIPHER_SPEC, HANDSHAKE, NEW_SESSION_TICKET = 20, 22, 4


def context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # The last version whose tickets can be seen.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def received_in_handshake():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = context().wrap_bio(incoming, outgoing)
    received = b""
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as server:
        while True:
            try:
                connection.do_handshake()
                return received
            except ssl.SSLWantReadError:
                server.sendall(outgoing.read())
            part = server.recv(65536)
            if not part:
                raise EOFError("the server has ended the connection")
            received += part
            incoming.write(part)


def messages(records):
    """The messages of the handshake that are not encrypted, as their types and contents: RFC 5246, 6.2.1 and 7.4."""
    handshake = b""
    while records and records[0] != CHANGE_CIPHER_SPEC:
        length = int.from_bytes(records[3:5], "big")
        if records[0] == HANDSHAKE:
            handshake += records[5 : 5 + length]
        records = records[5 + length :]
    while handshake:
        length = int.from_bytes(handshake[1:4], "big")
        yield handshake[0], handshake[4 : 4 + length]
        handshake = handshake[4 + length :]


def draw():
    # A lifetime (4) and a length (2) stand before the ticket: RFC 5077, 3.3.
    tickets = [content[6:] for kind, content in messages(received_in_handshake()) if kind == NEW_SESSION_TICKET]
    return tickets[0][:16].hex()


draw()
print("ready", flush=True)
for line in sys.stdin:
    print(draw(), flush=True)
