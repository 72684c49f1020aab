"""Completion of the command line in a shell: the script it reads, and the answers to its questions.

What may come next is said by click's parameters; here is how a shell asks and is answered. click
has scripts of its own, which break words at ":" and "=", lose quotes and take no blank in a value;
these hand the words over as they are. A script sets ``_PROG_COMPLETE=SHELL_complete`` and calls the
command with

    bash    the line up to the cursor, and what readline would replace of it
    zsh     the words before the cursor, without quotes, the last one as far as it is typed
    fish    the same; the last one as it is typed

and gets a line each: "=VALUE", in zsh and fish with a tab and what it means; "file" or "dir", for
the shell to complete paths by itself; "nospace", where a value is not the end of the word.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from click.shell_completion import ShellComplete

from indexer.terminal import one_line
from indexer.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import click
    from click.shell_completion import CompletionItem

SHELLS = ("bash", "zsh", "fish")

_BASH = r"""
_PROG_completion() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            =*) COMPREPLY+=("${line#=}") ;;
            nospace) compopt -o nospace 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
        esac
    done < <(VARIABLE=bash_complete "${1/#\~/$HOME}" "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
}
complete -o nosort -F _PROG_completion PROG 2>/dev/null || complete -F _PROG_completion PROG
"""

_ZSH = r"""#compdef PROG
_PROG_completion() {
    local line
    local -i at widest
    local -a values meanings shown ending
    for line in "${(@f)$(VARIABLE=zsh_complete ${~words[1]} "${(@Q)words[2,CURRENT-1]}" \
        "${(Q)PREFIX}" 2>/dev/null)}"; do
        case $line in
            ('='*)
                line=${line#=}
                values+=("${line%%$'\t'*}")
                meanings+=("${${line#*$'\t'}:#$line}")
                ;;
            (nospace) ending=(-S '') ;;
            (file) compset -P '--*='; _files ;;
            (dir) compset -P '--*='; _files -/ ;;
        esac
    done
    (( $#values )) || return
    if [[ -z "${(j::)meanings}" ]]; then
        compadd -V unsorted "${ending[@]}" -a values
        return
    fi
    for line in "${values[@]}"; do (( widest = $#line > widest ? $#line : widest )); done
    for (( at = 1; at <= $#values; at++ )); do
        line="${(r:widest:)values[at]}  -- ${meanings[at]}"
        shown+=("${line[1,COLUMNS-1]}")
    done
    compadd -V unsorted "${ending[@]}" -l -d shown -a values
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _PROG_completion "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _PROG_completion PROG
fi
"""

_FISH = r"""
function _PROG_completion
    set -l before (commandline -opc)
    set -e before[1]
    set -l typed (commandline -ct)
    set -l head (string match -r -- '^--[^=]*=' $typed)
    for line in (VARIABLE=fish_complete PROG $before "$typed" 2>/dev/null)
        switch $line
            case '=*'
                string sub -s 2 -- $line
            case file
                for path in (__fish_complete_path (string replace -- "$head" '' $typed))
                    echo "$head$path"
                end
            case dir
                for path in (__fish_complete_directories (string replace -- "$head" '' $typed))
                    echo "$head$path"
                end
        end
    end
end
complete -c PROG -f -a '(_PROG_completion)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
# What of a word means something to bash, beside blanks: each is escaped, also where it need not be.
_SPECIAL = re.compile(r"[^\w@%+=:,./-]")
_SPECIAL_IN_QUOTES = re.compile(r"[$`\"\\]")


def completion_script(shell: str, prog: str) -> str:
    """What a shell, one of SHELLS, has to read in order to complete the lines of a command."""
    script = _SCRIPTS[shell].lstrip("\n").replace("VARIABLE", variable(prog))
    return script.replace("PROG", prog)


def variable(prog: str) -> str:
    """The name of the environment variable by which a script asks a command."""
    return f"_{prog}_COMPLETE".replace("-", "_").upper()


def completion(
    command: click.Command, prog: str, words: Sequence[str], instruction: str
) -> str | None:
    """What a command prints for a shell: an answer, or the script; None if it knows no such one.

    Args:
        command: whose line is completed.
        prog: its name.
        words: what the script gave, as this module says.
        instruction: what the variable holds, such as "bash_complete" or "zsh_source".
    """
    shell, _, wanted = instruction.partition("_")
    if shell not in SHELLS or wanted not in {"source", "complete"}:
        return None
    if wanted == "source":
        return completion_script(shell, prog)
    try:
        return "".join(f"{line}\n" for line in _answer(command, prog, words, shell))
    except Exception:
        # Somebody is typing: what cannot be completed is no error, and nothing to speak of.
        if os.environ.get("PASSAGE_DEBUG", "0") not in {"", "0"}:
            raise
        return ""


def _answer(command: click.Command, prog: str, words: Sequence[str], shell: str) -> Iterator[str]:
    if shell == "bash":
        line, replaced = words
        before, last = _words(line)
        names = [os.path.basename(word) for word in before]  # noqa: PTH119 - a word is no path
        before = before[names.index(prog) + 1 if prog in names else 1 :]
    else:
        before = list(words[:-1])
        last = _Word(words[-1], "") if shell == "zsh" else _words(words[-1])[1]
    # click takes --option=value apart by itself; the shells replace the whole word.
    option = re.match(r"--[^=]*=", last.text)
    head = option[0] if option and "--" not in before else ""
    items = ShellComplete(command, {}, prog, variable(prog)).get_completions(before, last.text)
    # Whether all that may come is the beginning of a word, as the name of a field is.
    is_open = any(item.type == "plain" for item in items)
    for item in items:
        value = head + item.value
        if item.type != "plain":
            yield item.type
        elif value == one_line(value) and value.startswith(last.text):
            is_open = is_open and value[-1:] in ":=#"
            if shell == "bash":
                yield f"={replaced}{_quoted(value[len(last.text) :], last.quote)}"
            else:
                yield f"={value}{_meaning(item)}"
    if is_open:
        yield "nospace"


def _meaning(item: CompletionItem[str]) -> str:
    return "\t" + one_line(" ".join(item.help.split())) if item.help else ""


class _Word(NamedTuple):
    """A word as a command gets it, and the quote that is open at its end, "" for none."""

    text: str
    quote: str


def _words(line: str) -> tuple[list[str], _Word]:
    """The words of a line but for the last one, and that one, which is empty after a blank."""
    words: list[str] = []
    word, quote, is_begun = "", "", False
    rest = iter(line)
    for char in rest:
        if char == "\\" and quote != "'":
            following = next(rest, "")
            kept = quote == '"' and following not in '$`"\\'
            word += ("\\" if kept else "") + following
            is_begun = True
        elif quote:
            quote, word = ("", word) if char == quote else (quote, word + char)
        elif char in "\"'":
            quote, is_begun = char, True
        elif char.isspace():
            if is_begun:
                words.append(word)
            word, is_begun = "", False
        else:
            word, is_begun = word + char, True
    return words, _Word(word, quote)


def _quoted(text: str, quote: str) -> str:
    """More of a word of bash, in which a quote is open or none."""
    if quote == "'":
        return text.replace("'", r"'\''")
    if quote:
        # Within double quotes nothing takes from ! that it stands for an earlier line.
        return _SPECIAL_IN_QUOTES.sub(r"\\\g<0>", text).replace("!", "\"'!'\"")
    return _SPECIAL.sub(r"\\\g<0>", text)
