"""What is renewed: the generators of `random` before the next draw, those of numpy and OpenSSL when the watch says so."""

import os
import sys

from sysgenid import device

# Also generators that the program has seeded with something of its own.
_RENEWS_SEEDED = "renew"


def renew_random(module, page):
    """Has each generator of the module compare the generation before it draws.

    The methods of the class are replaced, and not the class: what is derived from it, pickled or asked for its type
    stays what it is. A generator that has been seeded on purpose has no generation (None), and is left alone."""
    kind, instance = module.Random, module._inst
    plain_random, plain_bits, plain_gauss = kind.random, kind.getrandbits, kind.gauss
    plain_seed, plain_getstate, plain_setstate = kind.seed, kind.getstate, kind.setstate
    renews_seeded = device.setting("SYSGENID_SEEDED", "keep") == _RENEWS_SEEDED

    def random(self):
        generation = self._sysgenid_generation
        if generation != page[0] and generation is not None:
            seed(self)
        return plain_random(self)

    def getrandbits(self, k, /):
        generation = self._sysgenid_generation
        if generation != page[0] and generation is not None:
            seed(self)
        return plain_bits(self, k)

    def gauss(self, *arguments, **named):
        """It keeps every second number for the next call."""
        generation = self._sysgenid_generation
        if generation != page[0] and generation is not None:
            seed(self)
        return plain_gauss(self, *arguments, **named)

    def seed(self, a=None, version=2):
        generation = page[0]
        plain_seed(self, a, version)
        self._sysgenid_generation = generation if a is None or renews_seeded else None

    def getstate(self):
        generation = self._sysgenid_generation
        if generation != page[0] and generation is not None:
            seed(self)
            generation = self._sysgenid_generation
        state = plain_getstate(self)
        self._sysgenid_saved = state, generation
        return state

    def setstate(self, state):
        """Who puts back what he has taken out last has seeded nothing."""
        known, generation = self._sysgenid_saved
        plain_setstate(self, state)
        if state == known:
            self._sysgenid_generation = generation
        else:
            self._sysgenid_generation = page[0] if renews_seeded else None

    for method in random, getrandbits, gauss, seed, getstate, setstate:
        method.__doc__ = getattr(kind, method.__name__).__doc__
        method.__qualname__ = f"Random.{method.__name__}"
        method.__module__ = module.__name__
        setattr(kind, method.__name__, method)
    kind._sysgenid_generation = None
    kind._sysgenid_saved = None, None
    instance._sysgenid_generation = page[0]
    for name, value in list(vars(module).items()):
        if getattr(value, "__self__", None) is instance:
            setattr(module, name, getattr(instance, value.__name__))
    # The module has its own seed anew in each child: that is no longer what the program has put in.
    os.register_at_fork(after_in_child=lambda: seed(instance))


class Numpy:
    """The global generator of `numpy.random`, whose draws cannot be preceded by anything."""

    def __init__(self):
        self.is_seeded = False

    def follow(self, module):
        """Notes whether the program has seeded it on purpose."""
        if device.setting("SYSGENID_SEEDED", "keep") == _RENEWS_SEEDED:
            return
        plain_seed, plain_set_state = module.seed, module.set_state

        def seed(seed=None):
            plain_seed(seed)
            self.is_seeded = seed is not None

        def set_state(state):
            plain_set_state(state)
            self.is_seeded = True

        for function in seed, set_state:
            function.__doc__ = getattr(module, function.__name__).__doc__
            function.__module__ = module.__name__
            for place in module, module.mtrand:
                setattr(place, function.__name__, function)

    def renew(self):
        module = sys.modules.get("numpy.random")
        if module is not None and not self.is_seeded:
            module.mtrand._rand.seed()


def renew_openssl():
    """Its generators take fresh bytes of the one that these are added to, before they give any."""
    module = sys.modules.get("_ssl")
    if module is not None:
        module.RAND_add(os.urandom(32), 32.0)
