time-seconds = { $n } 秒
time-minutes = { $n } 分
time-minutes-only = { $n } 分钟
time-hours = { $n } 小时
time-days = { $n } 天
time-share = { $n }%
time-of-zone = { $time }（{ $zone }）
