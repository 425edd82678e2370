# A line of the timeline for each kind of event. The person stands beside it, not in it.
event-lifeboat-started = Lifeboat { $version } started
event-lifeboat-started-torn = Lifeboat { $version } started; { $bytes } bytes of an unfinished last record were cut, nothing acknowledged was lost
event-lifeboat-stopped = Lifeboat stopped
event-recording-resumed = Recording works again; it did not from { $since }. { $n ->
    [0] Nothing was said meanwhile.
    [one] 1 message said meanwhile is recorded now.
   *[other] { $n } messages said meanwhile are recorded now.
 }
event-reserve-in-use = The data disk is nearly full; recording goes on in the reserve

event-alert-moved = Fails elsewhere now: { $told }; { $points }
event-alert-grew = Worse, { $severity }: { $told }
event-alert-returned = { $times ->
    [one] Fails again, { $severity }: { $told }
   *[other] Fails again, { $times } times now, { $severity }: { $told }
 }
event-alert-still = Still fails, { $severity }: { $told }
event-alert-recovered-http = { $code } on { $service } is over since { $since }: share { $now }, at worst { $peak } in one minute; { $bad } of { $total } requests failed
event-alert-recovered-http-short = { $code } on { $service } is over since { $since }: share { $now }; { $bad } of { $total } requests failed
event-alert-recovered-absent = Requests for { $service } arrive again since { $since }
event-alert-recovered-probe = { $service } can be reached again since { $since }
event-alert-recovered-failed-start = Pods of { $service } start again since { $since }
event-alert-recovered-capacity = { $service } has its scheduled nodes since { $since }
event-alert-recovered-unknown = Alert { $alert } is over since { $since }
event-alert-silenced = Silenced until { $until }: { $title }
event-alert-silenced-reason = Silenced until { $until }: { $title }. Reason: { $reason }
event-alert-unsilenced = No longer silenced: { $title }
event-traffic-measured = { $service }: { $bad } of { $total } requests failed from { $from } to { $to }

event-source-blind = Cannot read { $source }: { $why }
event-source-seen = Reads { $source } again
event-source-unwatched = { $source } could not be read and is gone or no longer configured; nothing looks at it any more
event-source-behind = { $source } is { $size } behind; alerts from it are late, and silence of any service is not judged until it has caught up

event-incident-declared = { $incident } declared, { $severity }: { $title }
event-incident-opened = { $incident } opened, { $severity }: { $title }
event-channel-opened = Channel #{ $channel } opened
event-alert-joined = Joined by { $title }
event-acknowledged = Took it
event-severity-changed = Severity { $from } → { $to }
event-status-changed = Status { $from } → { $to }
event-status-changed-reason = Status { $from } → { $to }: { $reason }
event-milestone-set = { $milestone } at { $at }
event-role-taken = { $role }: { $person }
event-update = Update
event-update-conditions = Conditions: { $text }
event-update-actions = Actions: { $text }
event-update-needs = Needs: { $text }
event-message-pinned = { $author }: { $text }
event-message-pinned-unknown = Message { $message } put on the timeline
event-task-added = Task { $task } ({ $what }): { $text }
event-task-added-owner = Task { $task } ({ $what }), { $owner }: { $text }
event-task-done = Task { $task } done
event-task-done-text = Task { $task } done: { $text }
event-recovery-proposed = All alerts are over since { $since }
event-merged = Goes on in { $into }
event-merged-from = { $from } goes on here
event-redacted = Event { $target } redacted
event-redacted-reason = Event { $target } redacted: { $reason }
event-tombstone = Redacted, see event { $by }
event-tombstone-by = Redacted by { $person }: { $reason }
event-postmortem-exported = Postmortem written as { $format }, { $lang }
event-post-queued-card = Card of { $incident } queued for #{ $channel }
event-post-queued-notice = Notice of event { $about } queued for #{ $channel }
event-post-sent = Message { $queued } delivered
event-post-refused = Message { $queued } refused with HTTP { $status }
event-post-gave-up = { $tries ->
    [one] Message { $queued } given up after 1 try
   *[other] Message { $queued } given up after { $tries } tries
 }
event-post-replaced = Message { $queued } not sent, a newer state went instead
event-command-refused = Refused: /{ $command }

event-actor-lifeboat = Lifeboat

# Messages on their way to chats outside, and where those are.
event-post-queued-plan = Card of { $plan } queued for #{ $channel }
event-post-queued-room = Place for { $incident } asked for: #{ $channel }
event-post-queued-farewell = Postmortem of { $incident } queued for #{ $channel }
event-post-edited = Card { $queued } brought up to date, as of event { $shown }
event-place-found = { $place } is { $id } in { $chat }
event-place-mild = { $place } is a thread under its card in { $chat }, as configured
event-place-full = { $chat } has no room for another channel: { $place } is a thread under its card. Next: delete old channels, or name another category
event-place-forbidden = { $chat } allowed no channel: { $place } is a thread under its card. Next: run lifeboat doctor; it names the permission that is missing
event-place-nothing = { $chat } allowed neither a channel nor a thread: what belongs to { $place } stands in the common channel. Next: run lifeboat doctor
event-place-lost = { $place } is gone in { $chat }
event-chat-lost = { $chat } cannot be reached since { $since }
event-chat-back = { $chat } can be reached again; it could not since { $since }
event-channel-unreached = { $chat } takes no messages in #{ $channel } since { $since }; in other channels it does
event-channel-reached = { $chat } takes messages in #{ $channel } again; it did not since { $since }
