"""What a fleet's database says was delivered."""

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.accounts.store import open_store


def counted_images(database_url: str) -> int:
    """Sums the images of today and yesterday, so that midnight loses none."""

    async def images() -> int:
        today = datetime.now(UTC).date()
        async with open_store(database_url) as store:
            rows = await store.usage_rows(today - timedelta(days=1), today)
            return sum(row.images for row in rows)

    return asyncio.run(images())
