# What the console page says in English. `ui-` keys only; no selectors: the page fills in the braces by itself.
# Regions and views
ui-skip = To the command line
ui-rail = Incidents and channels
ui-views = Views
ui-now = Now
ui-chat = Chat
ui-timeline = Timeline
ui-more = More
ui-facts = Facts
ui-messages = Messages
ui-drill = Drill

# The rail
ui-open = Open incidents
ui-channels = Channels
ui-closed = Recently closed
ui-none = none
ui-unread = { $n } unread
ui-reader = Reader
ui-language = Language
ui-theme = Theme
ui-light = Light
ui-dark = Dark
ui-all-keys = all keys

# The state header and the strips
ui-since = since { $at }
ui-age = ({ $age })
ui-was = was { $word }
ui-nobody = nobody
ui-take = take it
ui-take-role = Take the role: { $role }
ui-flag-offline = OFFLINE
ui-offline-sentence = This page lost Lifeboat at { $at }.
ui-offline-strip = What you see is as of { $at }. Drafts stay, sending is off.
ui-next-try = Next try in { $s } s.
ui-readonly-strip = You can read everything and change nothing. To act, open the link that Lifeboat printed at start, or the one that lifeboat token add NAME prints.

# The chat
ui-no-channel = No channel
ui-today = Today
ui-new = { $n } new
ui-earlier = { $n } earlier
ui-waiting = not recorded yet
ui-unrecorded = not recorded
ui-pinned = on the timeline
ui-pin = Add to the timeline
ui-only-you = only you see this
ui-again = Send again
ui-drop = Discard
ui-close = Close
ui-go-to = Go to { $name }
ui-open-export = Open it
ui-no-answer = No answer. It is not known whether Lifeboat took it: look whether it appears before you send it again.
ui-outcome-done = Done
ui-outcome-shown = Answer
ui-outcome-refused = Refused
ui-outcome-failed = Failed
ui-outcome-unknown = Not known yet
ui-why-readonly = Reading only.
ui-why-offline = Lifeboat cannot be reached; sending is off.

# The card
ui-card-state = { $id }, state { $n }
ui-card-waits = State { $n } waits until you leave the card
ui-changed = changed, read again

# The command line
ui-line = Message or command
ui-line-hint = Message, or / for a command
ui-options = Completions
ui-send = Send
ui-hint-choose = choose
ui-hint-close = close

# Facts
ui-chart = Failed requests of { $service }, %
ui-chart-day = Failed requests of { $service }, %, last 24 hours
ui-chart-since = Failed requests of { $service }, %, since { $at }
ui-chart-caption = { $service }: { $now } of requests fail now, at most { $peak } in this window; the alert’s limit is { $limit }.
ui-usual = usual { $n }
ui-now-share = now
ui-limit = limit { $n }
ui-no-data = no data since { $at }
ui-no-requests = no requests
ui-unknown = not known
ui-of-requests = { $bad } of { $total } requests
ui-as-table = As a table
ui-col-time = Time
ui-col-share = Share
ui-col-bad = Failed
ui-col-total = Requests
ui-col-event = Event
ui-percent = { $n } %
ui-tasks = Tasks
ui-tasks-open = { $open } of { $total } open
ui-task-done = done
ui-sees = What Lifeboat sees
ui-silent = silent
ui-no-sources = No source is configured. Name an access log in lifeboat.toml.
ui-none-closed = No incident has been closed yet.

# The timeline
ui-entries = { $n }, { $zone }
ui-earlier-from = { $n } earlier, from { $at }
ui-gap = { $age } without an entry
ui-no-entries = No entry yet.
ui-recorded = rec { $at }
ui-corrected = corrected
ui-note = Note
ui-export = Export

# Times
ui-dur-s = { $s } s
ui-dur-min = { $m } min { $s } s
ui-dur-h = { $h } h { $m } min
ui-dur-d = { $d } d { $h } h

# Keys
ui-key-line = command line
ui-key-choose = choose, or recall
ui-key-take = take
ui-key-send = send
ui-key-newline = new line
ui-key-close = close, then back to where you were
ui-key-plan = to the yes, to the no of the plan; Enter presses it
ui-key-note = note for the timeline
ui-key-pin = pin the focused message
ui-key-entries = next, previous entry
ui-key-unread = next unread
ui-key-regions = chat, facts, timeline
ui-key-next = next region
ui-key-chart = along the chart; Shift: from event to event
ui-key-export = export
ui-key-all = this list
ui-single-keys = Single letters are keys
ui-next = Suggested next
ui-next-how = a click fills the command line, Enter sends it
ui-capacity = { $cluster }: { $headline }
ui-stale = too old to act on
ui-node = node
ui-standbys = Standbys
ui-schedules = Schedules
ui-blast-now = now
ui-blast-lowest = lowest
ui-blast-after = after
ui-plan-state = { $id }, state { $n }
ui-plan-show = Show { $id }
ui-back = Back
ui-type-first = Type { $text } to go on
ui-countdown = { $age } left
ui-speak = You speak as
ui-speak-as = Speak as { $person }
ui-hint = Hint
ui-speed = { $n } times as fast as real
