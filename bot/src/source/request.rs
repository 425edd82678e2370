//! One request as an access log tells it: what every source yields and every detector reads.

/// Milliseconds since 1970-01-01T00:00:00Z, as a log line or a clock told them.
pub type Millis = i64;

/// One finished request, borrowed from the line it was read from.
///
/// Every field but the status may be missing, and every byte may be hostile: nothing here has been cleaned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// When the request ended, by the log's own clock; `None` where the line does not say.
    pub at: Option<Millis>,
    /// The HTTP status given to the client, 100 to 999.
    pub status: u16,
    /// The virtual host, where the format names one.
    pub service: Option<&'a [u8]>,
    /// The client's address as written (IPv4 or IPv6, or whatever the log put there).
    pub client: &'a [u8],
    /// The request target (path and query) as written, empty where the request line was odd.
    pub target: &'a [u8],
    /// The upstream that answered last, where the format names one (`10.0.0.3:8080`).
    pub upstream: Option<&'a [u8]>,
    /// How long the request took, in milliseconds, where the format says so.
    pub duration_ms: Option<u32>,
    /// The whole line without its line ending.
    pub line: &'a [u8],
}
