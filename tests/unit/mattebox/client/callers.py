"""Both clients over HTTP behind one face, so that what holds for one is shown for the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from mattebox.client import Account, AsyncClient, Client, CutOut

Kind = Literal["sync", "async"]


@dataclass
class Caller:
    """A client whose pauses are noted and never waited."""

    kind: Kind
    url: str
    key: str | None = "mb_live_1_secret"
    arguments: dict[str, Any] = field(default_factory=dict)
    pauses_s: list[float] = field(default_factory=list)

    async def remove(self, *values: Any, **options: Any) -> CutOut:
        return await self._call("remove", *values, **options)  # type: ignore[no-any-return]

    async def remove_url(self, *values: Any, **options: Any) -> CutOut:
        return await self._call("remove_url", *values, **options)  # type: ignore[no-any-return]

    async def account(self) -> Account:
        return await self._call("account")  # type: ignore[no-any-return]

    async def healthy(self) -> bool:
        return await self._call("healthy")  # type: ignore[no-any-return]

    async def _call(self, method: str, *values: Any, **options: Any) -> Any:
        if self.kind == "sync":
            return await asyncio.to_thread(self._call_sync, method, *values, **options)

        async def pause(seconds: float) -> None:
            self.pauses_s.append(seconds)

        async with AsyncClient(self.url, self.key, sleep=pause, **self.arguments) as client:
            return await getattr(client, method)(*values, **options)

    def _call_sync(self, method: str, *values: Any, **options: Any) -> Any:
        with Client(self.url, self.key, sleep=self.pauses_s.append, **self.arguments) as client:
            return getattr(client, method)(*values, **options)


@asynccontextmanager
async def other_http(
    kind: Kind, **arguments: Any
) -> AsyncIterator[httpx.Client | httpx.AsyncClient]:
    """A client of httpx, as callers make their own."""
    if kind == "sync":
        with httpx.Client(**arguments) as client:
            yield client
    else:
        async with httpx.AsyncClient(**arguments) as asynchronous:
            yield asynchronous
