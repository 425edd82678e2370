# The command line and what leaves for chats outside.
verify-sound = { $place }: sound, { $records } records.
verify-damaged = { $place }: NOT sound, { $count } damaged places.
verify-damage = { $file }, line { $line }, byte { $byte }: { $fault }
verify-none = { $place }: there is no record here. Nothing was changed. Next: name the `data_dir` of a Lifeboat that has run, or its log/.
verify-torn = At its end, { $bytes } bytes of an unfinished record that was never acknowledged: a running Lifeboat is just writing it, or the next start cuts it and keeps it beside.
verify-head = Newest record { $seq }, hash { $hash }
verify-tombstones = Redacted records: { $count }
verify-unfinished = Record { $target } is to be redacted by { $by }; the next start finishes it.
verify-next = Nothing was changed. Keep a copy of the whole directory before anything else, then restore the damaged file from a backup; records after the damage are readable still.
run-watches = Lifeboat { $version } watches { $services }.
run-watches-nothing = Lifeboat { $version } watches nothing yet: the configuration names no service. Add a [[service]] with its name and its `logs` (`lifeboat check --example` shows one), then start Lifeboat again.
run-opening =
    { $watched }
    Console: { $link }
    (the link works once, for the person of the OS user { $user }; `lifeboat token add NAME` prints one that lasts)
blind-missing = the file is not there
blind-nothing-matches = no file matches the pattern
blind-not-a-file = it is not a file
blind-lost = lines written while Lifeboat was away or behind cannot be found any more; reading goes on with what is there now
export-unknown = There is no incident { $incident }: nothing was written. `lifeboat incident list all` shows those there are.
export-by-command = Postmortem of { $incident }: `lifeboat postmortem { $incident }` prints it, `lifeboat postmortem { $incident } --format html --out FILE` writes it as a page.
token-way-in =
    To sign in, open { $link }
    The link works as often as you like, until `lifeboat token revoke "{ $name }"`; a browser stays signed in for { $days } days. Whoever has it signs in with it.
token-only-reads =
    No [[person]] of the configuration has `console = "{ $name }"`: whoever signs in with this token may only read.
    To let them do more, add a [[person]] with a name, `console = "{ $name }"` and `roles = ["responder"]`, and start Lifeboat again.
fault-layout = not laid out as a record
fault-unfinished = the line has no end
fault-blank = an empty line between records
fault-newer = record version { $found } is newer than { $newest }, the newest this Lifeboat reads; use a newer Lifeboat
fault-hash = the hash does not match the record's header
fault-payload = the payload's SHA-256 does not match
fault-chain = the chain is broken: `prev` is not the hash of the record before
fault-number = expected event { $expected }, found { $found }
fault-group = the flush of this record is incomplete
fault-fields = the fields cannot be read: { $why }
fault-tombstone = a tombstone without its redaction (event { $by })
fault-name = the file's name promises event { $promised }
open-in-use = open { $place }: process { $pid } is using it; nothing was changed. Stop that Lifeboat or choose another directory.
open-in-use-by-unknown = open { $place }: another process is using it; nothing was changed. Stop that Lifeboat or choose another directory.
open-damaged = open the log: damaged at { $damage }. Nothing was changed; `lifeboat verify` tells every damaged place and what to do.
open-newer = open the log: written by a newer Lifeboat: { $damage }. Nothing was changed.
open-unknown-file = open { $place }: not a file this Lifeboat knows; nothing was changed. Use a newer Lifeboat.
open-missing = open { $place }: there is no such file or directory; nothing was changed. Name another with --data-dir or in the configuration.
blind-not-understood = its lines are not understood, a hundred of them in a row
