"""nginx in front of a server, with the learner's own nginx.conf."""

import os
import re
import socket
import ssl
import subprocess
import sys

from .programs import program
from .servers import Server, free_port, unprivileged

# Where the lessons have nginx and the server behind it listen.
PUBLIC, BEHIND = 8443, 8000
CERTIFICATE = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
]


class Nginx(Server):
    """nginx, started from the lesson's folder, reached over TLS."""

    # The whole of 127.0.0.0/8 is this machine, so a visitor need not look like gunicorn.
    visitor = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"

    def __init__(self, home: str, behind: Server):
        self.port = free_port()
        self.log = self.open_log(home)
        move_ports(home, {PUBLIC: self.port, BEHIND: behind.port})
        make_certificate(home)
        nginx = program("nginx")
        conf = os.path.join(home, "nginx.conf")
        self.process = subprocess.Popen(
            [nginx, "-e", "stderr", "-p", home, "-c", conf],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            **unprivileged(home, nginx),
        )

    def connect(self, seconds: float) -> socket.socket:
        """Return a connection over TLS; the certificate was made on the spot."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        source = (self.visitor, 0)
        plain = socket.create_connection(("127.0.0.1", self.port), seconds, source)
        try:
            return context.wrap_socket(plain, server_hostname="localhost")
        except ssl.SSLError:
            plain.close()
            raise


def move_ports(home: str, ports: dict[int, int]) -> None:
    """Write free ports into the copy of nginx.conf, in place of the lesson's."""
    path = os.path.join(home, "nginx.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    numbers = "|".join(map(str, ports))
    text = re.sub(rf"\b({numbers})\b", lambda found: str(ports[int(found[1])]), text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_certificate(home: str) -> None:
    """Make a key and a certificate for localhost in the folder instance."""
    folder = os.path.join(home, "instance")
    os.makedirs(folder, exist_ok=True)
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    command = [program("openssl"), *CERTIFICATE, *files]
    subprocess.run(command, check=True, capture_output=True)
