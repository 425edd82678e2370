# Nodes, clusters, schedules, drills.
fleet-none = No cluster is configured: Lifeboat only watches.
fleet-not-seen = { $cluster }: nothing has been seen of it yet
fleet-never = never seen
fleet-cluster = { $cluster }: { $serving } of { $wanted } nodes serve (seen { $age } ago)
fleet-frozen = Frozen: Lifeboat changes nothing there (kubectl is not bound by it)
fleet-node = { $mark } { $node }: { $state }
fleet-node-fails = { $mark } { $node }: { $state }; fails: { $probes }
fleet-node-serving = serves
fleet-node-serving-cordoned = serves, cordoned
fleet-node-idle = Ready, serves nothing
fleet-node-cordoned = Ready, cordoned
fleet-node-down = not Ready
fleet-node-unknown = not heard of
fleet-check-green = Could take the load now.
fleet-check-red = Could not take the load: { $items }
fleet-check-red-since = Could not take the load: { $items }; last could at { $at }
fleet-standby-green = { $cluster } could take the load now
fleet-standby-green-at = { $cluster } could take the load now; last checked so { $age } ago
fleet-standby-red = { $cluster } could not ({ $serving } of { $wanted } serve): { $items }
fleet-standby-red-at = { $cluster } could not ({ $serving } of { $wanted } serve): { $items }; last could { $age } ago
fleet-check-facts = facts are old
fleet-check-nodes = too few Ready nodes
fleet-check-serving = too few nodes serve
fleet-check-failed-starts = pods fail to start
fleet-check-managers = no majority of managers
fleet-check-answers = does not answer through the traffic entry
fleet-check-name-resolution = name resolution fails
fleet-check-agent = agents do not answer
fleet-check-egress = outside dependencies not reached
fleet-check-image-pull = images cannot be pulled
fleet-probe-name-resolution = name resolution
fleet-probe-agent = agent
fleet-probe-egress = reaching dependencies
fleet-probe-image-pull = image pull
fleet-probe-capacity = capacity
fleet-probe-node-loss = staying up
fleet-probe-join = joining
fleet-probe-entry = the entry
fleet-diagnosis = { $what } fails on { $n } of { $of } nodes
fleet-diagnosis-nothing = Nothing fails that Lifeboat can see.
fleet-verdict-node-path = The nodes' own path to the name servers is broken; a reboot in place mends it. Try one node first.
fleet-verdict-name-servers = The name servers fail, not the nodes: rebooting workers does not help.
fleet-verdict-registry = Images cannot be pulled: start, reboot and swap nothing that needs one.
fleet-verdict-agents = Agents are silent while pods may go on: leave the nodes alone until that is known.
fleet-verdict-too-few = Too few nodes for what is asked: add some.
fleet-verdict-egress = Pods do not reach what they depend on: go back to the cluster that does.
fleet-verdict-application = Pods fail for a reason of their own: look at what they say.
fleet-verdict-wanderer = The same workload was on each node that went down: keep it on one node, and have its owner stop it. More nodes feed it.
fleet-verdict-never-join = Machines that were made run and never became nodes: start what worked before, and make no more of these.
fleet-verdict-entry = Everything behind the entry is well and nobody gets through it: go round it, to another cluster.
fleet-verdict-cordoned = Nobody gets through the entry since nodes were cordoned: take the cordon back.
fleet-action = Next: { $line }
fleet-worst-row = { $probe } fails on { $failed } of { $of } nodes
fleet-earlier = { $incident } ({ $at }) failed alike. What helped: { $helped }
fleet-earlier-unknown = not noted
card-row-serving = Serving
card-row-capacity = Schedule
card-row-fallbacks = In stock
card-row-standby = Standby
card-row-probes = Worst probe
card-row-verdict = Points at
card-row-earlier = Earlier
card-row-plan = Plan
event-cluster-frozen = { $cluster } is frozen: { $reason }. Lifeboat changes nothing there; kubectl is not bound by it
event-cluster-unfrozen = { $cluster } is no longer frozen
event-cluster-green = ✓ { $cluster } could take the load now
event-cluster-red = ✕ { $cluster } could not take the load: { $items }
event-fleet-blind = Cannot see { $what }: { $why }
event-fleet-seen = Sees { $what } again
event-diagnosed = { $cluster }: { $what } fails on { $n } of { $of } nodes. { $verdict }
event-diagnosed-nothing = { $cluster }: nothing fails that Lifeboat can see
event-drill-opened = { $drill } began: a drill on a simulated fleet, apart from everything here
event-drill-closed = { $drill } is over
event-drill-called-off = { $drill } was called off: something real fails
event-drill-started =
    Drill { $scenario } (seed { $seed }). { $title }
    Nothing here is real. Lifeboat watches a service on a simulated fleet; what happens is told in this channel, and an incident gets a channel of its own.
    To look: /capacity show, /cluster list, /cluster diagnose. What changes machines is a plan: it is shown first, then /plan approve.
    You may play several people: put @second in front of a line. Stuck: /drill hint. Enough: /drill stop.
event-drill-ended = { $n ->
    [0] The drill is over: users no longer suffer
    [one] The drill is over: users no longer suffer; 1 move did harm
   *[other] The drill is over: users no longer suffer; { $n } moves did harm
 }
event-drill-ended-early = The drill is over, before the trouble was past: users had not suffered yet
event-drill-ended-failing = { $n ->
    [0] The drill is over: users still suffer
    [one] The drill is over: users still suffer; 1 move did harm
   *[other] The drill is over: users still suffer; { $n } moves did harm
 }
reply-drill-stops = The drill ends, and #alerts tells how it went. Time stands still here from now on; the record stays to be read.
reply-drill-starts = A drill is played apart, with a record of its own. In a terminal: lifeboat drill
reply-drill-began =
    { $drill } began, apart from everything here: its own record, its own numbers, a simulated fleet.
    Open: { $link }
    (the link works once and is yours; it is reached on the machine Lifeboat runs on)
    { $pace }
reply-drill-failed = The drill did not begin: { $why }. Nothing was changed.
fleet-dated = { $told } · { $at }
fleet-seen = seen { $at }
fleet-seen-old = last seen { $at }, too old to act on
fleet-row-serving = { $cluster }: { $serving } of { $wanted } nodes serve
fleet-serve = { $serving } of { $wanted } nodes serve
fleet-traffic = { $n } % of the traffic
fleet-frozen-by = Frozen by { $person } { $at }: { $reason }
fleet-seat-serves = serves
fleet-seat-held = kept from pods
fleet-seat-idle = Ready, serves nothing
fleet-seat-down = not Ready
fleet-seat-unknown = not heard of
fleet-seat-missing = missing
fleet-column-name-resolution = names
fleet-column-agent = agent
fleet-column-egress = egress
fleet-column-image-pull = image
fleet-column-pods = pods
fleet-cell-pass = passes
fleet-cell-fail = fails
fleet-cell-unknown = could not be looked at
fleet-cell-none = not looked at
fleet-cell-at = { $at }
fleet-cell-said = { $at }: { $said }
fleet-matrix-green = Every probe passes on { $n } nodes
fleet-matrix-folded = { $n } more, all green
fleet-matrix-folded-failing = { $n } more, { $failing } of them fail
fleet-diagnosis-few = { $up } of { $wanted } nodes are up
fleet-never-green = never green
fleet-green-ago = green { $age } ago
fleet-schedule-brings = { $n } nodes of pool { $pool }, next run { $next }
event-diagnosed-few = { $cluster }: { $up } of { $of } nodes are up. { $verdict }
suggest-nobody-has-it = nobody has taken it yet
suggest-over = the failures are over: a person confirms it
suggest-mitigated = users no longer suffer: when the cause is gone too
suggest-resolved = it is resolved: read the postmortem
suggest-sound = { $n ->
    [one] 1 node is sound again and still kept from pods
   *[other] { $n } nodes are sound again and still kept from pods
 }
suggest-canary = one failing node first: the probes before and after show whether a reboot mends it
suggest-canary-helped = a reboot helped in { $incident }: try one failing node first, with probes before and after
suggest-rest = { $n ->
    [one] { $plan } showed that a reboot mends it: the one that still fails next
   *[other] { $plan } showed that a reboot mends it: the { $n } that still fail next, one after the other where they serve
 }
suggest-together = { $n ->
    [one] the site is down: reboot the failing one without drain
   *[other] the site is down: reboot the { $n } failing ones in batches, without drain
 }
suggest-missing = { $n ->
    [one] 1 node is missing; new ones join in quarantine and get pods only when their probes pass
   *[other] { $n } nodes are missing; new ones join in quarantine and get pods only when their probes pass
 }
suggest-beyond = every wanted node serves and users still get errors: the load may be too much for them
suggest-standby = { $cluster } could take the load now
suggest-refill = they came back empty: the workload takes one of them, pods find room on the others; close those to it again as soon as they serve
suggest-goes-on = what paused it is over: it can go on
suggest-paused-by-person = a person paused it: it could go on
suggest-looks-again = it reads again what nobody knew, and repeats nothing blindly
suggest-tries-again = it tries the step that failed again
suggest-fails-again = its step failed twice: a third try will not help. End it here, so that something else can be done
suggest-or-end = or end it here, with what it leaves told, so that something else can be done
suggest-held-up = what paused it is not over: end it here, so that something else can be done
suggest-frozen = { $cluster } is frozen, and a plan stands still for that: ask whoever froze it; without the freeze it can go on
suggest-no-longer-so = what the yes was for is no longer so: end it here and ask again
suggest-look = which probe fails on which node
suggest-stock = how the schedules stand, and what can be had
fleet-finding-name-resolution = Name resolution fails on { $n } of { $of } nodes
fleet-finding-entry = The entry lets nobody through to { $n } of { $of } nodes
fleet-finding-agent = The agents of { $n } of { $of } nodes are silent
fleet-finding-egress = { $n } of { $of } nodes do not reach what they depend on
fleet-finding-image-pull = Images cannot be pulled on { $n } of { $of } nodes
