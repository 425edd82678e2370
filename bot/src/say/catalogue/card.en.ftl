# The card of an incident.
card-title-over = { $title }: over. Mitigated?
card-title-mitigated = Mitigated: { $title }
card-title-resolved = Resolved: { $title }, { $length }
card-title-resolved-only = Resolved: { $title }
card-title-closed = Closed: { $title }, { $length }
card-title-closed-only = Closed: { $title }
card-title-cancelled = Cancelled: { $title }
card-title-merged = Goes on in { $into }: { $title }

card-meta-since = since { $at }
card-meta-seen = seen { $at }
card-meta-taken = taken by { $person }
card-meta-taken-by-nobody = taken
card-meta-silenced = silenced until { $until }
card-meta-ended = { $from } to { $to }, { $severity }

card-row-impact = Impact
card-row-says = Pods say
card-row-likely = Likely
card-row-changed = Changed
card-row-open = Left open
card-row-next = Next

card-not-known = not known
card-impact-more = { $told }; { $more ->
    [one] 1 more alert
   *[other] { $more } more alerts
 }
card-changed-nothing = nothing yet
card-changed = { $at } { $told }
card-changed-by = { $at } { $person }: { $told }
card-open-tasks = { $open } of { $all } tasks
card-next-take = somebody takes it
card-next-command = somebody takes command
card-next-line = { $line } · { $why }
card-next-update = the next update
card-next-mitigate = a person confirms: mitigated since { $since }
card-next-resolve = remove the cause, then resolve
card-next-close = write the postmortem, then close

card-do-take = Take it
card-do-command = Take command
card-do-update = Post update
card-do-silence = Silence 30 min
card-do-identified = Cause found
card-do-mitigate = Set mitigated
card-do-resolve = Set resolved
card-do-close = Close
card-do-reopen = Reopen
card-do-postmortem = Postmortem
card-do-plan = Show { $plan }
card-impact-so-far = { $bad } of { $total } requests failed in all
card-impact-failed = { $bad } requests failed in all
card-impact-of = { $service }: { $told }
card-impact-at = { $told } · counted to { $at }
