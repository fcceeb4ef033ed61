"""Leads connections to where this machine serves a name; names, certificates and all that is sent stay those of a real call."""

import os
import socket

HERE = "127.0.0.1"
HTTP, HTTPS = 80, 443
# Where the libraries look for authorities to trust: OpenSSL, requests, AWS.
AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")


def lead(monkeypatch, ports):
    """Makes every name a name of this machine, and leads what connects to a port in `ports` to the port it has there."""
    find, connect = socket.getaddrinfo, socket.socket.connect
    led = {(HERE, port): (HERE, own) for port, own in ports.items()}

    def find_here(_, *rest, **options):
        return find(HERE, *rest, **options)

    def connect_here(self, address):
        return connect(self, led.get(address, address))

    monkeypatch.setattr(socket, "getaddrinfo", find_here)
    monkeypatch.setattr(socket.socket, "connect", connect_here)


def trust(monkeypatch, authority):
    """Makes the libraries trust the certificates that `authority`, a file, signed, and no others."""
    for name in AUTHORITIES:
        monkeypatch.setitem(os.environ, name, authority)
