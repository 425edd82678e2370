# The first and the last words of a drill, on the terminal and on the page.
drill-opening =
    DRILL { $scenario }: { $title }

    Open: { $link }
    (the link works once; the record of this drill is kept in { $data })

    Nothing here is real: a simulated fleet behind a real access log. You may play several people.
    It is { $now } there. { $pace }
    First: look at #alerts, then type /capacity show and /cluster diagnose. `/drill hint` helps on.
    Ctrl-C ends the drill and tells how it went.
drill-pace-even = The clock runs { $times } times as fast as yours.
drill-pace = Quiet hours pass { $quiet } times as fast as yours; while something needs you, the clock slows to { $awake } times.
drill-stands-still = The play is over: time stands still. The console stays open to be read; Ctrl-C ends it and tells how it went.
drill-over-prevented = Drill { $scenario }: prevented. Users never suffered.
drill-over-nothing = Drill { $scenario }: users did not suffer.
drill-over-early = Drill { $scenario }: ended before the trouble was past. Users had not suffered yet.
drill-over-mitigated = Drill { $scenario }: mitigated after { $ttm }.
drill-over-failing = Drill { $scenario }: users still suffer.
drill-over-numbers = Time to detect { $ttd }, to acknowledge { $tta }, to resolve { $ttr } · healthy pods lost: { $pods } · money spent: { $money }
drill-over-counted = Counted from { $from }, when users began to suffer, to { $to }, when they were well again.
drill-over-counted-open = Counted from { $from }, when users began to suffer.
drill-well = What went well
drill-well-warning = the warning was acted on before anybody suffered
drill-well-taken = somebody took the incident within 5 minutes
drill-well-looked = the cause was looked for before machines were touched
drill-well-canary = one node was booted and looked at before the others
drill-well-nothing-lost = no plan cost a healthy pod
drill-costs = What cost time
drill-cost-warning = { $length }: a warning stood, and nothing was approved
drill-cost-not-taken = { $length }: it was detected, and nobody took it
drill-cost-not-decided = { $length }: it was taken, and no plan was approved
drill-cost-in-vain = { $length }: { $plan }, { $what }, brought no proof
drill-cost-waited = { $length }: { $plan }, { $what }, waited for a yes
drill-wrong = What did harm, or did not help
drill-not-proven = a plan of /{ $verb } ended without proof
drill-left-paused = a plan of /{ $verb } stood still for more than 10 minutes while users got errors
drill-harm-healthy-pods-lost = pods that ran well were ended
drill-harm-last-serving-lost = the last serving pods were ended
drill-harm-rebooted-what-was-well = a node was booted again that nothing was wrong with
drill-harm-stopped-what-is-sold-out = a machine was stopped whose type is sold out: it does not come back
drill-harm-shifted-to-what-cannot-carry-it = traffic went to a cluster that cannot carry it
drill-harm-closed-the-entry = nodes were closed through which requests come in
drill-harm-launched-in-vain = a machine was paid for and was of no use
drill-better = A better first move: { $move }
drill-broken = Lifeboat broke its own rules, which is a fault of ours: { $what }
drill-papers = Postmortem
drill-record = The record: { $data }
