"""Several gateways and segmenters on one Triton, as local processes to restart and to harm."""
