"""What stands under a key in Redis, and the scripts that read and write it.

A content is a head and a value. The head has a number made up for it, by which who saw it can tell it again; what it is (a
value or nothing); the stamp of its pattern at the time; and how long it took to make. A content counts as long as
its stamp is its pattern's: all keys of a pattern go when the stamp does. A stamp ends with the server's own mark, which is
another after a restart or a failover, so that nothing from before is ever read: writes may have been missed meanwhile.

Who finds nothing takes a lease, loads, and puts the value there; where an invalidation took the lease away meanwhile, the
value is not kept (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, 3.2.1). Leases lie beside the keys, where
nobody is told of them.
"""

import struct
from hashlib import sha1

from msgspec import Struct

_HEAD = struct.Struct(">12sc8sI")
VALUE, NOTHING = b"V", b"N"
STAMP_SECONDS = 604800
"""A stamp is renewed at least each week, so that those of documents of the past do not stay for ever."""

LOOK = """
local stamp = redis.call('GET', KEYS[1])
if not stamp or string.sub(stamp, 9) ~= ARGV[1] then
  stamp = ARGV[2] .. ARGV[1]
  redis.call('SET', KEYS[1], stamp, 'EX', ARGV[5])
end
stamp = string.sub(stamp, 1, 8)
local kept = redis.call('GET', KEYS[2])
if kept and string.sub(kept, 14, 21) == stamp then
  return {'kept', kept, redis.call('PTTL', KEYS[2])}
end
local lease = redis.call('GET', KEYS[3])
if lease and string.sub(lease, 13) == stamp then return {'busy'} end
redis.call('SET', KEYS[3], ARGV[3] .. stamp, 'PX', ARGV[4])
return {'lease', stamp}
"""
"""Keys: stamp, key, lease. Arguments: the server's mark, a new stamp, the lease's number, its milliseconds, the stamp's seconds."""

FILL = """
if redis.call('GETRANGE', KEYS[1], 0, 11) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if KEYS[1] ~= KEYS[2] then redis.call('DEL', KEYS[1]) end
return 1
"""
"""Keys: what was seen (the lease, or the key itself), key. Arguments: its number, the new content, its milliseconds."""


def digest(script: str) -> str:
    """Return what the server knows a script by."""
    return sha1(script.encode(), usedforsecurity=False).hexdigest()


class Kept(Struct, frozen=True):
    """A content as read: `seconds` are left to it, `delta` is how many its value took to make."""

    nonce: bytes
    stamp: bytes
    value: bytes | None
    delta: float
    seconds: float


class Lease(Struct, frozen=True):
    """The right to fill a key, as long as nobody takes it away."""

    nonce: bytes
    stamp: bytes


def sealed(nonce: bytes, stamp: bytes, value: bytes | None, delta: float) -> bytes:
    """Return a content."""
    kind = NOTHING if value is None else VALUE
    return _HEAD.pack(nonce, kind, stamp, min(int(delta * 1000), 0xFFFFFFFF)) + (value or b"")


def opened(content: bytes, milliseconds: int) -> Kept:
    """Return what a content says that has some milliseconds left."""
    nonce, kind, stamp, delta = _HEAD.unpack_from(content)
    value = None if kind == NOTHING else content[_HEAD.size :]
    return Kept(nonce, stamp, value, delta / 1000, max(milliseconds, 0) / 1000)
