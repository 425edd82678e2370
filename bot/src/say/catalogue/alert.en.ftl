# What an alert is about: stable titles, then what it tells with numbers.
alert-title-http = { $code } on { $service }
alert-title-absent = No requests for { $service }
alert-title-probe = { $service } cannot be reached
alert-title-failed-start = { $service }: failed starts
alert-title-capacity = { $service }: too little capacity in time
alert-title-test = Test alert
alert-title-unknown = Alert { $alert }

alert-state-http = { $code } on { $service }: { $share } of requests
alert-state-fails = { $service }: { $share } of requests fail
alert-state-probe = { $service } cannot be reached: { $why }

alert-told-http = { $code } on { $service }: { $share } of requests failed, { $bad } of { $total } in { $window }
alert-told-absent = No requests for { $service } in { $window }; before: { $total } in { $span }
alert-told-absent-only = No requests for { $service } in { $window }
alert-told-probe = { $service } cannot be reached from outside: { $why }
alert-told-probe-unknown = { $service } cannot be reached from outside
alert-told-failed-start = { $service }: { $bad } of { $total } pods fail to start
alert-told-capacity = { $service }: { $ready } of { $total } scheduled nodes came
alert-told-test = Test alert: alerts arrive here. This is no failure.

alert-why-refused = connection refused
alert-why-timed-out = no answer in { $limit }
alert-why-wrong-status = answered { $status }, expected { $expected }
alert-why-text-missing = answered without the expected text
alert-why-tls = TLS failed (certificate expired, wrong name or not trusted)
alert-why-name = its name does not resolve
alert-why-broken = the connection broke

alert-impact-http = { $bad } of { $total } requests failed in { $window }; before: { $before }
alert-impact-http-only = { $bad } of { $total } requests failed in { $window }
alert-impact-http-none = none of { $total } requests failed in { $window }; waiting for five good minutes
alert-impact-absent = no request arrives; before: { $total } in { $span }
alert-impact-absent-only = no request arrives
alert-impact-probe = not reachable from outside: { $why }
alert-impact-probe-unknown = not reachable from outside
alert-impact-failed-start = { $bad } of { $total } pods fail to start
alert-impact-capacity = none yet: { $ready } of { $total } scheduled nodes came
alert-impact-test = none: a test
alert-impact-over = { $bad } of { $total } requests failed in all, at worst { $peak } in one minute; now { $now }
alert-impact-over-short = { $bad } of { $total } requests failed in all; now { $now }
alert-impact-over-probe = reachable again
alert-impact-over-absent = requests arrive again
alert-impact-over-failed-start = all pods start again
alert-impact-over-capacity = the scheduled nodes are there

# What the evidence points at; never a guess.
alert-points-upstream = all failures seen come from upstream { $name }
alert-points-upstream-most = { $count } of { $whole } failures come from upstream { $name }
alert-points-upstreams = failures come from { $count } upstreams
alert-points-upstreams-many = failures come from { $count } upstreams or more
alert-points-path = all failures seen are on { $name }
alert-points-path-most = { $count } of { $whole } failures are on { $name }
alert-points-client = all failures seen are of one network, { $name }
alert-points-client-most = { $count } of { $whole } failures are of one network, { $name }
alert-points-nowhere = not known

alert-chip-log = log ×{ $n }
alert-chip-upstreams = { $n ->
    [one] 1 upstream
   *[other] { $n } upstreams
 }
alert-chip-paths = { $n ->
    [one] 1 path
   *[other] { $n } paths
 }
alert-chip-clients = { $n ->
    [one] 1 network
   *[other] { $n } networks
 }
alert-chip-line = { $name }: { $n ->
    [one] 1 failed
   *[other] { $n } failed
 }
alert-state-failed-start = { $service }: { $bad } of { $total } pods fail to start
alert-state-capacity = { $service }: { $ready } of { $total } scheduled nodes came
