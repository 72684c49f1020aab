"""What was asked to be shown of passages -> the form that shows it; pure.

The command and the service ask for the same, by other names: an option is a parameter there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import UsageError
from search.output.fields import as_typed, read_fields
from search.output.styles import Form, Style
from search.output.template import read_template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WITH_FIELDS = (Style.JSON, Style.JSONL, Style.CSV, Style.TSV)
# Fields that are in the records only where an option asks for them.
_ASKED_FOR_BY = {"explanation": "--explain", "before": "-C N", "after": "-C N"}


def read_form(
    style: Style,
    fields: Sequence[str],
    template: str | None,
    *,
    explain: bool,
    context: int,
    end: str = "\n",
    told: Callable[[str], str] = as_typed,
) -> Form:
    """The form of a style that shows what is named.

    Args:
        style: TEMPLATE needs a template.
        fields: names, for those styles that have fields; none for all.
        template: for that style alone.
        explain: whether passages will tell the parts of their scores.
        context: how many neighbours they will have.
        end: what ends each passage of a template.
        told: how messages call an option.

    Raises: UsageError where these do not go together, or name what is not there.
    """
    if fields and style not in _WITH_FIELDS:
        forms = ", ".join(one.value for one in _WITH_FIELDS)
        raise UsageError(
            f"{told('--fields')} is for the forms {forms}",
            hint=f"add {told('--format tsv')}, or use {told('--template')}",
        )
    whole_keys = style in {Style.JSON, Style.JSONL}
    form = Form(style, read_fields(fields, whole_keys=whole_keys, told=told))
    if style is Style.TEMPLATE:
        assert template is not None
        form = Form(style, template=read_template(template, end=end, named=told("--template")))
    for field in form.named:
        option = _ASKED_FOR_BY.get(field.key)
        if option and not (explain if field.key == "explanation" else context):
            name = told(option)
            raise UsageError(f"no passage has {field.key} without {name}", hint=f"add {name}")
    return form
