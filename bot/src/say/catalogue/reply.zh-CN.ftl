# Private answers to commands.
reply-of-incident = { $incident }：{ $told }
reply-still-fires = 仍在告警：{ $alerts }
reply-fails-again = 尚未证实已经恢复。如果继续失败，{ $incident } 会自动回到调查中。
reply-not-recorded = 未执行：无法记录（{ $why }）。没有任何改动。
    下一步：检查数据盘，然后重新输入命令。其间告警照常发出。
reply-incident = { $severity } { $incident }，{ $title }：{ $status }，自 { $since } 起
reply-merged = 已并入 { $into }
reply-no-open-incident = 没有进行中的事件。
reply-no-incident = 还没有过事件。
reply-fact = { $label }：{ $text }
reply-task = 任务 { $task }（{ $what }），{ $owner }：{ $text }
reply-task-done = 任务 { $task }（{ $what }），{ $owner }，已完成：{ $text }
reply-postmortem = { $incident } 的复盘报告：{ $path }
reply-no-alert = 没有告警，也没有静音。
reply-alert-fires = { $severity } { $title }：自 { $since } 起告警中，占比 { $share }
reply-alert-fires-all = { $severity } { $title }：自 { $since } 起告警中，各状态码合计占比 { $share }
reply-alert-fires-only = { $severity } { $title }：自 { $since } 起告警中
reply-alert-over = { $severity } { $title }：已结束
reply-alert-silenced = 静音至 { $until }
reply-more = 另有 { $n } 条
reply-refused = 已拒绝。{ $why }没有任何改动。
    { $next }
