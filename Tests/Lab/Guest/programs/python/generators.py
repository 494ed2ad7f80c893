# Prints for each line that it reads a token of each of these generators of Python's, in the order that they were named in.
#
#   generators.py NAME...

import random
import secrets
import sqlite3
import ssl
import uuid

from dispensing import dispense


def prepare_numpy():
    import numpy

    return lambda: numpy.random.bytes(16).hex()


def prepare_numpy_generator():
    import numpy

    generator = numpy.random.default_rng()
    return lambda: generator.bytes(16).hex()


def prepare_sqlite():
    database = sqlite3.connect(":memory:")
    return lambda: database.execute("SELECT lower(hex(randomblob(8))) || printf('%016x', random())").fetchone()[0]


def hash_of_text():
    # What the seed makes of it is all that can be seen of the seed.
    return "".join(f"{hash(text) % 2**64:016x}" for text in ("one", "two"))


dispense(
    {
        "python-random": lambda: lambda: f"{random.getrandbits(128):032x}",
        "python-numpy": prepare_numpy,
        "python-numpy-generator": prepare_numpy_generator,
        "python-ssl": lambda: lambda: ssl.RAND_bytes(16).hex(),
        "python-secrets": lambda: lambda: secrets.token_hex(16),
        "python-uuid4": lambda: lambda: uuid.uuid4().hex,
        "python-hash": lambda: hash_of_text,
        "sqlite": prepare_sqlite,
    }
)
