"""What Alembic runs to take the steps: over a connection, and in a transaction, of its caller."""

from alembic import context

from gateway.accounts.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
context.run_migrations()
