# Prints for each line that it reads a token of each of these libraries in C, in the order that they were named in.
#
#   libraries.py NAME...

import ctypes
import os

from dispensing import dispense


def load(file):
    """Found as by a program that was linked with it: what is preloaded comes first."""
    ctypes.CDLL(file, mode=ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(None)


def buffers(fill, size=16):
    """A generator that has a function fill buffers."""

    def draw():
        buffer = ctypes.create_string_buffer(size)
        fill(buffer, ctypes.c_size_t(size))
        return buffer.raw.hex()

    return draw


def checked(call, expected):
    """Of a function that says whether it has filled the buffer."""

    def fill(buffer, size):
        result = call(buffer, size)
        if result != expected:
            raise OSError(f"the library answers {result}")

    return buffers(fill)


def numbers(draw):
    return lambda: "".join(f"{draw():08x}" for _ in range(4))


def seeded(seed, draw):
    def prepare():
        libc = ctypes.CDLL(None)
        getattr(libc, seed)(int.from_bytes(os.urandom(4), "little"))
        return numbers(getattr(libc, draw))

    return prepare


def prepare_drand48():
    libc = ctypes.CDLL(None)
    libc.drand48.restype = ctypes.c_double
    libc.srand48(ctypes.c_long(int.from_bytes(os.urandom(4), "little")))
    return numbers(lambda: int(libc.drand48() * 2**32))


def prepare_openssl():
    library = load("libcrypto.so.3")
    return checked(lambda buffer, size: library.RAND_bytes(buffer, size.value), 1)


def gnutls(level):
    def prepare():
        library = load("libgnutls.so.30")
        return checked(lambda buffer, size: library.gnutls_rnd(level, buffer, size), 0)

    return prepare


def prepare_nss():
    library = load("libnss3.so")
    if library.NSS_NoDB_Init(None) != 0:
        raise OSError("NSS does not begin")
    return checked(lambda buffer, size: library.PK11_GenerateRandom(buffer, size.value), 0)


def gcrypt(draw):
    def prepare():
        library = load("libgcrypt.so.20")
        library.gcry_check_version.restype = ctypes.c_char_p
        library.gcry_check_version(None)
        library.gcry_control(GCRYCTL_DISABLE_SECMEM, 0)
        library.gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0)
        return buffers(draw(library))

    return prepare


GCRYCTL_DISABLE_SECMEM, GCRYCTL_INITIALIZATION_FINISHED, GCRY_STRONG_RANDOM = 37, 38, 1


def prepare_sodium():
    library = load("libsodium.so.23")
    if library.sodium_init() < 0:
        raise OSError("libsodium does not begin")
    return buffers(library.randombytes_buf)


def prepare_sodium_internal():
    library = load("libsodium.so.23")
    implementation = ctypes.c_char.in_dll(library, "randombytes_internal_implementation")
    library.randombytes_set_implementation(ctypes.byref(implementation))
    if library.sodium_init() < 0:
        raise OSError("libsodium does not begin")
    library.randombytes_random.restype = ctypes.c_uint32
    return numbers(library.randombytes_random)


def uuid(function, part):
    def prepare():
        library = load("libuuid.so.1")
        whole = buffers(lambda buffer, size: getattr(library, function)(buffer))
        return lambda: whole()[part]

    return prepare


dispense(
    {
        "glibc-rand": seeded("srand", "rand"),
        "glibc-random": seeded("srandom", "random"),
        "glibc-drand48": prepare_drand48,
        "glibc-arc4random": lambda: buffers(ctypes.CDLL(None).arc4random_buf),
        "openssl": prepare_openssl,
        "gnutls-nonce": gnutls(0),
        "gnutls-random": gnutls(1),
        "gnutls-key": gnutls(2),
        "nss": prepare_nss,
        "gcrypt": gcrypt(lambda library: lambda buffer, size: library.gcry_randomize(buffer, size, GCRY_STRONG_RANDOM)),
        "gcrypt-nonce": gcrypt(lambda library: library.gcry_create_nonce),
        "sodium": prepare_sodium,
        "sodium-internal": prepare_sodium_internal,
        "uuid-random": uuid("uuid_generate_random", slice(0, 32)),
        # The clock sequence and the node: the rest is the time of day.
        "uuid-time": uuid("uuid_generate_time", slice(16, 32)),
    }
)
