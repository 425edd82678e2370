# One sentence of truth: how bad, then why; at most 80 characters.
incident-sentence-http = { $share } of requests to { $service } fail with { $code }.
incident-sentence-absent = No requests reach { $service }.
incident-sentence-probe = { $service } cannot be reached from outside.
incident-sentence-probe-why = { $service } cannot be reached from outside: { $why }.
incident-sentence-http-upstream = { $share } of requests to { $service } fail with { $code }. All seen come from { $name }.
incident-sentence-http-fleet = { $share } of requests to { $service } fail with { $code }. { $why }.
incident-sentence-failed-start = { $bad } of { $total } pods of { $service } fail to start.
incident-sentence-failed-start-fleet = { $bad } of { $total } pods of { $service } fail to start. { $why }.
incident-sentence-capacity = { $ready } of { $total } scheduled nodes of { $service } came.
incident-sentence-capacity-by = { $ready } of { $total } scheduled nodes of { $service } came; all must be Ready by { $by }.
incident-sentence-capacity-sold-out = { $ready } of { $total } scheduled nodes came: sold out. All must be Ready by { $by }.
incident-sentence-over = { $title }: over since { $since }. Nobody has confirmed it.
incident-sentence-mitigated = { $title }: mitigated since { $at }.
incident-sentence-mitigated-fails = { $title }: mitigated since { $at }, still firing.
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
