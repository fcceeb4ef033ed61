"""Leads connections to where this machine serves a name; names, certificates and all that is sent stay those of a real call."""

import os
import socket

HERE = "127.0.0.1"
HTTPS = 443
# Where the libraries look for authorities to trust: OpenSSL, requests, AWS.
AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")


def lead(monkeypatch, double):
    """Makes every name a name of this machine, and port 443 that of `double`, whose authority is trusted."""
    find, connect = socket.getaddrinfo, socket.socket.connect

    def find_here(_, *rest, **options):
        return find(HERE, *rest, **options)

    def connect_to_double(self, address):
        return connect(self, (HERE, double.port) if address == (HERE, HTTPS) else address)

    monkeypatch.setattr(socket, "getaddrinfo", find_here)
    monkeypatch.setattr(socket.socket, "connect", connect_to_double)
    for name in AUTHORITIES:
        monkeypatch.setitem(os.environ, name, double.ca)
