# What Lifeboat sees: the sentence when no incident is open, sources, strips under the header.
overview-quiet = 没有进行中的事件。{ $all } 个来源中 { $well } 个在读取。
overview-quiet-share = 没有进行中的事件。{ $share } 的请求失败；{ $all } 个来源中 { $well } 个在读取。
overview-quiet-alerts = 没有进行中的事件。{ $firing } 条告警中；{ $all } 个来源中 { $well } 个在读取。
overview-nothing-watched = Lifeboat 尚未监视任何对象：没有配置来源。
overview-nothing-read = Lifeboat 还没看到任何内容：没有来源给出过一行。
overview-blind = Lifeboat 看不见：自 { $since } 起读不到 { $source }。
overview-blind-all = Lifeboat 看不见：{ $n } 个来源全部无法读取。

overview-source-blind = 自 { $since } 起无法读取
overview-source-probe = 从外部探测
overview-source-read = 最后一行 { $at }，已读 { $n } 个请求
overview-source-nothing = 尚未读到任何行
overview-source-malformed = { $n } 行无法识别
overview-source-behind = 落后 { $size }

overview-unrecorded = 自 { $since } 起无法记录：{ $why }。告警照常发出并标明“未记录”；会改动内容的命令一律拒绝。下一步：检查数据盘。
overview-reserve = 数据盘将满，正在使用备用空间继续记录。下一步：清理空间。
overview-notice-blind = 自 { $since } 起无法读取 { $source }。它所反映的故障目前看不到。
overview-notice-blind-many = { $n } 个来源无法读取，最早自 { $since } 起。它们所反映的故障目前看不到。
overview-waiting = 自 { $since } 起有 { $n } 条消息等待发往外部聊天；顺序不变。本页内容完整。
overview-parked = { $n } 条消息未能送达外部聊天，最近一条 { $at }：{ $why }。本页内容完整。
overview-parked-refused = 被拒收，HTTP { $status }
overview-parked-gave-up = 尝试 { $tries } 次后放弃
