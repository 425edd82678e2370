# The command line and what leaves for chats outside.
verify-sound = { $place }: sound, { $records } records.
verify-damaged = { $place }: NOT sound, { $count } damaged places.
verify-head = Newest record { $seq }, hash { $hash }
verify-tombstones = Redacted records: { $count }
verify-unfinished = Record { $target } is to be redacted by { $by }; the next start finishes it.
verify-next = Nothing was changed. Keep a copy of the whole directory before anything else, then restore the damaged file from a backup; records after the damage are readable still.
drill-opening =
    DRILL { $scenario }: a simulated fleet with a real access log. Nothing here is real; you may play several people.
    Open: { $link }
    (the link works once; the record of this drill is kept in { $data })
    Ctrl-C ends the drill and tells how it went. `/drill hint` in the console gives a hint.
run-opening =
    Lifeboat { $version } watches { $services }.
    Console: { $link }
    (the link works once, for the person of the OS user { $user }; `lifeboat token add NAME` makes a lasting one)
blind-missing = the file is not there
blind-nothing-matches = no file matches the pattern
blind-not-a-file = it is not a file
blind-lost = lines written while Lifeboat was away cannot be found any more; reading goes on with what is there now
export-unknown = There is no incident `{ $name }`: nothing was written. `lifeboat incident list all` shows those there are.
drill-over-prevented = Drill { $scenario }: prevented. Users never suffered.
drill-over-nothing = Drill { $scenario }: users did not suffer.
drill-over-mitigated = Drill { $scenario }: mitigated after { $ttm }.
drill-over-failing = Drill { $scenario }: users still suffer.
drill-over-numbers = Time to detect { $ttd }, to acknowledge { $tta }, to resolve { $ttr }; healthy pods lost: { $pods }; money spent: { $money }; moves that did harm: { $wrong }
drill-over-postmortem = Postmortem: lifeboat --data-dir { $data } postmortem ID --format html
