"""Photoroom's dialect: cut-outs by form or JSON, the account, errors in its words."""
