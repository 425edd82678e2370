# The command line and what leaves for chats outside.
verify-sound = { $place }: sound, { $records } records.
verify-damaged = { $place }: NOT sound, { $count } damaged places.
verify-head = Newest record { $seq }, hash { $hash }
verify-tombstones = Redacted records: { $count }
verify-unfinished = Record { $target } is to be redacted by { $by }; the next start finishes it.
verify-next = Nothing was changed. Keep a copy of the whole directory before anything else, then restore the damaged file from a backup; records after the damage are readable still.
run-opening =
    Lifeboat { $version } watches { $services }.
    Console: { $link }
    (the link works once, for the person of the OS user { $user }; `lifeboat token add NAME` makes a lasting one)
blind-missing = the file is not there
blind-nothing-matches = no file matches the pattern
blind-not-a-file = it is not a file
blind-lost = lines written while Lifeboat was away cannot be found any more; reading goes on with what is there now
export-unknown = There is no incident { $incident }: nothing was written. `lifeboat incident list all` shows those there are.
export-by-command = Postmortem of { $incident }: `lifeboat postmortem { $incident }` prints it, `lifeboat postmortem { $incident } --format html --out FILE` writes it as a page.
token-only-reads =
    No [[person]] of the configuration has `console = "{ $name }"`: whoever signs in with this token may only read.
    To let them do more, add a [[person]] with a name, `console = "{ $name }"` and `roles = ["responder"]`, and start Lifeboat again.
