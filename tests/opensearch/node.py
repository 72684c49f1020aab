"""One node of OpenSearch on the loopback."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from tests.opensearch import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.opensearch.java import Java

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""

#: The name of the node that leads: it alone may, so that the loss of any other stops nothing.
LEADER = "n0"


class Node:
    """A process with a directory of its own, which keeps its data and address when it is killed."""

    def __init__(
        self,
        name: str,
        java: Java,
        home: Path,
        directory: Path,
        heap_mb: int,
        settings: Mapping[str, object],
    ) -> None:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise Unavailable("no setpriv (util-linux), without which nodes could be left running")
        self.name = name
        self.directory = directory
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = settings
        self._ports = {"http": 0, "transport": 0}  # 0: one that is free
        for made in (directory, directory / "tmp"):
            made.mkdir()
        (directory / "log4j2.properties").write_text(LOGGING)
        options = [
            *(f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m"),
            # A short life on a busy machine: little is compiled, nothing is collected beside it.
            *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(["-Djava.security.manager=allow"] if java.major < 21 else []),
            f"-Dopensearch.path.home={home}",
            f"-Dopensearch.path.conf={directory}",
            f"-Djava.io.tmpdir={directory / 'tmp'}",
            "-Dlog4j2.disable.jmx=true",
            # OpenSearch refuses root, as which tests run in containers, only where JNA's native
            # half tells it who it is. That is for a server that others reach; this one is on the
            # loopback, with made-up data, for a minute.
            *("-Djna.nosys=true", "-Djna.noclasspath=true"),
        ]
        self._command: list[str] = [
            *(setpriv, "--pdeathsig", "KILL", "--"),  # ends with the process that started it
            *(str(java.command), *options),
            *("-cp", str(home / "lib" / "*"), "org.opensearch.bootstrap.OpenSearch"),
        ]

    def start(self) -> None:
        """Start the process; it answers some seconds later, see ``address``."""
        roles = ["data", "ingest"]
        settings: dict[str, object] = {
            "cluster.name": "tests",
            "node.name": self.name,
            "node.roles": ["cluster_manager", *roles] if self.name == LEADER else roles,
            "node.portsfile": True,
            "network.host": "127.0.0.1",
            **{f"{kind}.port": port for kind, port in self._ports.items()},
            "path.data": str(self.directory / "data"),
            "path.logs": str(self.directory / "logs"),
            "discovery.seed_providers": "file",
            "discovery.find_peers_interval": "200ms",
            "action.auto_create_index": True,
            "cluster.routing.allocation.disk.threshold_enabled": False,
            **self._settings,
        }
        if self.name == LEADER:
            settings["cluster.initial_cluster_manager_nodes"] = [LEADER]
        (self.directory / "opensearch.yml").write_text(json.dumps(settings))  # which YAML contains
        for kind in self._ports:
            self._ports_file(kind).unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def find(self, address: str) -> None:
        """Tell it the transport address of the leader; it looks there again and again."""
        (self.directory / "unicast_hosts.txt").write_text(f"{address}\n")

    def address(self, kind: str, until: float) -> str:
        """Its host and port for ``http`` or ``transport``, once it listens there.

        Raises: Unavailable if the process ends, with the end of its log, or if it does not
            listen at that time of the monotonic clock.
        """
        assert self.process is not None, "it was started"
        ports = self._ports_file(kind)
        while not ports.exists():
            if (code := self.process.poll()) is not None:
                told = self._log.read_text("utf-8", "replace").strip()[-1_000:]
                raise Unavailable(f"{self.name} of OpenSearch ended with {code}: {told}")
            if time.monotonic() > until:
                raise Unavailable(f"{self.name} of OpenSearch runs but does not listen")
            time.sleep(0.1)
        address = ports.read_text("ascii").split()[0]
        self._ports[kind] = int(address.rpartition(":")[2])
        return address

    def suspend(self) -> None:
        """Have the process do nothing from now on, as if it hung; its connections stay open."""
        assert self.process is not None, "it was started"
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on where it was."""
        assert self.process is not None, "it was started"
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process amidst what it does, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def _log(self) -> Path:
        return self.directory / "out.log"

    def _ports_file(self, kind: str) -> Path:
        return self.directory / "logs" / f"{kind}.ports"
