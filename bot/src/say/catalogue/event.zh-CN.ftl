# A line of the timeline for each kind of event. The person stands beside it, not in it.
event-lifeboat-started = Lifeboat { $version } 已启动
event-lifeboat-started-torn = Lifeboat { $version } 已启动；截去未写完的最后一条记录 { $bytes } 字节，已确认的内容没有丢失
event-lifeboat-stopped = Lifeboat 已停止
event-recording-resumed = 记录已恢复；自 { $since } 起曾无法记录。{ $n ->
    [0] 其间没有发出消息。
   *[other] 其间发出的 { $n } 条消息现已补记。
 }
event-reserve-in-use = 数据盘将满；正在使用备用空间继续记录

event-alert-moved = 失败来源已变：{ $told }；{ $points }
event-alert-grew = 加重，{ $severity }：{ $told }
event-alert-returned = { $times ->
    [1] 再次出现，{ $severity }：{ $told }
   *[other] 已第 { $times } 次再次出现，{ $severity }：{ $told }
 }
event-alert-still = 仍在失败，{ $severity }：{ $told }
event-alert-recovered-http = { $service } 的 { $code } 自 { $since } 起结束：现在 { $now }，最坏一分钟 { $peak }；共 { $total } 个请求，{ $bad } 个失败
event-alert-recovered-http-short = { $service } 的 { $code } 自 { $since } 起结束：现在 { $now }；共 { $total } 个请求，{ $bad } 个失败
event-alert-recovered-absent = { $service } 自 { $since } 起又有请求
event-alert-recovered-probe = { $service } 自 { $since } 起又可访问
event-alert-recovered-failed-start = { $service } 的 Pod 自 { $since } 起恢复启动
event-alert-recovered-capacity = { $service } 的定时节点自 { $since } 起到齐
event-alert-recovered-unknown = 告警 { $alert } 自 { $since } 起结束
event-alert-silenced = 静音至 { $until }：{ $title }
event-alert-silenced-reason = 静音至 { $until }：{ $title }。原因：{ $reason }
event-alert-unsilenced = 已取消静音：{ $title }
event-traffic-measured = { $service }：{ $from } 至 { $to } 共 { $total } 个请求，{ $bad } 个失败

event-source-blind = 无法读取 { $source }：{ $why }
event-source-seen = { $source } 已恢复读取
event-source-unwatched = 此前无法读取的 { $source } 已消失或不在配置中，不再查看
event-source-behind = { $source } 落后 { $size }；它的告警会延迟，追上之前不判断任何服务是否沉默

event-incident-declared = { $incident } 已创建，{ $severity }：{ $title }
event-incident-opened = { $incident } 自动创建，{ $severity }：{ $title }
event-channel-opened = 频道 #{ $channel } 已开启
event-alert-joined = 并入告警：{ $title }
event-acknowledged = 已接手
event-severity-changed = 级别 { $from } → { $to }
event-status-changed = 状态 { $from } → { $to }
event-status-changed-reason = 状态 { $from } → { $to }：{ $reason }
event-milestone-set = { $milestone }：{ $at }
event-role-taken = { $role }：{ $person }
event-update = 进展
event-update-conditions = 现状：{ $text }
event-update-actions = 行动：{ $text }
event-update-needs = 需要：{ $text }
event-message-pinned = { $author }：{ $text }
event-message-pinned-unknown = 消息 { $message } 已放上时间线
event-task-added = 任务 { $task }（{ $what }）：{ $text }
event-task-added-owner = 任务 { $task }（{ $what }），{ $owner }：{ $text }
event-task-done = 任务 { $task } 已完成
event-task-done-text = 任务 { $task } 已完成：{ $text }
event-recovery-proposed = 全部告警自 { $since } 起结束
event-merged = 转入 { $into } 继续
event-merged-from = { $from } 并入此处继续
event-redacted = 第 { $target } 条记录已遮盖
event-redacted-reason = 第 { $target } 条记录已遮盖：{ $reason }
event-tombstone = 已遮盖，见第 { $by } 条记录
event-tombstone-by = 已由 { $person } 遮盖：{ $reason }
event-postmortem-exported = 已导出复盘报告：{ $format }，{ $lang }
event-post-queued-card = { $incident } 的卡片等待发往 #{ $channel }
event-post-queued-notice = 第 { $about } 条记录的通知等待发往 #{ $channel }
event-post-sent = 消息 { $queued } 已送达
event-post-refused = 消息 { $queued } 被拒收，HTTP { $status }
event-post-gave-up = 消息 { $queued } 尝试 { $tries } 次后放弃
event-post-replaced = 消息 { $queued } 未发送，已由更新的状态代替
event-command-refused = 已拒绝：/{ $command }

event-actor-lifeboat = Lifeboat

# Messages on their way to chats outside, and where those are.
event-post-queued-plan = { $plan } 的卡片已排队，发往 #{ $channel }
event-post-queued-room = 正在为 { $incident } 准备频道 #{ $channel }
event-post-queued-farewell = { $incident } 的复盘报告已排队，发往 #{ $channel }
event-post-edited = 卡片 { $queued } 已更新到第 { $shown } 号记录
event-place-found = { $place } 在 { $chat } 中为 { $id }
event-place-mild = 按配置，{ $place } 在 { $chat } 中是卡片下的子区
event-place-full = { $chat } 已无法再建频道：{ $place } 改为卡片下的子区。下一步：删除旧频道，或指定其他分类
event-place-forbidden = { $chat } 不允许创建频道：{ $place } 改为卡片下的子区。下一步：运行 lifeboat doctor 查看缺少的权限
event-place-nothing = { $chat } 既不允许创建频道，也不允许创建子区：{ $place } 的内容发在公共频道。下一步：运行 lifeboat doctor
event-place-lost = { $place } 在 { $chat } 中已不存在
event-chat-lost = 自 { $since } 起无法连接 { $chat }
event-chat-back = { $chat } 已恢复连接；自 { $since } 起曾中断
event-channel-unreached = 自 { $since } 起 { $chat } 的 #{ $channel } 频道无法发送消息；其他频道正常
event-channel-reached = { $chat } 的 #{ $channel } 频道已恢复；自 { $since } 起曾无法发送消息
