"""SSLCommerz v4, the merchant's side of the wire."""

from reference_server.gateways.sslcommerz.api import SslCommerz

__all__ = ["GATEWAY"]

GATEWAY = SslCommerz()
