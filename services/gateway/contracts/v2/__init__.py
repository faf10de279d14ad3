"""The ``/v2`` dialect: every kind of body in, image or JSON out, errors in an envelope."""
