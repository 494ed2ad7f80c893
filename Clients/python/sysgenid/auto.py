"""Runs an unchanged Python program whose random generators are renewed when the system was resumed or cloned:

    python3 -m sysgenid.auto PROGRAM [ARGUMENT...]
    python3 -m sysgenid.auto -m MODULE [ARGUMENT...]
    python3 -m sysgenid.auto -c COMMAND [ARGUMENT...]

or has all programs of this Python run so:

    python3 -m sysgenid.auto --enable | --disable | --status

What is renewed and when, and what is not, is in docs/clients.md of sysgenidd.
"""

import os
import sys

from sysgenid.hook import install

_FILE = "sysgenid.pth"
_FAILED, _USAGE, _NOT_PERMITTED = 1, 2, 4


def _run_in_main(source, name, arguments, **variables):
    """In a module of its own, which is the program's from now on."""
    from types import ModuleType

    main = ModuleType("__main__")
    vars(main).update(__builtins__=__builtins__, __annotations__={}, **variables)
    sys.modules["__main__"] = main
    sys.argv = arguments
    exec(compile(source, name, "exec", dont_inherit=True), vars(main))


def _put_first(folder):
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder


def _run_file(path, arguments):
    import io
    import runpy
    from importlib.machinery import SourceFileLoader

    if os.path.isdir(path) or not path.endswith(".py") and _is_archive(path):
        sys.argv = arguments
        if not getattr(sys.flags, "safe_path", False):
            del sys.path[0]
        runpy.run_path(path, run_name="__main__")
        return
    with io.open_code(path) as file:
        source = file.read()
    _put_first(os.path.dirname(os.path.realpath(path)))
    loader = SourceFileLoader("__main__", path)
    _run_in_main(source, path, arguments, __file__=path, __cached__=None, __loader__=loader)


def _is_archive(path):
    from zipfile import is_zipfile

    return is_zipfile(path)


def _run(arguments):
    kind = arguments[0]
    if kind in ("-m", "-c") and len(arguments) < 2:
        return _tell_usage()
    install()
    if kind == "-m":
        import runpy

        _put_first(os.getcwd())
        sys.argv = arguments[1:]
        runpy._run_module_as_main(arguments[1])
    elif kind == "-c":
        _put_first("")
        _run_in_main(arguments[1], "<string>", ["-c"] + arguments[2:])
    else:
        _run_file(kind, arguments)
    return None


def _tell_usage():
    sys.stderr.write(__doc__)
    return _USAGE


def _folder():
    import site

    return site.getsitepackages()[0]


def _line():
    """A line that begins with import is run at each start, which is before all folders are looked into. It says nothing
    where the package is gone."""
    place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    program = (
        f"sys.path.append({place!r})\n"
        "try:\n from sysgenid import hook\n hook.install()\nexcept ImportError:\n pass\nfinally:\n sys.path.pop()\n"
    )
    return f"import sys; exec({ascii(program)})\n"


def _administer(action):
    path = os.path.join(_folder(), _FILE)
    try:
        if action == "--enable":
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(_line())
        elif action == "--disable" and os.path.lexists(path):
            os.unlink(path)
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror}\n")
        return _NOT_PERMITTED if isinstance(error, PermissionError) else _FAILED
    print(f"{'enabled' if os.path.exists(path) else 'disabled'}: {path}")
    return 0


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 1 and arguments[0] in ("--enable", "--disable", "--status"):
        return _administer(arguments[0])
    if not arguments or arguments[0].startswith("-") and arguments[0] not in ("-m", "-c"):
        return _tell_usage()
    return _run(arguments)


if __name__ == "__main__":
    sys.exit(main())
