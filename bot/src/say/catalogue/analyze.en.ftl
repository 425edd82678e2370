# What `lifeboat analyze` tells of a log.
analyze-summary = { $lines } lines, { $size }: { $requests } requests, { $malformed } malformed.
analyze-summary-span = { $lines } lines, { $size }, from { $first } to { $last }: { $requests } requests, { $malformed } malformed.
analyze-statuses = Status { $list }
analyze-status = { $status }: { $n } ({ $share })
analyze-list = { $list }, { $next }
analyze-incidents = { $n ->
    [0] No incident found.
    [one] 1 incident found:
   *[other] { $n } incidents found:
 }

analyze-incident = { $kind } at { $service }: { $bad } of { $total } requests failed, at worst { $share }.
analyze-silence = { $kind } at { $service }.
analyze-course = Began { $started }, detected { $detected }, mitigated { $mitigated }.
analyze-course-open = Began { $started }, detected { $detected }, not over at the end of the log.
analyze-returned = Recovered and came back { $n ->
    [one] once
   *[other] { $n } times
 }; requests in between are not counted.
analyze-returned-silence = Requests came again and stopped again { $n ->
    [one] once
   *[other] { $n } times
 }.
analyze-time-unknown = at an unknown time
analyze-untimed = Requests without a time that can be read: { $n } of { $total }. Each counts at the time of the request before it; where there is none, times are left out. A time without a zone is not read: write 2026-01-02T03:04:05Z, say.
analyze-upstreams = Upstreams: { $list }

analyze-kind-bad-gateway = Bad gateway (502)
analyze-kind-server-error = Server errors
analyze-kind-unavailable = Unavailable (503)
analyze-kind-gateway-timeout = Gateway timeouts (504)
analyze-kind-absent = No requests
