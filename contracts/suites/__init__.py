"""Holds a running side to its document: Schemathesis makes the requests, the document and our own checks judge.

Knows no side from inside: it starts them as programs, or is pointed at URLs.
"""

from contracts.suites.face import hold, list_operations, open_schema
from contracts.suites.finding import Finding
from contracts.suites.subjects import SUBJECTS, Addresses, Knowledge, Subject, load_document
from contracts.suites.suite import Cap, Progress, Suite
from contracts.suites.tally import OperationTally, Tally

__all__ = [
    "SUBJECTS",
    "Addresses",
    "Cap",
    "Finding",
    "Knowledge",
    "OperationTally",
    "Progress",
    "Subject",
    "Suite",
    "Tally",
    "hold",
    "list_operations",
    "load_document",
    "open_schema",
]
