time-seconds = { $n } 秒
time-minutes = { $n } 分
time-hours = { $n } 小时
time-days = { $n } 天
time-share = { $n }%
