"""The same transaction by raw asyncpg: the rows of one payment, on as many connections as the server's clients."""

import asyncio
import time
from typing import Any

import asyncpg

from loadtests.bench.payments.rows import Template, quoted

# The driver's types are unknown to a strict checker.
DRIVER: Any = asyncpg

_TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_POINTS = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent FROM pg_constraint WHERE contype = 'f'
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
AND attidentity = '' AND NOT EXISTS (SELECT FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum
AND pg_get_expr(adbin, adrelid) LIKE 'nextval(%') ORDER BY attnum
"""
_UNIQUE = """
SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indisunique AND indrelid = $1::regclass
"""


async def take_template(url: str, *, reference: str) -> Template:
    """Return what the transaction wrote that made the order of that reference."""
    connection = await DRIVER.connect(url)
    written = await connection.fetchval("SELECT xmin::text FROM orders WHERE reference = $1", reference)
    rows: list[tuple[str, tuple[str, ...], tuple[Any, ...]]] = []
    marks = {reference}
    for table in await _tables_of(connection):
        columns = tuple(row[0] for row in await connection.fetch(_COLUMNS, table))
        unique = {row[0] for row in await connection.fetch(_UNIQUE, table)}
        wanted = f"SELECT {quoted(columns)} FROM {table} WHERE xmin::text = $1"  # noqa: S608  # our own tables
        for row in await connection.fetch(wanted, written):
            rows.append((table, columns, tuple(row)))
            marks |= {row[name] for name in unique & set(columns) if isinstance(row[name], str)}
    await connection.close()
    kept = {mark for mark in marks if len(mark) > 12 and not mark.startswith("mer_")}
    return Template(tuple(rows), tuple(sorted(kept, key=len, reverse=True)))


async def commit_each(url: str, template: Template, *, first: int, count: int, connections: int) -> float:
    """Return payments a second."""
    pool = await DRIVER.create_pool(url, min_size=connections, max_size=connections)
    payments = iter([template.render(number, mark="$") for number in range(first, first + count)])

    async def work() -> None:
        async with pool.acquire() as connection:
            for rows in payments:
                await _commit(connection, rows)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    took = time.perf_counter() - began
    await pool.close()
    return count / took


async def _commit(connection: Any, rows: list[tuple[str, tuple[Any, ...]]]) -> None:
    async with connection.transaction():
        for statement, values in rows:
            await connection.execute(statement, *values)


async def _tables_of(connection: Any) -> list[str]:
    names = [row[0] for row in await connection.fetch(_TABLES)]
    points: dict[str, set[str]] = {name: set() for name in names}
    for child, parent in await connection.fetch(_POINTS):
        if child != parent:
            points[child].add(parent)
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += sorted(name for name in names if name not in ordered and points[name] <= set(ordered))
    return ordered
