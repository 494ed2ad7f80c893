# Prints for each line that it reads what a TLS server has drawn for a connection: the random bytes of its ServerHello.
#
#   server_random.py PORT

import socket
import ssl
import sys

HANDSHAKE, SERVER_HELLO = 22, 2


def client_hello():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), sent)
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()


def receive(connection, count):
    received = b""
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise EOFError("the server has ended the connection")
        received += part
    return received


def draw():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) as connection:
        connection.sendall(client_hello())
        # The headers of the record (5) and of the message (4), and the version (2), stand before it: RFC 8446, 4.1.3.
        answer = receive(connection, 11 + 32)
        if answer[0] != HANDSHAKE or answer[5] != SERVER_HELLO:
            raise ValueError(f"the server answers {answer[:11].hex()}")
        return answer[11:].hex()


draw()
print("ready", flush=True)
for line in sys.stdin:
    print(draw(), flush=True)
