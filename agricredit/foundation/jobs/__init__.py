"""Background work as rows that people can see, and the outbox that carries facts upwards.

A job is a row first and a message second: whatever happens to brokers and workers, the row says what is
still owed, and :func:`services.sweeping.redispatch` sends it again.
"""
