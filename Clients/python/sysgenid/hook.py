"""Sees to a module when the program imports it, and imports none itself."""

import sys

from sysgenid import device, generators
from sysgenid.watch import Watch


class Hook:
    """The first finder of modules: it finds what the others find, and looks at it as soon as it is there."""

    def __init__(self):
        self._numpy = generators.Numpy()
        self._watch = Watch(self._renew)
        self._steps = {
            "random": (device.map_page, self._see_to_random),
            "numpy.random": (self._watch.start, lambda module, _: self._numpy.follow(module)),
            "ssl": (self._watch.start, lambda module, _: None),
        }

    def install(self):
        sys.meta_path.insert(0, self)
        for name, (before, after) in self._steps.items():
            if name in sys.modules:
                after(sys.modules[name], before())

    def _see_to_random(self, module, page):
        is_pythons = isinstance(getattr(module, "_inst", None), getattr(module, "Random", ()))
        if page is not None and is_pythons:
            generators.renew_random(module, page)

    def _renew(self):
        self._numpy.renew()
        generators.renew_openssl()

    def find_spec(self, name, path=None, target=None):
        if name not in self._steps:
            return None
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec is not None and hasattr(spec.loader, "exec_module") and not isinstance(spec.loader, type):
            self._wrap(spec.loader, *self._steps[name])
        return spec

    @staticmethod
    def _wrap(loader, before, after):
        plain = loader.exec_module

        def exec_module(module):
            known = before()
            plain(module)
            after(module, known)

        loader.exec_module = exec_module


def install():
    """Once. Where there is no device when a module is imported, nothing is done to it."""
    if not any(isinstance(finder, Hook) for finder in sys.meta_path):
        Hook().install()
