"""Both commands as processes: errors and signals -> messages and exit codes, streams, progress."""

from __future__ import annotations

import codecs
import errno
import io
import math
import os
import select
import sys
import time
import warnings
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TextIO, TypeVar

import click

from indexer.errors import (
    EXIT_CRASH,
    EXIT_INDEX,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    MORE_FILES,
    Failure,
    OutputError,
    PassageSearchError,
    QuerySyntaxError,
    UsageError,
    is_out_of_files,
)
from indexer.interrupts import Interruption, come_too_late, unwind
from indexer.terminal import is_terminal, one_line, visible, width_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from click._termui_impl import ProgressBar

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_BYTES_OR_MARK = "passage-search-output"
_WRITE_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_REDRAW_SECONDS = 0.1
# To the start of the line, which is emptied; the cursor, which click hides, is shown.
_REST_ERASED = "\x1b[K"
_ERASED = "\r\x1b[2K\x1b[?25h"


class ErrorOutput(Protocol):
    """What standard output gets when a command fails, beside the message on standard error."""

    def __call__(self, parameters: Mapping[str, Any], failure: Failure, /) -> str:
        """Return the text for standard output, "" for none.

        parameters are the command's, as far as its command line could be understood.
        """


class Ending(Enum):
    """How a process ends."""

    CLEAN = "clean"
    #: When the output is out; to take down the interpreter takes longer than many a search. Not
    #: for what has files to close or children to wait for.
    AT_ONCE = "at once"


class HintedUsageError(click.UsageError):
    """A command line that is wrong, and what is right; shown on one line."""

    def __init__(self, message: str, ctx: click.Context | None, *, hint: str) -> None:
        super().__init__(message, ctx)
        self.hint = hint

    def format_message(self) -> str:
        """Return the fault with the remedy in parentheses."""
        return f"{self.message} ({self.hint})"


def meant(error: click.NoSuchOption) -> str:
    """The question after an option that there is not, "" where none is like it."""
    return f"did you mean {' or '.join(error.possibilities)}?" if error.possibilities else ""


class _Number(click.FloatRange):
    """A number as an option's value; "nan" is none."""

    kind = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is no {self.kind}", param, ctx)
        return number


class Seconds(_Number):
    """A time as an option's value; it may be "inf"."""

    kind = "time"


class Megabytes(_Number):
    """A size as an option's value, of a kilobyte at least."""

    kind = "size"

    def __init__(self) -> None:
        super().__init__(min=0.001, max=1_000_000)


def _print_completion(ctx: click.Context, _option: click.Parameter, shell: str | None) -> None:
    if shell is None or ctx.resilient_parsing:
        return
    from indexer.completion import completion_script  # noqa: PLC0415 - once in a shell's life

    write_out([completion_script(shell, ctx.find_root().info_name or "")])
    ctx.exit()


def completion_option(option: Any = click.option) -> Callable[[_Command], _Command]:
    """The option of a command that prints what a shell reads to complete its lines.

    Args:
        option: makes it, of what click.option() takes.
    """
    made: Callable[[_Command], _Command] = option(
        "--completion",
        type=click.Choice(["bash", "zsh", "fish"]),
        is_eager=True,
        expose_value=False,
        callback=_print_completion,
        help="Print what this shell reads in order to complete command lines.",
    )
    return made


def index_option(option: Any = click.option) -> Callable[[_Command], _Command]:
    """The option of a command that reads, which names an index.

    Args:
        option: as of completion_option().
    """
    made: Callable[[_Command], _Command] = option(
        "-i",
        "--index",
        "index_dir",
        type=click.Path(file_okay=False, readable=False),
        envvar="PASSAGE_INDEX",
        help="Index directory, or opensearch://HOST:PORT/NAME; else PASSAGE_INDEX, else the "
        "user's data folder.",
    )
    return made


def no_output(_parameters: Mapping[str, Any], _failure: Failure) -> str:
    """Nothing: the ErrorOutput of a command whose errors go to standard error alone."""
    return ""


def run(
    command: click.Command,
    *,
    prog: str,
    args: Sequence[str] | None = None,
    error_output: ErrorOutput = no_output,
    interrupted: str = "",
    ending: Ending = Ending.CLEAN,
) -> NoReturn:
    """Carry out a command as a process and exit with its code.

    A command ends with 0, or says otherwise by ``ctx.exit(code)`` or by returning a code. SIGINT
    and SIGTERM end it with 130 and 143, unless it has called ``come_too_late()``.

    Args:
        command: what to run; it lets errors pass.
        prog: the name that messages begin with.
        args: None takes those of the process.
        error_output: gives what a failure prints on standard output, such as a JSON object.
        interrupted: what is said when a signal ends it; "" for nothing.
        ending: how the process ends.
    """
    arguments = list(sys.argv[1:] if args is None else args)
    _set_up_process()
    try:
        unwind()
        status = _status(command, prog, arguments, error_output)
        come_too_late()
    except KeyboardInterrupt as error:
        come_too_late()
        status = error.exit_code if isinstance(error, Interruption) else EXIT_INTERRUPTED
        if interrupted:
            note(f"{prog}: {interrupted}")
    _settle(sys.stdout)
    _settle(sys.stderr)
    if ending is Ending.AT_ONCE and not _is_debugging():
        os._exit(status)
    sys.exit(status)


def write_out(chunks: Iterable[str], *, done: str = "") -> None:
    """Print chunks on standard output as they are, escape sequences included, in one go.

    Args:
        chunks: what to print.
        done: what is done whether this can be printed or not, for the message that it cannot.

    Raises: OutputError if the system refuses them.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.writelines(chunks)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        fault = f"cannot write the output: {error.strerror or error}"
        raise OutputError(fault, hint=done) from error


def note(text: str) -> None:
    """Print one line for people on standard error, control characters made visible.

    Where standard error takes nothing there is nobody to tell.
    """
    with suppress(OSError):
        click.echo(one_line(text), err=True)


@contextmanager
def progress(
    label: str, *, length: int | None, delay_seconds: float = 1.0
) -> Iterator[Callable[[int], None]]:
    """A function to call with the number of steps done since its last call.

    It draws a bar on standard error once the work has lasted delay_seconds, and only on a
    terminal. Of work that fails no bar is left.

    Args:
        label: what is being done, such as "Indexing".
        length: steps in all; None where that is not known, which gives a count instead of a share.
        delay_seconds: shorter work draws nothing.
    """
    if not is_terminal(sys.stderr) or os.environ.get("TERM", "") in {"", "dumb"}:
        yield lambda _steps: None
        return
    bar = _LateBar(label, length, delay_seconds)
    try:
        yield bar.advance
    except BaseException:
        bar.erase()
        raise
    bar.finish()


@contextmanager
def live_line(*, delay_seconds: float = 1.0) -> Iterator[Callable[[Callable[[int], str]], None]]:
    """A function that shows a line on standard error in the place of the one it showed before.

    It is called with what makes the line for a width in columns, as often as one likes: a line is
    made ten times a second at most, once the work has lasted delay_seconds, and only on a terminal.
    In the end the line is gone.
    """
    if not is_terminal(sys.stderr) or os.environ.get("TERM", "") in {"", "dumb"}:
        yield lambda _make: None
        return
    shown = ""
    due = time.monotonic() + delay_seconds

    def show(make: Callable[[int], str]) -> None:
        nonlocal shown, due
        now = time.monotonic()
        if now < due:
            return
        due = now + _REDRAW_SECONDS
        # What fills the last column makes some terminals begin a new line.
        line = make(max(1, (width_columns(sys.stderr) or 80) - 1))
        if line != shown:
            shown = line
            with suppress(OSError):
                click.echo(f"\r{line}{_REST_ERASED}", err=True, nl=False, color=True)

    try:
        yield show
    finally:
        if shown:
            with suppress(OSError):
                click.echo(_ERASED, err=True, nl=False, color=True)


class _LateBar:
    """A click progress bar that is created when the work turns out to be long."""

    def __init__(self, label: str, length: int | None, delay_seconds: float) -> None:
        self._label = one_line(label)
        self._length = length
        self._delay_seconds = delay_seconds
        self._started = self._drawn = time.monotonic()
        self._pending = 0
        self._bar: ProgressBar[int] | None = None

    def advance(self, steps: int) -> None:
        self._pending += steps
        now = time.monotonic()
        if self._bar is None and now - self._started >= self._delay_seconds:
            self._bar = self._new_bar()
            self._bar.start -= now - self._started  # so that the time left is right at once
            self._bar.render_progress()
        if self._bar is not None and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            self._bar.update(self._pending)
            self._pending = 0

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.update(self._pending)
            self._bar.render_finish()

    def erase(self) -> None:
        if self._bar is not None:
            with suppress(OSError):
                click.echo(_ERASED, err=True, nl=False, color=True)

    def _new_bar(self) -> ProgressBar[int]:
        columns = width_columns(sys.stderr) or 0
        return click.progressbar(
            iter(int, 1) if self._length is None else None,  # endless: a bar without an end
            length=self._length,
            label=self._label,
            show_pos=self._length is None,
            width=max(4, min(36, columns - len(self._label) - 24)),
            file=sys.stderr,
        )


def _set_up_process() -> None:
    _occupy_closed_streams()
    codecs.register_error(_BYTES_OR_MARK, _as_bytes_or_mark)
    # Scripts get the same bytes under every locale, and no text can fail to be printed.
    for stream, errors in ((sys.stdout, _BYTES_OR_MARK), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    if not sys.warnoptions and not _is_debugging():
        warnings.simplefilter("ignore")  # a library's advice to programmers, not to users


def _occupy_closed_streams() -> None:
    """Have no file get the number of a stream that was closed, or it would get what is sent there.

    Python goes on without the stream: sys.stdin, sys.stdout or sys.stderr is None.
    """
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(number)


def _as_bytes_or_mark(error: UnicodeError) -> tuple[bytes, int]:
    """The bytes of a file name that is not UTF-8 as they were, "�" for other broken text."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    broken = error.object[error.start : error.end]
    return b"".join(
        bytes([ord(char) - 0xDC00]) if "\udc80" <= char <= "\udcff" else "�".encode()
        for char in broken
    ), error.end


def _status(
    command: click.Command, prog: str, arguments: Sequence[str], error_output: ErrorOutput
) -> int:
    """Run the command and say what went wrong; the exit code."""

    def output(failure: Failure) -> str:
        return error_output(_understood(command, prog, arguments), failure)

    failed = EXIT_OK
    try:
        try:
            status = _invoked(command, prog, arguments)
            write_out([])
        except click.ClickException as error:
            status = failed = EXIT_USAGE
            _show_usage(error)
            write_out([output(_usage_failure(error))])
        except PassageSearchError as error:
            status = failed = error.exit_code
            _show_error(error, prog)
            if not isinstance(error, OutputError):
                write_out([output(error.failure())])
    except click.Abort:
        status = EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort, which asks for a report
        if isinstance(error, BrokenPipeError) and _reader_is_gone():
            status = failed
        else:
            status = _report(error, prog, output)
    return status


def _show_usage(error: click.ClickException) -> None:
    """What click says of a command line that is wrong, several lines."""
    shown = io.StringIO()
    error.show(shown)
    with suppress(OSError):
        click.echo(visible(shown.getvalue()), err=True, nl=False)


def _usage_failure(error: click.ClickException) -> Failure:
    """What is told to programs of a command line that is wrong."""
    message, hint = error.format_message(), ""
    if isinstance(error, HintedUsageError):
        message, hint = error.message, error.hint
    elif isinstance(error, click.NoSuchOption) and error.possibilities:
        message, hint = error.message, meant(error)
    elif isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"see {error.ctx.command_path} --help"
    return Failure(UsageError.code, message, hint, EXIT_USAGE)


def _show_error(error: PassageSearchError, prog: str) -> None:
    """The message of an error on one line; what may be wrong with a query takes three."""
    first, *more = str(error).split("\n") if isinstance(error, QuerySyntaxError) else [str(error)]
    note(f"{prog}: {first}")
    for line in more:
        note(line)


def _understood(command: click.Command, prog: str, arguments: Sequence[str]) -> Mapping[str, Any]:
    """The parameters of the command, and of its subcommand, that a faulty command line gives.

    click reads the line once more, as it does to complete one in a shell: without complaint.
    """
    lenient: dict[str, Any] = {"ignore_unknown_options": True, "allow_extra_args": True}
    context = command.make_context(prog, list(arguments), resilient_parsing=True, **lenient)
    parameters = dict(context.params)
    rest = [*context._protected_args, *context.args]  # noqa: SLF001 - as click's completion does
    if isinstance(command, click.Group) and rest:
        subcommand = command.get_command(context, rest[0])
        if subcommand is not None:
            context = subcommand.make_context(
                rest[0], rest[1:], parent=context, resilient_parsing=True, **lenient
            )
            parameters.update(context.params)
    return parameters


def _invoked(command: click.Command, prog: str, arguments: Sequence[str]) -> int:
    asked = os.environ.get(f"_{prog}_COMPLETE".replace("-", "_").upper())
    if asked is not None:
        from indexer.completion import completion  # noqa: PLC0415 - only while a line is typed

        told = completion(command, prog, arguments, asked)
        if told is None:  # a shell that only click knows
            command.main(list(arguments), prog_name=prog)
        write_out([told or ""])
        return EXIT_OK
    # Not by command.main(): that takes EOFError, which a damaged file raises, for a Ctrl-C, and
    # ends a closed pipe with 1.
    try:
        with command.make_context(prog, list(arguments)) as context:
            status = command.invoke(context)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    return status if isinstance(status, int) else EXIT_OK


def note_unexpected(error: Exception, prog: str) -> Failure:
    """Tell on standard error what nobody foresaw, one line, and return it for programs.

    With PASSAGE_DEBUG=1 the traceback stands before it.
    """
    mark = ": "
    if isinstance(error, OutputError):
        failure, mark = error.failure(), "; "
    elif isinstance(error, OSError) and error.errno in _WRITE_FAULTS:  # what click prints
        message = f"cannot write the output: {error.strerror}"
        failure = Failure(OutputError.code, message, "", EXIT_INDEX)
    elif isinstance(error, OSError) and is_out_of_files(error):
        failure = Failure("too_many_open_files", "too many open files", MORE_FILES, EXIT_INDEX)
    elif isinstance(error, MemoryError):
        hint = "make room for it, or do less at once"
        failure = Failure("out_of_memory", "out of memory", hint, EXIT_INDEX)
    else:
        reason = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
        hint = "please report it (PASSAGE_DEBUG=1 shows the traceback)"
        failure, mark = Failure("unexpected", f"unexpected error: {reason}", hint, EXIT_CRASH), "; "
    with suppress(OSError):  # standard error may be gone as well
        if _is_debugging():
            click.echo(_traceback(error), err=True, nl=False)
    note(f"{prog}: {failure.message}{mark if failure.hint else ''}{failure.hint}")
    return failure


def _report(error: Exception, prog: str, output: Callable[[Failure], str]) -> int:
    """Say what nobody foresaw; the exit code."""
    failure = note_unexpected(error, prog)
    with suppress(OSError, OutputError):
        write_out([output(failure)])
    return failure.exit_code


def _traceback(error: Exception) -> str:
    import traceback  # noqa: PLC0415 - costs time at every start

    return "".join(traceback.format_exception(error))


def _settle(stream: TextIO | None) -> None:
    """Leave nothing for the interpreter to flush, or to complain of, when it ends."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _reader_is_gone() -> bool:
    """Whether standard output or error is a pipe that nobody reads any more."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            poll.register(stream.fileno(), select.POLLOUT)
    return any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0))


def _is_debugging() -> bool:
    return os.environ.get("PASSAGE_DEBUG", "0") not in {"", "0"}
