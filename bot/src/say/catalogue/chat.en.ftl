# What stands on messages in a chat outside, besides what cards and notices say everywhere.
chat-drill = DRILL
chat-taken-by = taken by
chat-lead = lead
chat-channel = Channel
chat-status = Status: { $status }. { $sentence }
chat-state = state { $n }
chat-beat = if this is older than 5 min, Lifeboat is not updating it
chat-who = Who
chat-worse = { $to } (was { $from })
chat-timeline = Timeline, newest last
chat-work = Open work
chat-asked-by = asked by
chat-expires = expires
chat-plan-footer = { $plan } · hash { $hash } · an approval is for exactly this plan
chat-away = Discord was out of reach
chat-away-here = This channel took no messages
chat-away-nothing = No incident changed meanwhile.
chat-away-record = What was said meanwhile stands in the console and on the timelines; it is not repeated here.
chat-farewell = this channel is put away; the postmortem is attached
chat-goes-on = { $subject } goes on in a newer message.
chat-do-newest = Newest message
chat-do-page = Open in the console

place-open = The category of open incidents
place-closed = The category of closed incidents
chat-console = The console
chat-webhook = The webhook
chat-discord = Discord

chat-to-timeline = Add to timeline
noun-incident = Work on an incident, from the first word to the postmortem
noun-alert = What fires, what is silenced, proof that alerts arrive
noun-node = Add, reboot, drain, move and remove workers
noun-cluster = Check, diagnose, freeze and swap clusters
noun-capacity = Schedules that start workers, and how they stand
noun-plan = Say yes or no to a plan, pause it, go on
noun-drill = A game day on a simulated fleet

chat-alerts-topic = What fails, and what becomes of it. { $mark }
chat-open-category = Incidents
chat-closed-category = Incidents, closed
chat-unreadable = This could not be read, so nothing was done. It is known here as { $reference }. Next: use the console or the command line, and report the number.
chat-crowded = Too many answers wait for Discord already, so nothing was done. Next: run it again in a minute, or use the console or the command line.
chat-outdated = This belongs to another version of Lifeboat, so nothing was done. Next: use a newer message, or type the command.
chat-stranger = Your Discord account is nobody who is configured, so this only reads. Nothing was changed. Next: have discord = "{ $id }" added to your section of lifeboat.toml.
chat-stranger-or-role = Your Discord account is nobody who is configured, so this only reads. Nothing was changed. Next: have discord = "{ $id }" added to your section of lifeboat.toml, or be given the { $roles }.
chat-postmortem = Postmortem of { $incident }:
chat-missed-before = { " I was away at " }
chat-missed-between = { " and missed " }
chat-missed-after = . Nothing was done. Run it again.
chat-cut-done = Lifeboat was stopped just after this was recorded: it is done. The timeline has it.
chat-cut-lost = Lifeboat was stopped before this was recorded: nothing was done. Run it again.
chat-unclear = Discord did not say whether it heard from Lifeboat in time: nothing was done. Run it again.
chat-not-configured = This configuration has no [discord]: the console is the chat. docs/discord.md leads to Discord in ten minutes.
