"""Opens what stands on the database: who may call, and what they have used."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

from structlog.typing import FilteringBoundLogger

from gateway.accounts.authentication import Authenticator
from gateway.accounts.caller import Caller
from gateway.accounts.directory import KeyDirectory
from gateway.accounts.pepper import check_pepper, read_pepper
from gateway.accounts.store import AccountStore, StoreError, open_store
from gateway.accounts.usage import UsageCount, UsageMeter, UsageSlot
from gateway.errors import UnavailableError
from gateway.metrics import GatewayMetrics
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Accounts:
    """Keys and usage, ready to be asked."""

    authenticator: Authenticator
    meter: UsageMeter
    store: AccountStore

    async def usage_since(self, caller: Caller, first_day: date) -> UsageCount:
        """Returns what the account of ``caller`` has used since a day (UTC), that day included.

        Exact for what this gateway delivered; the last seconds of other gateways may be missing.

        Raises:
            UnavailableError: the database is away.
        """
        account_id = caller.account.account_id
        try:
            return await self.store.account_usage(account_id, first_day, self.meter.unwritten())
        except StoreError as error:
            raise UnavailableError from error


@asynccontextmanager
async def open_accounts(
    settings: GatewaySettings, metrics: GatewayMetrics, log: FilteringBoundLogger
) -> AsyncIterator[Accounts]:
    """Opens the database that the settings name. All usage is written when the context ends.

    Raises:
        StoreError: the database cannot be used.
        PepperError: the pepper is missing, damaged, or another than the database's.
    """

    def tell_loss(counts: Mapping[UsageSlot, UsageCount]) -> None:
        for slot, count in counts.items():
            log.error(
                "usage_lost",
                day=slot.day.isoformat(),
                key_id=slot.key_id,
                images=count.images,
                pixels=count.pixels,
            )

    database = settings.database
    url = database.url.get_secret_value()
    pepper = read_pepper(settings.keys, url)
    async with open_store(url, migrate=database.migrate, timeout_s=database.timeout_s) as store:
        await check_pepper(pepper, store)
        directory = KeyDirectory(store, pepper, settings.keys, metrics.parts.key_was_stale)
        authenticator = Authenticator(directory.recognise, query=settings.keys.query)
        meter = UsageMeter(
            store.write_usage,
            settings.usage.flush_s,
            on_failure=metrics.parts.usage_write_failed,
            on_lost=tell_loss,
        )
        try:
            async with meter.running():
                yield Accounts(authenticator, meter, store)
        finally:
            await directory.close()
