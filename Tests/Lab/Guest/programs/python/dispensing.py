# What programs have in common that print for each line that they read a token of each generator that they were told of.

import sys


def dispense(generators):
    """Serves those that the command line names, of functions by their names."""
    chosen = [generators[name]() for name in sys.argv[1:]]

    def draw():
        return " ".join(generator() for generator in chosen)

    # What is seeded once is seeded before the snapshot.
    draw()
    print("ready", flush=True)
    for line in sys.stdin:
        print(draw(), flush=True)
