"""The one hash of a file that SharePoint always gives."""

from __future__ import annotations

import base64

_BITS, _SHIFT = 160, 11


def quick_xor(content: bytes) -> str:
    """Give the quickXorHash, base64: bytes XOR-ed in, each 11 bits further round; then the length.

    Source: the definition that OneDrive's documents give of it.
    """
    value, lanes = 0, [0] * _BITS
    for place in range(min(_BITS, len(content))):
        lane = 0
        for byte in content[place::_BITS]:
            lane ^= byte
        lanes[place] = lane
    for place, lane in enumerate(lanes):
        at = place * _SHIFT % _BITS
        value ^= lane << at
        if at > _BITS - 8:
            value ^= lane >> (_BITS - at)
    value &= (1 << _BITS) - 1
    hashed = bytearray(value.to_bytes(20, "little"))
    for place, byte in enumerate(len(content).to_bytes(8, "little")):
        hashed[12 + place] ^= byte
    return base64.b64encode(bytes(hashed)).decode()
