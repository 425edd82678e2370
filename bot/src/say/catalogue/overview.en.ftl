# What Lifeboat sees: the sentence when no incident is open, sources, strips under the header.
overview-quiet = No incident is open. { $well } of { $all } sources are read.
overview-quiet-share = No incident is open. { $share } of requests fail; { $well } of { $all } sources are read.
overview-quiet-alerts = No incident is open. { $firing ->
    [one] 1 alert fires
   *[other] { $firing } alerts fire
 }; { $well } of { $all } sources are read.
overview-nothing-watched = Lifeboat watches nothing yet: no source is configured.
overview-nothing-read = Lifeboat has seen nothing yet: no source has given a line.
overview-blind = Lifeboat cannot see: { $source } is not read since { $since }.
overview-blind-all = Lifeboat cannot see: none of its { $n } sources can be read.

overview-source-blind = cannot be read since { $since }
overview-source-probe = looks from outside
overview-source-read = last line { $at }, { $n ->
    [one] 1 request read
   *[other] { $n } requests read
 }
overview-source-nothing = no line read yet
overview-source-malformed = { $n ->
    [one] 1 line not understood
   *[other] { $n } lines not understood
 }
overview-source-behind = { $size } behind

overview-unrecorded = Nothing is recorded since { $since }: { $why }. Alerts go on, marked "not recorded"; commands that change something are refused. Next: check the data disk.
overview-reserve = The data disk is nearly full, recording goes on in the reserve. Next: free space.
overview-notice-blind = Cannot read { $source } since { $since }. Failures it would show are not seen.
overview-notice-blind-many = Cannot read { $n } sources, the first since { $since }. Failures they would show are not seen.
overview-waiting = { $n ->
    [one] 1 message waits
   *[other] { $n } messages wait
 } for the chat outside since { $since }; order is kept. This page has them all.
overview-parked = { $n ->
    [one] 1 message was
   *[other] { $n } messages were
 } not delivered to the chat outside, the newest { $at }: { $why }. This page has them all.
overview-parked-refused = refused with HTTP { $status }
overview-parked-gave-up = given up after { $tries ->
    [one] 1 try
   *[other] { $tries } tries
 }
