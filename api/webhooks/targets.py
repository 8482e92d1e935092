"""
Which addresses may be called.

A webhook makes this server call where somebody else says, so the address is checked each time, after its name has been
resolved, and the call goes to the very address that was checked: a name that answers differently a moment later
leads nowhere else (OWASP: server-side request forgery). https only; http on this very machine.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST: Final = 2000
_NAT64: Final = ip_network("64:ff9b::/96")


class TargetRefused(Exception):  # noqa: N818 - the house calls refusals refused
    """This address is not called. The message says why, and how to mend it, without the address."""

    code = "target_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Target:
    """Where to call: the parts of the address, and the machine its name leads to, which was checked."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def host_header(self) -> str:
        """Give the name and port as the receiver expects them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def checked_url(self) -> str:
        """Give the address to connect to, with the machine in place of its name."""
        machine = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{machine}:{self.port}{self.path}"


_PORTS: Final = {"http": 80, "https": 443}


async def target(url: str, *, private: bool) -> Target:
    """
    Check an address and give where to call. `private` also allows machines of the network this server stands in.

    Raises `TargetRefused`.
    """
    parts = _parts(url)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    addresses = await _resolve(host, port)
    for address in addresses:
        _check(address, parts.scheme, private=private)
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, str(addresses[0]))


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise TargetRefused("Write the address in plain letters, without spaces, in at most 2,000 characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetRefused("This is not an address. Write it like https://example.org/hooks.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise TargetRefused("A webhook is called by https. Write an address like https://example.org/hooks.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused("Leave names, passwords and # out of the address. Calls are signed instead.")
    return parts


async def _resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TargetRefused("The name in this address leads to no machine. Check its spelling.") from None
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def _check(address: IPv4Address | IPv6Address, scheme: str, *, private: bool) -> None:
    """Refuse a machine that must not be reached from here."""
    there = _unwrapped(address)
    if there.is_loopback:
        return
    if scheme == "http":
        raise TargetRefused("Over a network a webhook is called by https only. Use an https address.")
    if there.is_link_local or there.is_multicast or there.is_unspecified or there.is_reserved:
        raise TargetRefused("This address leads to no machine that could be called. Use one that is reachable.")
    if not there.is_global and not private:
        raise TargetRefused(
            "This address leads into the network this server stands in. Use a public one, or have the operator "
            "set BEFOREHAND_WEBHOOKS_TO_PRIVATE_NETWORKS."
        )


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Look through the ways in which an IPv6 address carries an IPv4 one."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address.teredo is not None:
        inside = address.teredo[1]
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address
