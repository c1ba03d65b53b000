"""Salesforce: records through sObject Collections, many of them through Bulk API 2.0."""

from orchestration.lib.exports.salesforce.destination import (
    SalesforceDestination,
    open_salesforce,
)

__all__ = ["SalesforceDestination", "open_salesforce"]
