"""HubSpot: records through the batch endpoints, and the custom properties that they need."""

from orchestration.lib.exports.hubspot.destination import HubSpotDestination, open_hubspot

__all__ = ["HubSpotDestination", "open_hubspot"]
