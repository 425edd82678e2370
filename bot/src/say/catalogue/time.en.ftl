time-seconds = { $n } s
time-minutes = { $n } min
time-minutes-only = { $n } min
time-hours = { $n } h
time-days = { $n } d
time-share = { $n } %
time-of-zone = { $time } ({ $zone })
