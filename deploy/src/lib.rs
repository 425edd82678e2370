//! What touches machines: adapters behind ports, and the executor. Empty until the first port.
