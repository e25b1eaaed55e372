//! The status page, and the metrics in Prometheus' format.
