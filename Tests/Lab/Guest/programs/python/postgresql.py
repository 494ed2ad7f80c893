# Prints for each line that it reads a token of each of these functions of PostgreSQL's, in one session with the server
# at a port, in the order that they were named in.
#
#   PGPORT=PORT postgresql.py NAME...

import subprocess

from dispensing import dispense

session = subprocess.Popen(
    ["psql", "-qAt", "postgres"], user="postgres", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
)


def ask(expression):
    def draw():
        session.stdin.write(f"SELECT {expression};\n")
        return session.stdout.readline().strip()

    return draw


dispense(
    {
        "postgresql-random": lambda: ask("encode(float8send(random()) || float8send(random()), 'hex')"),
        "postgresql-uuid": lambda: ask("gen_random_uuid()"),
    }
)
