# Notices of Lifeboat in a channel: what happened, then what to do next.
notice-of-incident = { $incident }, { $title }: { $told }
notice-by = { $told } (by { $person })
notice-worse = { $told }. { $numbers }
notice-unrecorded = Not recorded: { $told }
notice-next-declare = No incident was opened. To open one: /incident declare title:{ $title } alert:{ $alert }
notice-next-declare-title = No incident was opened. To open one: /incident declare { $title }
notice-next-work = { $incident } is being investigated again. Next: /incident show { $incident }
notice-next-mitigate = Mitigated? Confirm with /incident mitigate { $incident }, or leave it open.
notice-next-resolve = Next: remove the cause, then /incident resolve { $incident }
notice-next-postmortem = Next: /incident postmortem { $incident }
notice-next-blind = Failures it would show are not seen until it can be read. Next: check that it exists and that Lifeboat may read it.
notice-next-not-understood = Failures it would show are not seen until its lines are understood. Next: compare its last lines with the formats Lifeboat reads and with `format` in lifeboat.toml.
notice-next-reserve = Next: free space on the data disk. Nothing recorded so far is lost.
notice-head = Record head: { $hash }
notice-repeated = (may be a repeat) { $told }
notice-next-chat = Alerts and commands go on here and on the command line. Next: lifeboat doctor says what is wrong.
notice-next-channel = What is for that channel waits; the console has it. Next: run lifeboat doctor, it names the permission that is missing.
