# Single words: statuses, milestones, roles, kinds of tasks, clocks, the words on flags.
word-status-investigating = investigating
word-status-identified = identified
word-status-mitigated = mitigated
word-status-resolved = resolved
word-status-closed = closed
word-status-cancelled = cancelled

word-milestone-started = Started
word-milestone-detected = Detected
word-milestone-declared = Declared
word-milestone-acknowledged = Acknowledged
word-milestone-identified = Identified
word-milestone-mitigated = Mitigated
word-milestone-resolved = Resolved
word-milestone-closed = Closed

word-role-commander = Commander
word-role-operations = Operations
word-role-communications = Communications
word-role-scribe = Scribe

word-task-mitigate = ends the harm
word-task-prevent = prevents it
word-task-detect = sees it sooner
word-task-other = other

word-refused-not-signed-in = nobody was signed in
word-refused-not-allowed = no permission
word-refused-line = the line was not understood
word-refused-not-recording = nothing could be recorded
word-refused-then = did not fit how things stood

word-flag-quiet = QUIET
word-flag-blind = BLIND
word-flag-ended = ENDED
word-flag-void = VOID

word-permission-reader = reader
word-permission-responder = responder
word-permission-operator = operator
word-permission-approver = approver
word-permission-commander = commander
word-permission-admin = admin

word-list = { $list }, { $next }
word-names = { $list }, { $next }
word-sentences = { $list }; { $next }
word-or = { $list } or { $next }
word-discord-role = Discord role { $role }
word-role-holders = whoever has the { $role }
word-role-configured = configured people with the { $role }
