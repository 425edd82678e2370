# Private answers to commands.
reply-of-incident = { $incident }: { $told }
reply-still-fires = Still firing: { $alerts }
reply-fails-again = Not yet proven to be over. If it goes on failing, { $incident } goes back to investigating by itself.
reply-not-recorded = Not done: it could not be recorded ({ $why }). Nothing was changed.
    Next: check the data disk, then give the command again. Alerts go on meanwhile.
reply-incident = { $severity } { $incident }, { $title }: { $status }, since { $since }
reply-merged = merged into { $into }
reply-no-open-incident = No incident is open.
reply-no-incident = There was no incident yet.
reply-fact = { $label }: { $text }
reply-task = Task { $task } ({ $what }), { $owner }: { $text }
reply-task-done = Task { $task } ({ $what }), { $owner }, done: { $text }
reply-postmortem = Postmortem of { $incident }: { $path }
reply-no-alert = No alert fires, none is silenced.
reply-alert-fires = { $severity } { $title }: fires since { $since }, share { $share }
reply-alert-fires-all = { $severity } { $title }: fires since { $since }, { $share } of requests fail with all codes together
reply-alert-fires-only = { $severity } { $title }: fires since { $since }
reply-alert-over = { $severity } { $title }: over
reply-alert-silenced = silenced until { $until }
reply-more = { $n } more
reply-refused = Refused. { $why } Nothing was changed.
    { $next }
