"""Whether raw data are sane and finished marts plausible, before anything is served."""
