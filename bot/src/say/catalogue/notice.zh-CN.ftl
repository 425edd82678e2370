# Notices of Lifeboat in a channel: what happened, then what to do next.
notice-of-incident = { $incident }（{ $title }）：{ $told }
notice-by = { $told }（{ $person }）
notice-worse = { $told }。{ $numbers }
notice-unrecorded = 未记录：{ $told }
notice-next-declare = 未创建事件。如需创建：/incident declare title:{ $title } alert:{ $alert }
notice-next-declare-title = 未创建事件。如需创建：/incident declare { $title }
notice-next-work = { $incident } 重新进入调查。下一步：/incident show { $incident }
notice-next-mitigate = 是否已缓解？用 /incident mitigate { $incident } 确认，或保持现状。
notice-next-resolve = 下一步：消除原因，然后 /incident resolve { $incident }
notice-next-postmortem = 下一步：/incident postmortem { $incident }
notice-next-blind = 恢复读取之前，看不到它所反映的故障。下一步：检查它是否存在、Lifeboat 是否有权读取。
notice-next-not-understood = 恢复识别之前，看不到它所反映的故障。下一步：对照它的最新几行、Lifeboat 能读的格式以及 lifeboat.toml 中的 `format`。
notice-next-reserve = 下一步：清理数据盘空间。已有记录没有丢失。
notice-head = 记录链头：{ $hash }
notice-repeated = （可能重复）{ $told }
notice-next-chat = 告警和命令在此处和命令行中照常可用。下一步：运行 lifeboat doctor 查看原因。
notice-next-channel = 发往该频道的消息正在等待，控制台中可以看到。下一步：运行 lifeboat doctor，查看缺少哪项权限。
