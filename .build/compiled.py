"""Makes what a wheel has beside its sources: compiled inner loops, the language detector's model.

Where there is no compiler or no detector they are left out, and Python does the same.

Every file ``*.c`` of the packages is a module of its own, beside the Python it stands in for, and
uses the limited interface of Python only, so that one wheel serves every Python from 3.11 on.
"""

# ruff: noqa: INP001 - no package, but a program of the build

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from sys import implementation
from sysconfig import get_config_var, get_platform
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

PACKAGES = ("indexer", "search")
ABI = "cp311-abi3"
MODEL = "indexer/text/model.npz"


class CompiledBuildHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, or leaves them beside their sources if editable."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile what can be compiled."""
        self._folder = tempfile.TemporaryDirectory()  # which lives as long as this hook
        self._work = Path(self._folder.name)
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        # An editable wheel only points here, so what it has beside its sources has to be here.
        to = root if version == "editable" else self._work
        # Other Pythons do not take modules of the stable interface.
        is_stable = implementation.name == "cpython" and not get_config_var("Py_GIL_DISABLED")
        sources = [
            one for name in PACKAGES if is_stable for one in sorted((root / name).rglob("*.c"))
        ]
        built = [one for one in (self._compiled(source, to) for source in sources) if one]
        if built:
            platform = get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"{ABI}-{platform}"
        model = self._model(to)  # last, as it loads what was compiled
        made = built if model is None else [*built, model]
        if version != "editable":
            build_data["force_include"] |= {str(one): str(one.relative_to(to)) for one in made}

    def _compiled(self, source: Path, to: Path) -> Path | None:
        """The module of a source, below a folder; None, and a word about it, if it cannot be."""
        name = ".".join(source.relative_to(self.root).with_suffix("").parts)
        is_posix = os.name == "posix"
        module = Extension(
            name,
            [str(source)],
            libraries=["m"] if is_posix else [],
            # Products are rounded before they are added, as Python rounds them.
            extra_compile_args=["-ffp-contract=off"] if is_posix else [],
            py_limited_api=True,
        )
        command = build_ext(Distribution({"ext_modules": [module]}))
        command.build_temp = str(self._work / "objects")
        command.build_lib = str(to)
        try:
            command.ensure_finalized()
            built = Path(to, command.get_ext_filename(name))
            built.unlink(missing_ok=True)  # of another version of the source
            command.run()
        except Exception as error:  # noqa: BLE001 - whatever compilers and their absence raise
            self.app.display_warning(f"{name} is not compiled, Python does its work: {error}")
            return None
        return built

    def _model(self, to: Path) -> Path | None:
        """The file of the detector's model, below a folder; None, and a word, without one."""
        model = to / MODEL
        sys.path.insert(0, self.root)
        try:
            model.parent.mkdir(parents=True, exist_ok=True)
            model.unlink(missing_ok=True)  # of another version of the detector
            from indexer.text.language import keep_model  # noqa: PLC0415 - of what is built

            keep_model(model)
        except Exception as error:  # noqa: BLE001 - as above
            self.app.display_warning(f"{MODEL} is not made, the detector's own is read: {error}")
            return None
        finally:
            sys.path.remove(self.root)
        return model
