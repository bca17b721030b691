"""Pickles read as inert values: no name is resolved, nothing is called."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn, cast

from flhetero_dash.data.errors import DataError

MAX_OPCODES = 6_000_000
MAX_NAME_BYTES = 200
_UNSET = object()


@dataclass(frozen=True)
class Name:
    """A name that the pickle mentions; it stays a name."""

    module: str
    name: str


@dataclass(eq=False)
class Call:
    """A call that the pickle asks for; it is never made."""

    function: Name
    arguments: tuple[Any, ...]
    state: Any = _UNSET

    @property
    def has_state(self) -> bool:
        """Whether the pickle gave the result a state."""
        return self.state is not _UNSET


class _Bounded:
    """A stream that refuses to read beyond its end, whatever length is asked for."""

    def __init__(self, stream: BinaryIO, n_bytes: int) -> None:
        self._stream = stream
        self._left = n_bytes

    def read(self, n_bytes: int) -> bytes:
        if not 0 <= n_bytes <= self._left:
            raise pickle.UnpicklingError(f"asks for {n_bytes} bytes where {self._left} are left")
        self._left -= n_bytes
        return self._stream.read(n_bytes)

    def readline(self) -> bytes:
        line = self._stream.readline(MAX_NAME_BYTES)
        if not line.endswith(b"\n"):
            raise pickle.UnpicklingError("has a name without an end")
        self._left -= len(line)
        return line


class _Counted:
    """The opcode table, with a count of how often it may still be used."""

    def __init__(self, handlers: dict[int, Callable[[Any], None]]) -> None:
        self._handlers = handlers
        self._left = MAX_OPCODES

    def __getitem__(self, code: int) -> Callable[[Any], None]:
        self._left -= 1
        if self._left < 0:
            raise pickle.UnpicklingError(f"has more than {MAX_OPCODES} steps")
        if code not in self._handlers:
            raise pickle.UnpicklingError(f"uses opcode {code:#x}")
        return self._handlers[code]


# The pure-Python class: each opcode is a method, so the table below is all that can happen.
class _Reader(pickle._Unpickler):  # noqa: S301 - a subclass that resolves nothing
    stack: list[Any]
    read: Callable[[int], bytes]

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        return Name(module, name)

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        function = self.stack[-1]
        if not isinstance(function, Name) or not isinstance(arguments, tuple):
            _refuse("calls what is no name")
        self.stack[-1] = Call(function, arguments)

    def load_build(self) -> None:
        state = self.stack.pop()
        call = self.stack[-1]
        if not isinstance(call, Call) or call.has_state:
            _refuse("gives a state to what takes none")
        call.state = state

    def load_bytearray8(self) -> None:
        n_bytes = int.from_bytes(self.read(8), "little")
        self.stack.append(self.read(n_bytes))

    def load_append(self) -> None:
        self._extend([self.stack.pop()])

    def load_appends(self) -> None:
        self._extend(cast(Any, self).pop_mark())

    def _extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            _refuse("appends to what is no list")
        self.stack[-1].extend(items)

    def load_setitem(self) -> None:
        value = self.stack.pop()
        self._update([self.stack.pop(), value])

    def load_setitems(self) -> None:
        self._update(cast(Any, self).pop_mark())

    def _update(self, items: list[Any]) -> None:
        keys = items[::2]
        if not isinstance(self.stack[-1], dict) or not all(
            isinstance(key, str | Call) for key in keys
        ):
            _refuse("sets items of what is no dict of names")
        self.stack[-1].update(zip(keys, items[1::2], strict=True))


def _refuse(what: str) -> NoReturn:
    raise pickle.UnpicklingError(what)


_INHERITED = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.NONE, pickle.NEWTRUE,
    pickle.NEWFALSE, pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1,
    pickle.BINFLOAT, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8,
    pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8, pickle.EMPTY_LIST,
    pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3,
    pickle.BINPUT, pickle.LONG_BINPUT, pickle.BINGET, pickle.LONG_BINGET, pickle.MEMOIZE,
    pickle.GLOBAL, pickle.STACK_GLOBAL,
)  # fmt: skip
_HANDLERS: dict[int, Callable[[Any], None]] = {
    code[0]: pickle._Unpickler.dispatch[code[0]] for code in _INHERITED
} | {
    pickle.REDUCE[0]: _Reader.load_reduce,
    pickle.BUILD[0]: _Reader.load_build,
    pickle.BYTEARRAY8[0]: _Reader.load_bytearray8,
    pickle.APPEND[0]: _Reader.load_append,
    pickle.APPENDS[0]: _Reader.load_appends,
}
_DICT_HANDLERS: dict[int, Callable[[Any], None]] = {
    pickle.EMPTY_DICT[0]: pickle._Unpickler.dispatch[pickle.EMPTY_DICT[0]],
    pickle.SETITEM[0]: _Reader.load_setitem,
    pickle.SETITEMS[0]: _Reader.load_setitems,
}


def read_tokens(stream: BinaryIO, n_bytes: int, where: str, *, dictionary: bool = False) -> object:
    """Read one pickle into lists, tuples, numbers, text, bytes, `Name` and `Call`.

    Parameters
    ----------
    stream : file object
        At the first byte of the pickle.
    n_bytes : int
        How many bytes there are at most.
    where : str
        File and key, for messages.
    dictionary : bool, default=False
        Whether dicts are accepted.

    Raises
    ------
    DataError
        If the pickle is damaged, asks for too much, or for anything that arrays do not need.
    """
    reader = _Reader(cast(Any, _Bounded(stream, n_bytes)), encoding="latin1")
    cast(Any, reader).dispatch = _Counted(_HANDLERS | (_DICT_HANDLERS if dictionary else {}))
    try:
        return reader.load()
    except (
        pickle.UnpicklingError, ValueError, TypeError, IndexError, KeyError, AttributeError,
        AssertionError, EOFError, OverflowError, MemoryError, RecursionError,
    ) as error:  # fmt: skip
        raise DataError(
            f"{where} is no plain array of objects: it {error}; expected arrays, numbers or text"
        ) from None
