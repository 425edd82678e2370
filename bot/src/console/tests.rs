//! Requests as a browser sends them.
