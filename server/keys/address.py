"""Whom an address stands for, as far as limits go."""

from ipaddress import IPv6Address, ip_address, ip_network

_NETWORK = 64  # bits; what one household or office is given of IPv6 (RFC 6177)


def whose(host: str) -> str:
    """What all addresses of one household have in common.

    Args:
        host: An address, or whatever else stands for who asks.

    Returns:
        Of IPv6 the network of 64 bits, of anything else the address itself.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _NETWORK), strict=False))
