"""`tpvis`: the library's verbs at the shell, one file a command.

Heavy modules are imported inside the commands, so that `tpvis --help` answers at once; `options` holds what commands
have in common before they run, `before` what is checked then, `running` what they share when they do. Nothing is
imported here but what every Python has in memory: Ctrl-C is Ctrl-C from the first moment on.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run `tpvis`; whatever goes wrong ends in one line on stderr and exit code 2, and Ctrl-C in 130."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        _stop()
    except Exception as error:
        if _interrupted(error):
            _stop()
        if sys.argv[1:2] == ["--debug"]:
            sys.excepthook(type(error), error, error.__traceback__)
        print(f"tpvis: {_sentence(error)}", file=sys.stderr)
        sys.exit(2)


def _run():
    import atexit
    import gc
    import io
    import warnings

    from tp_visualisation.cli.app import app

    for stream in (sys.stdout, sys.stderr):  # what they cannot write, an arrow or a name, is written as its code
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.formatwarning = lambda message, *place: f"tpvis: {message}\n"  # one line
    atexit.register(gc.freeze)  # to look for garbage before the memory goes anyway takes a second
    return app(prog_name="tpvis", standalone_mode=False)


def _stop():
    import atexit

    sys.unraisablehook = lambda unraisable: None  # what was half made complains when it goes
    atexit.register(_leave)
    sys.exit(130)


def _leave():
    """End the process before Python takes away the memory in which TensorFlow's threads still compute."""
    import contextlib
    import os

    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more
            stream.flush()
    os._exit(130)


def _interrupted(error):
    """Whether an error came of Ctrl-C, which a library made another one of."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _sentence(error):
    """What is said of an error, in one line."""
    if hasattr(error, "format_message"):  # Typer's: a line that it cannot read
        said = " ".join(error.format_message().split()) or "A command is missing"
        command = error.ctx.command_path if getattr(error, "ctx", None) else "tpvis"
        return f"{said.rstrip('.')}. `{command} --help` lists what there is."
    if isinstance(error, MemoryError):
        return "the memory of this computer is not enough: take a smaller photograph, or fewer methods at once."
    from tp_visualisation.names import one_line

    if isinstance(error, ValueError | OSError):
        return one_line(error)
    return (
        f"{type(error).__name__}: {one_line(error):.300} (no mistake of yours, but of tpvis or of a library: "
        "`tpvis --debug ...` shows where)"
    )
