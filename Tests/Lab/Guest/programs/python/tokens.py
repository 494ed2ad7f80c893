# Prints a token for each line that it reads, from a generator in user space that is seeded once.
#
#   tokens.py openssl|random|aws-lc [DEVICE]
#
# With a device, it looks at the mapped page and renews the generator after a change. AWS-LC looks by itself.

import mmap
import os
import random
import ssl
import sys


def draw_openssl():
    return ssl.RAND_bytes(16).hex()


def renew_openssl():
    ssl.RAND_add(os.urandom(32), 32)


def draw_random():
    return f"{random.getrandbits(128):032x}"


def renew_random():
    random.seed()


def draw_aws_lc():
    # A new key is what the package gives of the library's random bytes.
    import _awscrt

    return _awscrt.ed25519_export_private_key(_awscrt.ed25519_new_generate(), 0).hex()


generators = {
    "openssl": (draw_openssl, renew_openssl),
    "random": (draw_random, renew_random),
    "aws-lc": (draw_aws_lc, None),
}
draw, renew = generators[sys.argv[1]]
page = None
if len(sys.argv) > 2:
    device = os.open(sys.argv[2], os.O_RDONLY)
    page = memoryview(mmap.mmap(device, 4, mmap.MAP_SHARED, mmap.PROT_READ)).cast("I")
    seen = page[0]

# What is seeded once is seeded before the snapshot.
draw()
print("ready", flush=True)
for line in sys.stdin:
    while True:
        if page and page[0] != seen:
            seen = page[0]
            renew()
        token = draw()
        if not page or page[0] == seen:
            break
    print(token, flush=True)
