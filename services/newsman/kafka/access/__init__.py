"""Being let in by a cluster: TLS, certificates and SASL, of all clients alike."""
