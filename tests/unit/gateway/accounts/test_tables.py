from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, insert, select

from gateway.accounts.tables import Table, UsageBatchTable


def test_a_moment_comes_back_as_itself_in_utc() -> None:
    moment = datetime(2026, 11, 1, 0, 30, 0, 123_456, timezone(timedelta(hours=2)))

    kept = through_a_database(moment)

    assert kept == moment
    assert kept.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(Exception, match="a moment needs a time zone"):
        through_a_database(datetime(2026, 11, 1))  # noqa: DTZ001  # which is the point


def through_a_database(moment: datetime) -> datetime:
    engine = create_engine("sqlite://")
    Table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(UsageBatchTable).values(batch_id="a", written_at=moment))
        kept = connection.execute(select(UsageBatchTable.written_at)).scalar_one()
    engine.dispose()
    return kept
