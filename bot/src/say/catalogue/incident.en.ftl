# One sentence of truth: how bad, then why; at most 80 characters.
incident-sentence-http = { $share } of requests to { $service } fail with { $code }.
incident-sentence-absent = No requests reach { $service }.
incident-sentence-probe = { $service } cannot be reached from outside.
incident-sentence-probe-why = { $service } cannot be reached from outside: { $why }.
incident-sentence-http-upstream = { $share } of requests to { $service } fail with { $code }. All seen come from { $name }.
incident-sentence-over = { $title }: over since { $since }. Nobody has confirmed it.
incident-sentence-mitigated = { $title }: mitigated since { $at }.
incident-sentence-resolved = { $title }: resolved { $at }.
incident-sentence-closed = { $title }: closed { $at }.
incident-sentence-cancelled = { $title }: cancelled.
incident-sentence-merged = { $title }: goes on in { $into }.
incident-sentence-plain = { $title }: { $status }.

incident-clock-ttd = Time to detect
incident-clock-tta = Time to acknowledge
incident-clock-ttm = Time to mitigate
incident-clock-ttr = Time to resolve
incident-clock-not-yet = not yet
incident-clock-not-known = not known
