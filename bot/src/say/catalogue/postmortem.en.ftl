# The postmortem. What the record cannot tell is asked of people; no key guesses a cause or blames.
postmortem-blameless = Written without blame: it tells what people saw and did with what they knew then. Times and numbers come from the record; dashed frames are left for people.
postmortem-draft = Draft { $n }, { $at }
postmortem-footer = { $incident } · postmortem · all times { $zone }
postmortem-page-of = of
postmortem-contents = Contents
postmortem-label = { $label }:
postmortem-clock = { $value } ({ $ends })
postmortem-drill = { $drill }: this was a drill, nothing of it was real
postmortem-status-merged = { $status }, goes on in { $into }
postmortem-untitled-service = Incident on { $service }
postmortem-untitled = Incident without a title
postmortem-the-service = the service
postmortem-left = Left for people. Owner: nobody yet.
postmortem-not-known = not known
postmortem-not-yet = not yet
postmortem-nobody = nobody
postmortem-by-default = Lifeboat

postmortem-summary = Summary
postmortem-lead = From { $from } to { $to }, { $bad } of { $total } requests to { $service } failed ({ $share }).
postmortem-lead-open = Since { $from }, { $bad } of { $total } requests to { $service } failed ({ $share }). No end is on record.
postmortem-lead-again = Requests failed { $times } times ({ $stretches }): in these times, { $bad } of { $total } requests to { $service } ({ $share }).
postmortem-lead-again-open = Requests failed { $times } times ({ $stretches }): in these times, { $bad } of { $total } requests to { $service } ({ $share }). No end is on record.
postmortem-lead-uncounted = From { $from } to { $to }, { $service } was disturbed. How many requests failed is not known.
postmortem-lead-uncounted-open = Since { $from }, { $service } has been disturbed. How many requests failed is not known, and no end is on record.
postmortem-lead-nothing = When it began, and how many requests failed, is not known.
postmortem-lead-other = In that time, { $bad } of { $total } requests to { $service } failed ({ $share }).
postmortem-more-others = { $more ->
    [one] Requests to one more service failed, too.
   *[other] Requests to { $more } more services failed, too.
}
postmortem-ask-summary = What happened, in a few sentences?

postmortem-ttd = Time to detect
postmortem-tta = Time to acknowledge
postmortem-ttm = Time to mitigate
postmortem-ttr = Time to resolve
postmortem-ttd-warned = Time to detect, from the warning
postmortem-ttm-warned = Time to mitigate, from the warning
postmortem-ttm-felt = Time to mitigate, from the first failed requests
postmortem-ttr-warned = Time to resolve, from the warning

postmortem-turning-points = Turning points
postmortem-chart = Share of requests to { $service } that failed, one value per { $step }, the highest { $peak }. Letters are the turning points; hatched: nothing was counted.
postmortem-chart-usual = Share of requests to { $service } that failed, one value per { $step }, the highest { $peak }; before the failure { $usual }. Letters are the turning points; hatched: nothing was counted.
postmortem-chart-none = No requests were counted, so there is no chart.
postmortem-turn = { $milestone }
postmortem-turn-by = { $milestone } ({ $person })

postmortem-impact = Impact
postmortem-impact-lasted = Lasted
postmortem-impact-failed = Failed requests
postmortem-impact-worst = Worst minute
postmortem-impact-stop = Longest full stop
postmortem-impact-users = Users affected
postmortem-impact-span = { $length }, { $ends }
postmortem-impact-count = { $bad } of { $total } ({ $share })
postmortem-impact-count-alerts = { $bad } of { $total } ({ $share }), as the alerts counted
postmortem-impact-worst-at = { $share }, around { $at }
postmortem-impact-stop-none = none
postmortem-impact-of = { $service }: { $told }

postmortem-questions = Questions the record raises
postmortem-questions-hint = Found by rule from gaps in the record. Answer them in the review, each with a name and a date.
postmortem-q-slow-detection = { $from } to { $to }: it took { $length } to be seen. What would have shown it sooner?
postmortem-q-slow-ack = { $from } to { $to }: { $length } until a person took notice. Whom did the alert reach?
postmortem-q-never-acknowledged = Nobody acknowledged it. Whom did the alert reach?
postmortem-q-silence = { $from } to { $to }: no entry for { $length }. What was tried?
postmortem-q-nobody-held = Nobody held { $role }. Who did that work?
postmortem-q-no-update = No update was posted. What did others know, and from where?
postmortem-q-never-identified = The cause was never named in the record. What is known about it?
postmortem-q-never-mitigated = Nobody recorded when users no longer suffered. When was that?
postmortem-q-mitigated-without-evidence = { $at }: called mitigated before any recovery is on record. How was it seen?
postmortem-q-went-back = { $at }: from { $from } back to { $to }. What had made it look over?
postmortem-q-came-back = { $at }: it failed again after it had recovered. What had only covered it?
postmortem-q-out-of-order = { $second } lies before { $first }. Which of the two times is right?
postmortem-q-blind = { $at }: { $source } could not be read. What was missed meanwhile?
postmortem-q-undelivered = { $n ->
    [one] 1 message was not delivered (entry { $first }). Who should have read it?
   *[other] { $n } messages were not delivered (from entry { $first }). Who should have read them?
 }
postmortem-q-refused = { $n ->
    [one] 1 command was refused (entry { $first }). What was needed instead?
   *[other] { $n } commands were refused (from entry { $first }). What was needed instead?
 }
postmortem-q-nothing-counted = How many requests failed is not known. Where else was it counted?
postmortem-q-nothing-to-prevent = No action prevents it or sees it sooner. Is that meant?
postmortem-q-no-owner = Action { $task } has no owner. Who takes it?

postmortem-factors = Contributing factors
postmortem-ask-factors = What made it possible, and what made it last?
postmortem-trigger = Trigger
postmortem-ask-trigger = What set it off?
postmortem-resolution = Resolution
postmortem-resolution-none = No entry says how it ended.
postmortem-detection = Detection
postmortem-detection-none = No alert told of it.
postmortem-detection-more = { $n ->
    [one] 1 more alert entry stands in the timeline; its evidence is in the JSON export.
   *[other] { $n } more alert entries stand in the timeline; their evidence is in the JSON export.
 }
postmortem-detected = { $at } { $told }
postmortem-evidence-since = First bad request
postmortem-evidence-began = Since
postmortem-evidence-before = Share before
postmortem-evidence-points = Points at
postmortem-evidence-upstreams = Upstreams
postmortem-evidence-paths = Paths
postmortem-evidence-clients = Networks
postmortem-evidence-lines = Log lines, masked
postmortem-evidence-count = { $name } ×{ $n }
postmortem-actions = Action items
postmortem-ask-actions = What keeps it from happening again, and what shows it sooner? Each with a kind, an owner and a date.
postmortem-lessons = Lessons learned
postmortem-ask-surprised = Why were we surprised?
postmortem-ask-well = What went well?
postmortem-ask-wrong = What went wrong?
postmortem-ask-lucky = Where did we get lucky?
postmortem-decisions = Decisions and updates
postmortem-decisions-none = No decision of a person is on record.
postmortem-people = People and roles
postmortem-milestones = Milestones
postmortem-earlier = { $at } ({ $entry })

postmortem-timeline = Timeline
postmortem-timeline-scope = Every entry once, in the order it happened; the second clock is printed where it was recorded more than 5 s later. { $story } of { $all } entries stand here, any others under the supporting records below. Times without a date are of { $date }, { $zone }.
postmortem-timeline-hash = The chain stood at { $hash } when the status last changed.
postmortem-said = Supporting record: what was said
postmortem-measured = Supporting record: counted requests
postmortem-kept = Supporting record: deliveries and bookkeeping
postmortem-entry-number = no. { $seq }
postmortem-corrected = corrected by { $entry }
postmortem-is-pinned = pinned
postmortem-pinned = Put on the timeline: { $entry }
postmortem-hash = chain { $hash }
postmortem-no-data = no data
postmortem-of = { $bad } of { $total }
postmortem-by-detector = detector
postmortem-by-probe = probe
postmortem-by-console = console
postmortem-by-command-line = command line

postmortem-col-number = No.
postmortem-col-happened = Happened
postmortem-col-recorded = Recorded
postmortem-col-who = Who
postmortem-col-what = What
postmortem-col-evidence = Evidence
postmortem-col-entry = Entry
postmortem-col-kind = Kind
postmortem-col-owner = Owner
postmortem-col-due = Due
postmortem-col-done = Done
postmortem-col-role = Role
postmortem-col-from = From
postmortem-col-until = Until
postmortem-col-entries = Entries
postmortem-col-first = First
postmortem-col-last = Last
postmortem-col-milestone = Milestone
postmortem-col-earlier = Earlier entries
postmortem-col-conditions = Conditions
postmortem-col-actions = Actions
postmortem-col-needs = Needs
postmortem-col-service = Service
postmortem-col-step = Step
postmortem-col-failed = Failed
postmortem-col-share = Share
postmortem-col-worst = Worst step

postmortem-public = For the public
postmortem-public-note = Drafts from milestones and impact only. Nobody has read them yet: check them, and add the cause and what you change.
postmortem-public-language = English
postmortem-public-title = Disturbance of { $service } on { $date }
postmortem-public-share = On { $date } from { $from } to { $to } ({ $zone }), about { $share } of requests to { $service } failed.
postmortem-public-share-open = Since { $from } on { $date } ({ $zone }), about { $share } of requests to { $service } have failed. We are working on it.
postmortem-public-share-again = On { $date } between { $from } and { $to } ({ $zone }), { $service } was disturbed { $times } times, for { $length } in all; in that time, about { $share } of requests failed.
postmortem-public-share-again-open = Since { $from } on { $date } ({ $zone }), { $service } has been disturbed { $times } times; in these times, about { $share } of requests failed. We are working on it.
postmortem-public-uncounted = On { $date } from { $from } to { $to } ({ $zone }), { $service } was disturbed.
postmortem-public-uncounted-open = Since { $from } on { $date } ({ $zone }), { $service } has been disturbed. We are working on it.
postmortem-public-few = less than 1 %
postmortem-public-stop = For { $length } no request succeeded.
postmortem-public-stop-of = For { $length } no request to { $service } succeeded.
postmortem-public-other = In that time, about { $share } of requests to { $service } failed, too.
postmortem-public-noticed = We noticed it at { $detected }.
postmortem-public-noticed-taken = We noticed it at { $detected } and began to work on it at { $acknowledged }.
postmortem-public-mitigated = Since { $mitigated }, { $service } has worked again.
postmortem-public-mitigated-all = Since { $mitigated }, everything has worked again.
postmortem-public-resolved = The cause was removed at { $resolved }.
postmortem-public-apology = We apologise to everyone it affected.
postmortem-public-cancelled = Nothing to announce: what was suspected turned out to be no incident.
postmortem-public-elsewhere = Nothing to announce here: this went on in another incident.
postmortem-public-ask = [To be written by people: what caused it, and what changes so that it does not happen again.]
postmortem-no-data-from = no data from { $from }
postmortem-title = { $share } of requests to { $service } failed for { $length }
postmortem-title-again = { $share } of requests to { $service } failed, { $times } times, for { $length } in all
postmortem-title-several = Requests to { $services } failed for { $length }
postmortem-title-several-again = Requests to { $services } failed, { $times } times, for { $length } in all
postmortem-turn-why = { $head }: { $why }
postmortem-turn-first = the first request that failed
postmortem-impact-count-part = { $bad } of { $total } ({ $share }); for { $missing } nothing was counted
postmortem-by-discord = Discord

postmortem-lead-none-failed = From { $from } to { $to }, none of { $total } requests to { $service } failed: users did not suffer.
postmortem-lead-none-failed-part = From { $from } to { $to }, none of the { $total } counted requests to { $service } failed; for { $missing } nothing was counted.
postmortem-lead-none-failed-open = Since { $from }, none of { $total } requests to { $service } have failed so far.
postmortem-plans = Plans on machines
postmortem-plan = { $plan } { $what }: { $standing }
postmortem-plan-who = Who
postmortem-plan-shown = Shown before the yes
postmortem-plan-came-to = Came to
postmortem-col-node = Node or matter
postmortem-col-stands = How it stands
postmortem-col-came-to = What came of it
postmortem-worked = Steps of the plans
postmortem-public-nothing-failed = No request failed: there is nothing to tell the public. This draft stays empty on purpose.
