"""Deterministic Australian receipts and invoices with exact truth. See training/README.md."""
