"""The server's jars: fetched by Maven once and kept, outside the checkout, as OpenSearch runs."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.opensearch import Unavailable
from tests.opensearch.java import Java, find_java, installed_javas

if TYPE_CHECKING:
    from collections.abc import Iterator


#: The last Java where none is known that does not run it.
NEWEST = 99


@dataclass(frozen=True, slots=True)
class Release:
    """A version of OpenSearch, the Javas that run it (both included), and what it is made of."""

    version: str
    least_java: int
    last_java: int
    log4j: str
    #: What the distribution has beside the server itself.
    besides: tuple[str, ...]
    #: Each module's class.
    modules: tuple[tuple[str, str], ...]


RELEASES = (
    Release(
        version="2.19.1",
        least_java=17,
        last_java=20,  # up to 23 it could run, but from 21 on the newer one is taken
        log4j="2.21.0",
        besides=("opensearch-plugin-classloader",),
        modules=(
            ("transport-netty4", "org.opensearch.transport.Netty4Plugin"),
            ("analysis-common", "org.opensearch.analysis.common.CommonAnalysisPlugin"),
        ),
    ),
    Release(
        version="3.8.0",
        least_java=21,
        last_java=NEWEST,
        log4j="2.25.4",
        besides=("opensearch-plugin-classloader", "opensearch-agent-bootstrap"),
        modules=(
            ("transport-netty4", "org.opensearch.transport.Netty4ModulePlugin"),
            ("analysis-common", "org.opensearch.analysis.common.CommonAnalysisModulePlugin"),
        ),
    ),
)

#: Names of artifacts that are not those of their modules.
ARTIFACTS = {"transport-netty4": "transport-netty4-client"}
#: Jars that belong to the network module, by how their names begin; all others of no module are
#: the server's own.
OF_NETWORK = ("netty-", "opensearch-netty4-", "transport-netty4-")

#: What the network module may do under the security manager of 2.x, as in the distribution.
POLICY = """\
grant codeBase "${codebase.netty-common}" {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect";
  permission java.lang.RuntimePermission "*", "setContextClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.util.PropertyPermission "*", "read,write";
};
grant codeBase "${codebase.netty-transport}" {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect";
};
"""

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>passage-search</groupId><artifactId>tests</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""


def cache_directory() -> Path:
    """Where jars are kept from run to run."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "passage-search-tests")


def release_for(java: Java) -> Release:
    """The release that a Java runs."""
    for release in RELEASES:
        if release.least_java <= java.major <= release.last_java:
            return release
    raise Unavailable(f"Java {java.major} in {java.home} is too old for OpenSearch: take 17 or 21")


def java_for(release: Release) -> Java:
    """A Java that runs a release: the one that the environment names, if it does."""
    for java in installed_javas():
        if release.least_java <= java.major <= release.last_java:
            return java
    wanted = (
        f"{release.least_java} or newer"
        if release.last_java == NEWEST
        else (f"{release.least_java} to {release.last_java}")
    )
    raise Unavailable(f"no Java {wanted}, for OpenSearch {release.version}")


def opensearch_home(java: Java, cache: Path | None = None) -> tuple[Release, Path]:
    """The release that a Java runs and the directory with its ``lib`` and ``modules``.

    It is fetched if it is not there yet. Of two that need it at once one fetches and the other
    waits; a directory has its name only when it is whole.

    Raises: Unavailable if it cannot be fetched.
    """
    release = release_for(java)
    cache = cache_directory() if cache is None else cache
    home = cache / f"opensearch-{release.version}"
    if not home.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"{home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not home.exists():
                partial = cache / f"{home.name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                _lay_out(release, _fetch(release, java, partial / "fetched"), partial)
                partial.rename(home)
    return release, home.resolve()  # 2.x grants nothing to jars that a link leads to


def _dependencies(release: Release) -> Iterator[str]:
    coordinates = [
        ("org.opensearch", "opensearch", release.version),
        *(("org.opensearch", name, release.version) for name in release.besides),
        *(
            ("org.opensearch.plugin", ARTIFACTS.get(name, name), release.version)
            for name, _ in release.modules
        ),
        ("org.apache.logging.log4j", "log4j-core", release.log4j),  # its own is optional
    ]
    for group, artifact, version in coordinates:
        yield (
            f"    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency>"
        )


def _fetch(release: Release, java: Java, into: Path) -> Path:
    """Have Maven copy all jars of a release into a new directory."""
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable(f"no mvn to fetch OpenSearch {release.version} with: install maven")
    into.mkdir()
    pom = into / "pom.xml"
    pom.write_text(POM.format(dependencies="\n".join(_dependencies(release))))
    command = [
        *(maven, "--quiet", "--batch-mode", "--file", str(pom)),
        *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"),
    ]
    ran = subprocess.run(
        command,
        env={**os.environ, "JAVA_HOME": str(java.home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        told = (ran.stdout + ran.stderr).strip()
        raise Unavailable(f"mvn cannot fetch OpenSearch {release.version}: {told[:500]}")
    return into


def _lay_out(release: Release, jars: Path, home: Path) -> None:
    """Move fetched jars to where OpenSearch looks for them."""
    rooms = {"lib": home / "lib"}
    for name, plugin in release.modules:
        rooms[name] = home / "modules" / name
        rooms[name].mkdir(parents=True)
        (rooms[name] / "plugin-descriptor.properties").write_text(
            f"name={name}\ndescription={name}\nversion={release.version}\nclassname={plugin}\n"
            f"java.version={release.least_java}\nopensearch.version={release.version}\n"
        )
    (rooms["transport-netty4"] / "plugin-security.policy").write_text(POLICY)
    rooms["lib"].mkdir()
    for jar in jars.glob("*.jar"):
        if jar.name.startswith(OF_NETWORK):
            room = "transport-netty4"
        else:
            room = next((name for name, _ in release.modules if jar.name.startswith(name)), "lib")
        jar.rename(rooms[room] / jar.name)
    shutil.rmtree(jars)


def other_java() -> Java:
    """A Java that runs another release than the one that the environment names.

    Raises: Unavailable if there is none.
    """
    own = release_for(find_java())
    (other,) = (release for release in RELEASES if release != own)
    return java_for(other)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fetch OpenSearch, and print where it is.")
    parser.add_argument("--other", action="store_true", help="print a Java of the other release")
    try:
        if parser.parse_args().other:
            print(other_java().home)
        else:
            print(opensearch_home(find_java())[1])
    except Unavailable as reason:
        raise SystemExit(f"OpenSearch is not available: {reason}") from None
