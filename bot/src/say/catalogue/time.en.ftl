time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $n } h
time-days = { $n } d
time-share = { $n } %
