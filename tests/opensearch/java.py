"""The Java that OpenSearch runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.opensearch import Unavailable

#: Where a Java is said to be, the first that is set counts; else it is looked for on the PATH.
VARIABLES = ("PASSAGE_TEST_JAVA", "JAVA_HOME")
INSTALLED = Path("/usr/lib/jvm")


@dataclass(frozen=True, slots=True)
class Java:
    """The home directory of a Java, and its major version."""

    home: Path
    major: int

    @property
    def command(self) -> Path:
        return self.home / "bin" / "java"


def find_java() -> Java:
    """The Java that the environment names.

    Raises: Unavailable if there is none, or what is there does not tell its version.
    """
    named = next((name for name in VARIABLES if os.environ.get(name)), None)
    if named is not None:
        home = Path(os.environ[named])
        if not os.access(home / "bin" / "java", os.X_OK):
            raise Unavailable(f"{named} is {home}, where no bin/java is")
        return _java_in(home)
    if (on_path := shutil.which("java")) is not None:
        return _java_in(Path(on_path).resolve().parents[1])
    raise Unavailable("no java: install a JDK (17, or 21 and newer), or set JAVA_HOME")


def installed_javas() -> list[Java]:
    """The Java that the environment names, and those beside it that Debian's packages install."""
    homes = {path.resolve().parents[1] for path in INSTALLED.glob("*/bin/java")}
    return list(dict.fromkeys([find_java(), *(_java_in(home) for home in sorted(homes))]))


def _java_in(home: Path) -> Java:
    told = subprocess.run(
        [home / "bin" / "java", "-version"], capture_output=True, text=True, check=False
    ).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', told)
    if version is None:
        raise Unavailable(f"{home}/bin/java tells no version: {told.strip()[:200]!r}")
    return Java(home.resolve(), int(version[1]))
